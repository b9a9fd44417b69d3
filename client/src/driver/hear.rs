//! What a socket tells, and what that means to the session and to the application.

use gatewire::{
    Limits,
    frame::{GoAway, ServerFrame},
};
use serde_json::value::RawValue;

use super::Driver;
use crate::{
    Error, Problem,
    session::{Input, Welcome},
    transport::SocketEvent,
};

impl Driver {
    pub(super) fn hear(&self, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.tell(Input::Opened),
            SocketEvent::Text(text) => self.receive(&text),
            SocketEvent::Binary => self.unreadable(&Problem::Binary),
            SocketEvent::Closed(code) => {
                self.socket.take();
                self.tell(Input::Closed(code));
            }
        }
    }

    fn receive(&self, text: &str) {
        let frame = match ServerFrame::parse(text) {
            Ok(frame) => frame,
            Err(source) => return self.unreadable(&Problem::Frame(source)),
        };
        match frame {
            ServerFrame { welcome: Some(welcome), .. } => {
                let Limits { message, in_flight } = welcome.limits;
                let heartbeat = welcome.heartbeat;
                self.tell(Input::Welcome(Welcome { heartbeat, message, in_flight }));
            }
            ServerFrame { id: Some(id), accepted: Some(_), .. } => self.tell(Input::Accepted(id)),
            ServerFrame { id: Some(id), data, error, .. } => {
                let reply = || data.unwrap_or(RawValue::NULL).to_owned();
                let answer = error.map_or_else(|| Ok(reply()), |error| Err(Error::Server(error)));
                self.answers.tell(id, answer);
                self.tell(Input::Answered(id));
            }
            ServerFrame { ping: Some(number), .. } => self.tell(Input::Ping(number)),
            ServerFrame { goaway: Some(GoAway { delay, .. }), .. } => {
                self.tell(Input::GoAway { delay });
            }
            ServerFrame { event, data, error, .. } => {
                self.tell(Input::Heard);
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
        let listeners = self.events.borrow().get(event).cloned();
        if let Some(listeners) = listeners {
            listeners.call(data);
        }
    }

    /// A frame like any other to the session: the server lives.
    fn unreadable(&self, problem: &Problem) {
        self.options.report(problem);
        self.tell(Input::Heard);
    }
}
