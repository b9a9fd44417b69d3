//! One action without an answer.

use super::{ActionId, Millis, Rejection};

/// How long after its first writing an action may be written again, in milliseconds.
///
/// A server remembers for five minutes which actions of a session it has run (the deduplication
/// interval of an SQS FIFO queue). One minute of it is left for the way and for clocks that differ.
pub const REWRITABLE: Millis = 4 * 60 * 1000;

/// What the session knows of an action; its text stays with the driver.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: ActionId,
    /// The whole frame in bytes of UTF-8.
    pub(super) size: usize,
    /// When the caller stops waiting.
    deadline: Millis,
    /// When to stop trying to write it, or to write it again.
    last_call: Millis,
    /// Whether it was written, to any socket.
    pub(super) was_written: bool,
    /// Whether the server said that it is on disk.
    pub(super) accepted: bool,
    /// What to tell the caller as soon as somebody listens.
    pub(super) rejection: Option<Rejection>,
}

impl Pending {
    /// `last_call` is when it is too late to write it for the first time.
    pub(super) fn new(id: ActionId, size: usize, deadline: Millis, last_call: Millis) -> Self {
        Self { id, size, deadline, last_call, was_written: false, accepted: false, rejection: None }
    }

    pub(super) fn write(&mut self, now: Millis) {
        if !self.was_written {
            self.was_written = true;
            self.last_call = now + REWRITABLE;
        }
    }

    /// When it stops being worth waiting for, and what to tell the caller then. An action on the socket
    /// may still be answered until its deadline; one that would have to be written may become too old
    /// for that first.
    pub(super) fn expiry(&self, on_socket: bool) -> (Millis, Rejection) {
        if on_socket || self.deadline <= self.last_call {
            (self.deadline, Rejection::Timeout)
        } else if self.was_written {
            (self.last_call, Rejection::Lost)
        } else {
            (self.last_call, Rejection::Expired)
        }
    }
}
