//! What a socket tells, and what that means to the session and to the application.

use gatewire::{
    CloseCode, Limits,
    frame::{GoAway, ServerFrame},
};
use serde_json::value::RawValue;

use super::{Core, Driver, Held, SocketNumber};
use crate::{
    Error, Problem,
    session::{Input, Millis, Welcome},
    transport::SocketEvent,
};

impl Driver {
    pub(super) fn hear(&self, socket: SocketNumber, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.tell_attempt(socket, Input::Opened),
            SocketEvent::Text(text) => self.receive(socket, &text),
            SocketEvent::Binary => self.unreadable(socket, &Problem::Binary),
            SocketEvent::Closed(code) => self.ended(socket, code),
        }
    }

    /// Tells the session of the line, unless it has let go of that socket.
    fn tell_line(&self, socket: SocketNumber, input: Input) {
        {
            let core = &mut *self.core.lock();
            if is(socket, core.line.as_ref()) {
                core.machine.handle(input, self.place.now());
            }
        }
        self.run();
    }

    /// Tells the session of the attempt, unless it has let go of that socket.
    fn tell_attempt(&self, socket: SocketNumber, input: Input) {
        {
            let core = &mut *self.core.lock();
            if is(socket, core.attempt.as_ref()) {
                core.machine.handle(input, self.place.now());
            }
        }
        self.run();
    }

    fn ended(&self, socket: SocketNumber, code: CloseCode) {
        {
            let Core { machine, line, attempt, .. } = &mut *self.core.lock();
            let now = self.place.now();
            if is(socket, line.as_ref()) {
                *line = None;
                machine.handle(Input::Closed(code), now);
            } else if is(socket, attempt.as_ref()) {
                *attempt = None;
                machine.handle(Input::Failed(code), now);
            }
        }
        self.run();
    }

    fn receive(&self, socket: SocketNumber, text: &str) {
        let frame = match ServerFrame::parse(text) {
            Ok(frame) => frame,
            Err(source) => return self.unreadable(socket, &Problem::Frame(source)),
        };
        match frame {
            ServerFrame { welcome: Some(welcome), .. } => {
                let Limits { message, in_flight } = welcome.limits;
                let told = Welcome {
                    heartbeat: welcome.heartbeat,
                    message,
                    in_flight,
                    seen: 0,
                    resumed: welcome.resumed,
                    gap: false,
                    refresh_in: Millis::MAX,
                };
                self.tell_attempt(socket, Input::Welcome(told));
            }
            ServerFrame { id: Some(id), accepted: Some(_), .. } => {
                self.tell_line(socket, Input::Accepted(id));
            }
            ServerFrame { id: Some(id), data, error, .. } => {
                let reply = || data.unwrap_or(RawValue::NULL).to_owned();
                let answer = error.map_or_else(|| Ok(reply()), |error| Err(Error::Server(error)));
                self.answers.tell(id, answer);
                // Whichever socket brought it: this action is not to be written again.
                self.tell(Input::Answered(id));
            }
            ServerFrame { ping: Some(number), .. } => self.tell_line(socket, Input::Ping(number)),
            ServerFrame { goaway: Some(GoAway { delay, .. }), .. } => {
                self.tell_line(socket, Input::GoAway { delay });
            }
            ServerFrame { event, data, error, .. } => {
                self.tell_line(socket, Input::Heard);
                if let Some(error) = error {
                    self.options.report(&Problem::Server(error));
                }
                if let Some(event) = event {
                    self.post(&event, data.unwrap_or(RawValue::NULL));
                }
            }
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
        self.tell_line(socket, Input::Heard);
    }
}

fn is(number: SocketNumber, held: Option<&Held>) -> bool {
    held.is_some_and(|held| held.number == number)
}
