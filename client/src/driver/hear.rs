//! What a socket tells, and what that means to the session and to the application.

use gatewire::{
    CloseCode,
    frame::{self, GoAway, ServerFrame, Verdict},
};
use serde_json::value::RawValue;

use super::{Driver, SocketNumber};
use crate::{
    Error, Problem,
    session::{ActionId, Delivery, Input, Protocol, Socket as Which, Welcome},
    transport::{self, SocketEvent},
};

impl Driver {
    pub(super) fn hear(&self, socket: SocketNumber, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.opened(socket),
            SocketEvent::Text(text) if self.options.session.protocol == Protocol::Plain => {
                self.receive_plain(socket, &text);
            }
            SocketEvent::Text(text) => self.receive(socket, &text),
            SocketEvent::Binary => self.unreadable(socket, &Problem::Binary),
            SocketEvent::Untrusted(reason) => self.options.report(&Problem::Tls(reason)),
            SocketEvent::Closed(code) => self.ended(socket, code),
        }
    }

    /// In the plain protocol that is welcome enough.
    fn opened(&self, socket: SocketNumber) {
        {
            let core = &mut *self.core.lock();
            if core.role(socket) == Some(Which::Attempt) {
                core.machine.handle(Input::Opened, self.place.now());
                if let Some(attempt) = &mut core.attempt {
                    attempt.is_welcome = self.options.session.protocol == Protocol::Plain;
                }
            }
        }
        self.run();
    }

    fn ended(&self, socket: SocketNumber, reason: CloseCode) {
        {
            let core = &mut *self.core.lock();
            let input = match core.role(socket) {
                Some(Which::Line) => Input::Closed(reason),
                Some(Which::Attempt) => Input::Failed(reason),
                None => return,
            };
            core.forget(socket);
            core.machine.handle(input, self.place.now());
        }
        self.run();
    }

    /// Tells the session of the line, unless it has let go of that socket.
    pub(super) fn tell_line(&self, socket: SocketNumber, input: Input) {
        {
            let core = &mut *self.core.lock();
            if core.role(socket) == Some(Which::Line) {
                core.machine.handle(input, self.place.now());
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
            ServerFrame { welcome: Some(welcome), .. } => self.welcomed(socket, &welcome),
            ServerFrame { id: Some(id), accepted: Some(accepted), .. } => {
                let Some(id) = self.own(id) else { return };
                self.answers.accept(id, accepted);
                self.tell_line(socket, Input::Accepted(id));
            }
            ServerFrame { id: Some(id), data, error, .. } => {
                let Some(id) = self.own(id) else { return };
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
            ServerFrame { token: Some(taken), .. } => {
                let delay = self.token_lasts(taken.expires);
                self.tell_line(socket, Input::Expires { delay });
            }
            ServerFrame { event: Some(event), seq, data, .. } => {
                self.deliver(socket, seq, &event, data.unwrap_or(RawValue::NULL));
            }
            ServerFrame { error, .. } => {
                if let Some(error) = error {
                    self.options.report(&Problem::Server(error));
                }
                self.tell_line(socket, Input::Heard);
            }
        }
    }

    fn welcomed(&self, socket: SocketNumber, welcome: &frame::Welcome) {
        let refresh_in = self.token_lasts(welcome.expires);
        {
            let core = &mut *self.core.lock();
            if core.role(socket) != Some(Which::Attempt) {
                return;
            }
            let limits = welcome.limits;
            core.limit = limits.message;
            core.offset.get_or_insert_with(|| self.offset(welcome.last_id));
            core.resumed = welcome.resumed;
            let told = Welcome {
                heartbeat: welcome.heartbeat,
                message: limits.message,
                in_flight: limits.in_flight,
                seen: welcome.seen,
                resumed: welcome.resumed,
                gap: welcome.gap,
                refresh_in,
            };
            core.machine.handle(Input::Welcome(told), self.place.now());
            if let Some(attempt) = &mut core.attempt {
                attempt.is_welcome = true;
            }
        }
        self.judge(welcome.contract);
        self.run();
    }

    /// A session with a name counts on from where the client before this one stopped. The server may
    /// have forgotten where, and its queue not yet which ids it had: the time is beyond them all.
    fn offset(&self, last_id: ActionId) -> ActionId {
        let has_name = self.options.key.is_some();
        if has_name { last_id.max(transport::unix_now()) } else { last_id }
    }

    fn judge(&self, verdict: Option<Verdict>) {
        if let Some(tell) = self.contract.judge(verdict) {
            self.options.report(&Problem::ContractChanged);
            tell();
        }
    }

    /// An event of a socket that was let go of comes again on the next; one without a number does not.
    fn deliver(&self, socket: SocketNumber, seq: Option<u64>, event: &str, data: &RawValue) {
        let _turn = self.delivering.take();
        let delivery = {
            let core = &mut *self.core.lock();
            match (seq, core.role(socket)) {
                (Some(number), Some(Which::Line)) => core.machine.event(number, self.place.now()),
                (Some(_), _) => Delivery::Duplicate,
                (None, role) => {
                    if role == Some(Which::Line) {
                        core.machine.handle(Input::Heard, self.place.now());
                    }
                    Delivery::Fresh
                }
            }
        };
        self.run();
        if delivery == Delivery::Gap {
            self.gaps.call(&());
        }
        if delivery != Delivery::Duplicate {
            self.post(event, data);
        }
    }

    pub(super) fn post(&self, event: &str, data: &RawValue) {
        let listeners = self.events.lock().get(event).cloned();
        if let Some(listeners) = listeners {
            listeners.call(data);
        }
    }

    /// The session's own id of an action; none for what a page before this one has sent.
    fn own(&self, on_wire: ActionId) -> Option<ActionId> {
        on_wire.checked_sub(self.core.lock().offset?)
    }

    /// A frame like any other to the session: the server lives.
    fn unreadable(&self, socket: SocketNumber, problem: &Problem) {
        self.options.report(problem);
        self.tell_line(socket, Input::Heard);
    }
}
