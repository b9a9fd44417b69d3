//! The sockets that a session has: the line, and an attempt that is to become it.

use std::mem;

use gatewire::{
    CloseCode,
    frame::{Hello, to_client, to_server},
};

use super::{Core, Driver, answers::Frame};
use crate::{
    Error,
    session::{ActionId, Input, Protocol, Socket as Which},
    transport::Socket,
};

/// Which of a session's sockets, in the order that they were opened. One that was let go of may still
/// be telling something.
pub(super) type SocketNumber = u64;

/// A socket that the session knows of.
pub(super) struct Held {
    pub(super) number: SocketNumber,
    socket: Socket,
    /// Whether its welcome came: from then on it is the line, though the older one is still held until
    /// [`Output::Promote`](crate::session::Output::Promote) is done.
    pub(super) is_welcome: bool,
}

impl Core {
    /// What a socket is to the session; nothing if it was let go of.
    pub(super) fn role(&self, number: SocketNumber) -> Option<Which> {
        let is = |held: &&Held| held.number == number;
        match &self.attempt {
            Some(attempt) if is(&attempt) && !attempt.is_welcome => Some(Which::Attempt),
            Some(attempt) if attempt.is_welcome => Some(attempt).filter(is).map(|_| Which::Line),
            _ => self.line.as_ref().filter(is).map(|_| Which::Line),
        }
    }

    /// Writes to the line, if there is one.
    pub(super) fn say(&self, text: String) {
        if let Some(line) = &self.line {
            line.socket.send(text);
        }
    }

    /// Forgets a socket that has ended.
    pub(super) fn forget(&mut self, number: SocketNumber) {
        for held in [&mut self.line, &mut self.attempt] {
            drop(held.take_if(|held| held.number == number));
        }
    }
}

impl Driver {
    /// Tried again, a token or a URL that cannot be used stays so: the session ends with the reason.
    pub(super) fn open(&self) {
        let opened = self.dial().and_then(|dial| {
            let core = &mut *self.core.lock();
            core.number += 1;
            let (me, number) = (self.me.clone(), core.number);
            let hear = move |event| {
                if let Some(driver) = me.upgrade() {
                    driver.hear(number, event);
                }
            };
            let socket = self.place.open(&dial, hear)?;
            core.attempt = Some(Held { number, socket, is_welcome: false });
            Ok(())
        });
        if let Err(reason) = opened {
            self.end(Error::Unusable(reason));
        }
    }

    /// The attempt's socket is the line; the older one is left.
    pub(super) fn promote(&self) {
        let core = &mut *self.core.lock();
        let older = mem::replace(&mut core.line, core.attempt.take());
        if let Some(older) = older {
            older.socket.close(CloseCode::RECONNECTING);
        }
        if self.options.session.protocol == Protocol::Plain {
            // Nobody else says when the token expires.
            let delay = self.token_lasts(None);
            core.machine.handle(Input::Expires { delay }, self.place.now());
        }
    }

    pub(super) fn hang_up(&self, which: Which, reason: CloseCode) {
        let core = &mut *self.core.lock();
        let held = match which {
            Which::Line => &mut core.line,
            Which::Attempt => &mut core.attempt,
        };
        if let Some(held) = held.take() {
            held.socket.close(reason);
        }
    }

    pub(super) fn write_hello(&self) {
        let core = self.core.lock();
        let contract = self.contract.fingerprint().map(str::to_owned);
        let hello = Hello { session: self.key.clone(), contract, seen: core.machine.seen() };
        if let Some(attempt) = &core.attempt {
            attempt.socket.send(to_server::hello(&hello));
        }
    }

    /// Writes an action, unless nobody waits for it any more.
    pub(super) fn write_action(&self, id: ActionId) {
        let is_plain = self.options.session.protocol == Protocol::Plain;
        {
            let core = self.core.lock();
            let Some(line) = &core.line else { return };
            let on_wire = id + core.offset.unwrap_or(0);
            let (seen, limit) = (core.machine.seen().unwrap_or(0), core.limit);
            let text = self.answers.write(id, |frame| {
                if is_plain { frame.plain() } else { frame.acknowledging(on_wire, seen, limit) }
            });
            let Some(text) = text else { return };
            line.socket.send(text);
        }
        if is_plain {
            self.written(id);
        }
        self.measure(Some(self.options.high_water));
    }

    /// How many bytes the frame of an action has.
    pub(super) fn size(&self, frame: &Frame, on_wire: ActionId) -> usize {
        match self.options.session.protocol {
            Protocol::Gatewire => frame.size(on_wire),
            Protocol::Plain => frame.plain().len(),
        }
    }

    /// Tells how many bytes wait in the socket, if they are more than so many.
    pub(super) fn measure(&self, most: Option<usize>) {
        let core = &mut *self.core.lock();
        let Some(line) = &core.line else { return };
        let waiting = line.socket.buffered();
        if most.is_none_or(|most| waiting > most) {
            core.machine.handle(Input::Buffered(waiting), self.place.now());
        }
    }

    pub(super) fn write_ping(&self, number: u64) {
        let core = self.core.lock();
        core.say(to_server::ping(number, core.machine.seen().unwrap_or(0)));
    }

    pub(super) fn write_pong(&self, number: u64) {
        self.core.lock().say(to_client::pong(number));
    }

    pub(super) fn write_token(&self) {
        let token = self.token.lock().clone();
        if let Some(token) = token {
            self.core.lock().say(to_server::token(&token));
        }
    }
}
