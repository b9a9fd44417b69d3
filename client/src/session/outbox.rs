//! The actions without an answer, in the order of their ids.

use alloc::vec::Vec;

use super::{
    ActionId, Millis, Options, Output, Rejection, list::push, output::Outputs, pending::Pending,
};

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
    options: Options,
}

impl Outbox {
    pub(super) fn new(options: Options) -> Self {
        Self { actions: Vec::new(), written: 0, next_id: 1, options }
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

    /// Whether one more action of this size may wait.
    pub(super) fn has_room(&self, size: usize) -> bool {
        let waiting = || self.actions.iter().skip(self.written);
        let bytes: usize = waiting().map(|pending| pending.size).sum();
        waiting().count() < self.options.queue_length
            && bytes.saturating_add(size) <= self.options.queue_bytes
    }

    /// Whether the next action pushed is the next one written, and may be written now.
    pub(super) fn is_clear(&self, in_flight: usize) -> bool {
        self.written == self.actions.len() && self.written < in_flight
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
        self.retain(&mut |pending, _| pending.id != id);
    }

    /// The action that a server most likely found too large: the largest one on the socket that it
    /// has not accepted.
    pub(super) fn largest_written(&self) -> Option<ActionId> {
        let written = self.actions.iter().take(self.written);
        let unread = written.filter(|pending| !pending.accepted);
        unread.max_by_key(|pending| pending.size).map(|it| it.id)
    }

    /// Rejects what is too late.
    pub(super) fn expire(&mut self, now: Millis, outputs: &mut Outputs) {
        self.reject(outputs, &|pending, on_socket| {
            let (when, reason) = pending.expiry(on_socket);
            (when <= now).then_some(reason)
        });
    }

    /// Rejects what `verdict` gives a reason for, in the order of ids.
    pub(super) fn reject(
        &mut self,
        outputs: &mut Outputs,
        verdict: &dyn Fn(&Pending, bool) -> Option<Rejection>,
    ) {
        self.retain(&mut |pending, on_socket| {
            let verdict = verdict(pending, on_socket);
            if let Some(reason) = verdict {
                let id = pending.id;
                outputs.push(Output::Reject { id, reason });
            }
            verdict.is_none()
        });
    }

    /// When the next action is too late.
    pub(super) fn deadline(&self) -> Option<Millis> {
        let expiries = self.actions.iter().enumerate();
        expiries
            .map(|(index, pending)| pending.expiry(index < self.written).0)
            .filter(|when| *when < Millis::MAX)
            .min()
    }

    /// Keeps what `stays` says, which also learns whether the action is on the socket.
    fn retain(&mut self, stays: &mut dyn FnMut(&Pending, bool) -> bool) {
        let mut index = 0;
        let mut still_written = self.written;
        self.actions.retain(|pending| {
            let on_socket = index < self.written;
            index += 1;
            let stays = stays(pending, on_socket);
            still_written -= usize::from(on_socket && !stays);
            stays
        });
        self.written = still_written;
    }
}
