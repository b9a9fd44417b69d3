//! The actions without an answer, in the order of their ids.

use alloc::vec::Vec;

use super::{ActionId, Millis, Options, Overflow, Rejection, list::push, pending::Pending};

/// Which actions are on the socket, and which wait for one.
///
/// Actions are written in the order of their ids and a lost socket sends all of them back to waiting,
/// so those on the socket always come first: one number tells the two apart.
#[derive(Debug)]
pub(super) struct Outbox {
    actions: Vec<Pending>,
    /// How many of `actions`, from the front, are on the socket.
    written: usize,
    /// The id of the next action. It counts from 1.
    next_id: ActionId,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { actions: Vec::new(), written: 0, next_id: 1 }
    }

    pub(super) fn next_id(&self) -> ActionId {
        self.next_id
    }

    /// Uses up an id, whatever becomes of its action.
    pub(super) fn take_id(&mut self) -> ActionId {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// How many actions have no answer.
    pub(super) fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether one more action of this size may wait. That may cost the oldest ones their place, but
    /// none that was written before: it may have been run.
    pub(super) fn make_room(&mut self, size: usize, options: &Options) -> bool {
        let drops = options.overflow == Overflow::DropOldest;
        if !self.has_room(size, options, &|pending| pending.was_written || !drops) {
            return false;
        }
        while !self.has_room(size, options, &|_| true) {
            let mut waiting = self.actions.iter_mut().skip(self.written);
            match waiting.find(|it| !it.was_written && it.rejection.is_none()) {
                Some(oldest) => oldest.rejection = Some(Rejection::Dropped),
                None => return false,
            }
        }
        true
    }

    pub(super) fn push(&mut self, pending: Pending) {
        push(&mut self.actions, pending);
    }

    /// The next action to write, if fewer than `in_flight` are on the socket. It counts as written.
    pub(super) fn write(&mut self, in_flight: usize, now: Millis) -> Option<ActionId> {
        if self.written >= in_flight {
            return None;
        }
        let pending = self.actions.get_mut(self.written)?;
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
        for pending in self.actions.iter_mut().filter(|it| it.id == id) {
            pending.accepted = true;
        }
    }

    /// Nobody waits for this action any more. An unknown id is a late or second answer.
    pub(super) fn remove(&mut self, id: ActionId) {
        let mut index = 0;
        let written = self.written;
        self.actions.retain(|pending| {
            let stays = pending.id != id;
            self.written -= usize::from(index < written && !stays);
            index += 1;
            stays
        });
    }

    /// The server found an action too large: most likely the largest one on the socket that it has not
    /// accepted. Written again it would close the next socket too.
    pub(super) fn refuse_largest(&mut self) {
        let written = self.actions.iter_mut().take(self.written);
        let unread = written.filter(|pending| !pending.accepted);
        if let Some(largest) = unread.max_by_key(|pending| pending.size) {
            largest.rejection = Some(Rejection::TooLarge);
        }
    }

    /// Takes out the first action that need not wait any longer: everything when `ended` says why,
    /// otherwise what is larger than the limit, or too late.
    pub(super) fn take_rejected(
        &mut self,
        ended: Option<Rejection>,
        limit: usize,
        now: Millis,
    ) -> Option<(ActionId, Rejection)> {
        let (id, reason) = self.actions.iter().enumerate().find_map(|(index, pending)| {
            let (when, late) = pending.expiry(index < self.written);
            let too_large = (pending.size > limit).then_some(Rejection::TooLarge);
            let late = (when <= now).then_some(late);
            let reason = ended.or(pending.rejection).or(too_large).or(late)?;
            Some((pending.id, reason))
        })?;
        self.remove(id);
        Some((id, reason))
    }

    /// When the next action is too late; [`Millis::MAX`] for never.
    pub(super) fn deadline(&self) -> Millis {
        let expiries = self.actions.iter().enumerate();
        expiries
            .map(|(index, pending)| pending.expiry(index < self.written).0)
            .fold(Millis::MAX, Millis::min)
    }

    /// Whether what waits and `counts` leaves room for one more action of this size.
    fn has_room(&self, size: usize, options: &Options, counts: &dyn Fn(&Pending) -> bool) -> bool {
        let waiting = self.actions.iter().skip(self.written);
        let (mut length, mut bytes) = (0, size);
        for pending in waiting.filter(|it| it.rejection.is_none() && counts(it)) {
            length += 1;
            bytes = bytes.saturating_add(pending.size);
        }
        length < options.queue_length && bytes <= options.queue_bytes
    }
}
