//! What a socket tells, and what that means to the session and to the application.

use gatewire::{
    Limits,
    frame::{GoAway, ServerFrame, Verdict},
};
use serde_json::value::RawValue;

use super::{Driver, SocketNumber};
use crate::{
    Error, Problem,
    session::{Input, Welcome},
    transport::SocketEvent,
};

impl Driver {
    pub(super) fn hear(&self, socket: SocketNumber, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.tell_of(socket, Input::Opened),
            SocketEvent::Text(text) => self.receive(socket, &text),
            SocketEvent::Binary => self.unreadable(socket, &Problem::Binary),
            SocketEvent::Untrusted(reason) => self.options.report(&Problem::Tls(reason)),
            SocketEvent::Closed(code) => self.tell_of(socket, Input::Closed(code)),
        }
    }

    /// Tells the session of a socket, unless it has let go of that: what it hears is about its newest.
    fn tell_of(&self, socket: SocketNumber, input: Input) {
        {
            let core = &mut *self.core.lock();
            if core.socket.is_none() || core.number != socket {
                return;
            }
            if let Input::Closed(_) = input {
                core.socket = None;
            }
            core.machine.handle(input, self.place.now());
        }
        self.run();
    }

    fn is_current(&self, socket: SocketNumber) -> bool {
        let core = self.core.lock();
        core.socket.is_some() && core.number == socket
    }

    fn receive(&self, socket: SocketNumber, text: &str) {
        let frame = match ServerFrame::parse(text) {
            Ok(frame) => frame,
            Err(source) => return self.unreadable(socket, &Problem::Frame(source)),
        };
        match frame {
            ServerFrame { welcome: Some(welcome), .. } => {
                let Limits { message, in_flight } = welcome.limits;
                let heartbeat = welcome.heartbeat;
                if self.is_current(socket) {
                    self.judge(welcome.contract);
                }
                self.tell_of(socket, Input::Welcome(Welcome { heartbeat, message, in_flight }));
            }
            ServerFrame { id: Some(id), accepted: Some(_), .. } => {
                self.tell_of(socket, Input::Accepted(id));
            }
            ServerFrame { id: Some(id), data, error, .. } => {
                let reply = || data.unwrap_or(RawValue::NULL).to_owned();
                let answer = error.map_or_else(|| Ok(reply()), |error| Err(Error::Server(error)));
                self.answers.tell(id, answer);
                // Whichever socket brought it: this action is not to be written again.
                self.tell(Input::Answered(id));
            }
            ServerFrame { ping: Some(number), .. } => self.tell_of(socket, Input::Ping(number)),
            ServerFrame { goaway: Some(GoAway { delay, .. }), .. } => {
                self.tell_of(socket, Input::GoAway { delay });
            }
            ServerFrame { event, data, error, .. } => {
                self.tell_of(socket, Input::Heard);
                if let Some(error) = error {
                    self.options.report(&Problem::Server(error));
                }
                if let Some(event) = event {
                    self.post(&event, data.unwrap_or(RawValue::NULL));
                }
            }
        }
    }

    fn judge(&self, verdict: Option<Verdict>) {
        if let Some(tell) = self.contract.judge(verdict) {
            self.options.report(&Problem::ContractChanged);
            tell();
        }
    }

    fn post(&self, event: &str, data: &RawValue) {
        let listeners = self.events.lock().get(event).cloned();
        if let Some(listeners) = listeners {
            listeners.call(data);
        }
    }

    /// A frame like any other to the session: the server lives.
    fn unreadable(&self, socket: SocketNumber, problem: &Problem) {
        self.options.report(problem);
        self.tell_of(socket, Input::Heard);
    }
}
