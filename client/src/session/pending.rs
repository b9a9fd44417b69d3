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
    /// When the server may have seen it for the first time.
    first_written: Option<Millis>,
    /// Whether the server said that it is on disk.
    pub(super) accepted: bool,
}

impl Pending {
    pub(super) fn new(id: ActionId, size: usize, deadline: Millis) -> Self {
        Self { id, size, deadline, first_written: None, accepted: false }
    }

    pub(super) fn write(&mut self, now: Millis) {
        self.first_written.get_or_insert(now);
    }

    /// When it stops being worth waiting for, and what to tell the caller then. An action on the socket
    /// may still be answered until its deadline; one that would have to be written again may become
    /// too old for that first.
    pub(super) fn expiry(&self, on_socket: bool) -> (Millis, Rejection) {
        let too_old = match self.first_written {
            Some(written) if !on_socket => written + REWRITABLE,
            _ => Millis::MAX,
        };
        if too_old < self.deadline {
            (too_old, Rejection::Lost)
        } else {
            (self.deadline, Rejection::Timeout)
        }
    }
}
