//! One action without an answer.

use super::{ActionId, Millis, Reason, Rejection};

/// How long after its first writing an action may be written again, in milliseconds.
///
/// A server remembers for five minutes which actions of a session it has run (the deduplication
/// interval of an SQS FIFO queue). One minute of it is left for the way and for clocks that differ.
pub const REWRITABLE: Millis = 4 * 60 * 1000;

/// What the session knows of an action; its text stays with the driver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) id: ActionId,
    /// When the caller stops waiting.
    deadline: Millis,
    /// When to stop trying to write it, or to write it again.
    last_call: Millis,
    /// The whole frame in bytes of UTF-8.
    pub(super) size: usize,
    /// Whether it was written, to any socket.
    was_written: bool,
    /// Whether the server said that it is on disk.
    pub(super) accepted: bool,
    /// Why to reject it as soon as somebody listens, or [`Reason::NONE`].
    pub(super) reason: Reason,
}

impl Pending {
    /// No action.
    pub(super) const NONE: Self = Self::new(0, 0, 0, 0);

    /// `last_call` is when it is too late to write it for the first time.
    pub(super) const fn new(
        id: ActionId,
        size: usize,
        deadline: Millis,
        last_call: Millis,
    ) -> Self {
        let reason = Reason::NONE;
        Self { id, deadline, last_call, size, was_written: false, accepted: false, reason }
    }

    pub(super) fn write(&mut self, now: Millis) {
        if !self.was_written {
            self.was_written = true;
            self.last_call = now + REWRITABLE;
        }
    }

    pub(super) fn is_undecided(&self) -> bool {
        self.reason == Reason::NONE
    }

    /// Whether another one may take its place: nobody can have run it.
    pub(super) fn is_droppable(&self) -> bool {
        !self.was_written && self.is_undecided()
    }

    /// When to reject it, and why. An action on the socket may still be answered until its deadline;
    /// one that would have to be written may become too old for that first.
    pub(super) fn verdict(&self, on_socket: bool, limit: usize) -> (Millis, Reason) {
        if !self.is_undecided() {
            (0, self.reason)
        } else if self.size > limit {
            (0, Reason::of(Rejection::TooLarge))
        } else if on_socket || self.deadline <= self.last_call {
            (self.deadline, Reason::of(Rejection::Timeout))
        } else if self.was_written {
            (self.last_call, Reason::of(Rejection::Lost))
        } else {
            (self.last_call, Reason::of(Rejection::Expired))
        }
    }
}
