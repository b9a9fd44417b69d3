//! What one receive takes out of a queue, and the numbers that decide about it.

use super::{
    super::GroupId,
    Receipt,
    group::{Entry, Flight, Origin, State},
};

/// The numbers the rules go by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How long a delivered message stays invisible, in milliseconds.
    pub(crate) visibility: u64,
    /// After how many deliveries a message is dead; `None` where there is no dead-letter queue.
    pub(crate) max_receives: Option<u32>,
    /// How long a message is kept, in milliseconds.
    pub(crate) retention: u64,
}

impl Rules {
    /// Where a message goes that is not to be delivered any more.
    pub(super) fn end_of<'a>(
        &self,
        entry: &Entry,
        now: u64,
        taken: &'a mut Taken,
    ) -> Option<&'a mut Vec<(GroupId, u64)>> {
        if now.saturating_sub(entry.sent_at) >= self.retention {
            return Some(&mut taken.lapsed);
        }
        let dead = self.max_receives.is_some_and(|max| entry.receive_count >= max);
        dead.then_some(&mut taken.dead)
    }
}

/// How many messages one receive removes at most. Ours: it bounds the transaction that does it.
const MAX_LEAVING: usize = 64;

/// What one receive found.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// In flight from now on.
    pub(crate) delivered: Vec<Delivered>,
    /// Delivered too often: to be moved to the dead-letter queue. They hold back their group
    /// until they are removed.
    pub(crate) dead: Vec<(GroupId, u64)>,
    /// Past their retention: to be deleted. They hold back their group until they are removed.
    pub(crate) lapsed: Vec<(GroupId, u64)>,
}

/// A message that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) receipt: Receipt,
    pub(crate) receive_count: u32,
    pub(crate) origin: Origin,
}

impl Taken {
    /// Whether one receive has found enough: messages for its caller, or messages to remove.
    pub(super) fn is_full(&self, room: usize) -> bool {
        self.delivered.len() >= room || self.dead.len() + self.lapsed.len() >= MAX_LEAVING
    }

    /// Whether a message of this group was found that has to leave first.
    pub(super) fn holds_back(&self, group: &GroupId) -> bool {
        let last = [self.dead.last(), self.lapsed.last()];
        last.into_iter().flatten().any(|(id, _)| id == group)
    }
}

impl Delivered {
    pub(super) fn depart(group: &GroupId, entry: &mut Entry, flight: Flight) -> Self {
        entry.state = State::InFlight(flight);
        entry.receive_count = entry.receive_count.saturating_add(1);
        Self {
            receipt: Receipt {
                sequence: entry.sequence,
                delivery: flight.delivery,
                group: group.clone(),
            },
            receive_count: entry.receive_count,
            origin: std::mem::replace(&mut entry.origin, Origin::Here),
        }
    }
}
