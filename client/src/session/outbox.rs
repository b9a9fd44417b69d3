//! The actions without an answer, in the order of their ids.

use super::{ActionId, Millis, Options, Reason, Rejection, list::List, pending::Pending};

/// How many actions the module in the npm package has room for, whatever its options say. They are 40
/// bytes each, which a browser gives only when they are used.
const MOST: usize = 8_192;

/// An action that need not wait any longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    /// From when on; [`Millis::MAX`] for never.
    pub(super) when: Millis,
    pub(super) id: ActionId,
    pub(super) reason: Reason,
}

impl Due {
    const NONE: Self = Self { when: Millis::MAX, id: 0, reason: Reason::NONE };
}

/// Which actions are on the socket, and which wait for one.
///
/// Actions are written in the order of their ids and a lost socket sends all of them back to waiting,
/// so those on the socket always come first: one number tells the two apart.
#[derive(Debug)]
#[repr(C)] // the list comes last, as in the session
pub(super) struct Outbox {
    /// How many of `actions`, from the front, are on the socket.
    written: usize,
    /// The id of the action that came last. They count from 1.
    last_id: ActionId,
    /// The action to reject next, when somebody looked last.
    due: Due,
    actions: List<Pending, MOST>,
}

impl Outbox {
    pub(super) const fn new() -> Self {
        Self { actions: List::new(Pending::NONE), written: 0, last_id: 0, due: Due::NONE }
    }

    pub(super) fn next_id(&self) -> ActionId {
        self.last_id + 1
    }

    /// How many actions have no answer.
    pub(super) fn len(&self) -> usize {
        self.actions.as_slice().len()
    }

    /// Takes one more action; see [`Pending::new`].
    pub(super) fn push(&mut self, size: usize, deadline: Millis, last_call: Millis) {
        self.last_id += 1;
        self.actions.push(Pending::new(self.last_id, size, deadline, last_call));
    }

    /// Whether there is room for one more action of this size: on a socket that takes `at_once` actions
    /// if none is answered meanwhile, or in the queue. That may cost the oldest ones there their place,
    /// but none that was written before: it may have been run.
    pub(super) fn make_room(&mut self, size: usize, at_once: usize, options: &Options) -> bool {
        if self.actions.is_full() || self.len() < at_once {
            return !self.actions.is_full();
        }
        let drops = options.drops_oldest();
        let queue = at_once.max(self.written); // where it begins
        if !self.has_room(size, queue, options, drops) {
            return false;
        }
        while drops && !self.has_room(size, queue, options, false) {
            let mut waiting = self.actions.as_mut_slice().iter_mut().skip(queue);
            if let Some(oldest) = waiting.find(|it| it.is_droppable()) {
                oldest.reason = Reason::of(Rejection::Dropped);
            }
        }
        true
    }

    /// The next action to write, if fewer than `in_flight` are on the socket. It counts as written.
    pub(super) fn write(&mut self, in_flight: usize, now: Millis) -> Option<ActionId> {
        if self.written >= in_flight {
            return None;
        }
        let pending = self.actions.as_mut_slice().get_mut(self.written)?;
        pending.write(now);
        self.written += 1;
        Some(pending.id)
    }

    /// The socket is gone: everything unanswered waits for the next one.
    pub(super) fn rewind(&mut self) {
        self.written = 0;
    }

    /// The server has this action on disk.
    pub(super) fn accept(&mut self, id: ActionId) {
        if let Some(index) = self.find(id)
            && let Some(pending) = self.actions.as_mut_slice().get_mut(index)
        {
            pending.accepted = true;
        }
    }

    /// Nobody waits for this action any more. An unknown id is a late or second answer.
    pub(super) fn remove(&mut self, id: ActionId) {
        if let Some(index) = self.find(id) {
            self.actions.remove(index);
            self.written -= usize::from(index < self.written);
        }
    }

    /// The server found an action too large: most likely the largest one on the socket that it has not
    /// accepted. Written again it would close the next socket too.
    pub(super) fn refuse_largest(&mut self) {
        let mut largest = None;
        let mut size = 0;
        for pending in self.actions.as_mut_slice().iter_mut().take(self.written) {
            if !pending.accepted && pending.size >= size {
                size = pending.size;
                largest = Some(pending);
            }
        }
        if let Some(largest) = largest {
            largest.reason = Reason::of(Rejection::TooLarge);
        }
    }

    /// There will be no answers.
    pub(super) fn reject_all(&mut self, reason: Reason) {
        for pending in self.actions.as_mut_slice() {
            pending.reason = reason;
        }
    }

    /// The action to reject next, as of the last [`look`](Self::look).
    pub(super) fn due(&self) -> Due {
        self.due
    }

    /// Looks for the action to reject next. `limit` is that of the server's for messages.
    pub(super) fn look(&mut self, limit: usize) {
        self.due = Due::NONE;
        for (index, pending) in self.actions.as_slice().iter().enumerate() {
            let (when, reason) = pending.verdict(index < self.written, limit);
            if when < self.due.when {
                self.due = Due { when, id: pending.id, reason };
            }
        }
    }

    /// Whether the queue, from this index on, leaves room for one more action of this size; without what could be
    /// dropped, if that is `spared`.
    fn has_room(&self, size: usize, queue: usize, options: &Options, spared: bool) -> bool {
        let (mut length, mut bytes) = (0, size);
        for pending in self.actions.as_slice().iter().skip(queue) {
            if pending.is_undecided() && !(spared && pending.is_droppable()) {
                length += 1;
                bytes = bytes.saturating_add(pending.size);
            }
        }
        length < options.queue_length && bytes <= options.queue_bytes
    }

    fn find(&self, id: ActionId) -> Option<usize> {
        self.actions.as_slice().iter().position(|pending| pending.id == id)
    }
}
