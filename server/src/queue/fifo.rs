//! The rules of a FIFO queue, as a state machine without I/O and without a clock.
//!
//! Times are arguments, in milliseconds since the Unix epoch. Bodies stay in their rows: the
//! memory is about 100 bytes per message that waits and 150 per id in the deduplication window.
//!
//! A message enters with [`Fifo::admit`] and [`Fifo::insert`] (before and after it is durable),
//! is handed out by [`Fifo::take`], and leaves with [`Fifo::begin_delete`] and [`Fifo::remove`]
//! (before and after that is durable). What cannot be made durable goes back with
//! [`Fifo::withdraw`] and [`Fifo::stay`].

mod group;
mod originals;
mod receipt;
mod taken;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use super::{Counts, GroupId, MAX_IN_FLIGHT, MAX_VISIBILITY, QueueError, clock::milliseconds};
pub(crate) use group::{Entry, Origin, State};
use group::{Flight, Group, Place};
use originals::Originals;
pub(crate) use originals::{Original, has_left};
pub(crate) use receipt::Receipt;
pub(crate) use taken::{Delivered, Rules, Taken};

/// A FIFO queue in memory.
#[derive(Debug)]
pub(crate) struct Fifo {
    rules: Rules,
    groups: HashMap<GroupId, Group>,
    /// The groups whose first message is visible, each once; the longest waiting first.
    line: VecDeque<GroupId>,
    /// When messages in flight become visible again.
    deadlines: BTreeMap<(u64, u64), GroupId>,
    originals: Originals,
    messages: usize,
    invisible: usize,
    next_sequence: u64,
    next_delivery: u64,
}

/// Whether a send is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    New(Original),
    Duplicate(Original),
}

/// What a receipt is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delete {
    /// The message is held back until [`Fifo::remove`] or [`Fifo::stay`].
    Begun,
    /// There is no such message; nothing is left to do.
    Gone,
}

impl Fifo {
    /// An empty queue. `next_sequence` is above every number ever used, `next_delivery` a random
    /// number where receipts begin.
    pub(crate) fn new(rules: Rules, next_sequence: u64, next_delivery: u64) -> Self {
        Self {
            rules,
            groups: HashMap::new(),
            line: VecDeque::new(),
            deadlines: BTreeMap::new(),
            originals: Originals::default(),
            messages: 0,
            invisible: 0,
            next_sequence,
            next_delivery,
        }
    }

    /// Goes by other numbers from now on; messages in flight keep their deadlines.
    pub(crate) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Gives a send its sequence number, or finds the original that it repeats.
    pub(crate) fn admit(&mut self, id: &Arc<str>, message_id: u128, now: u64) -> Admission {
        if let Some(original) = self.originals.find(id, now) {
            return Admission::Duplicate(original);
        }
        let original = Original { sequence: self.next_sequence(), message_id, sent_at: now };
        self.originals.add(id.clone(), original, now);
        Admission::New(original)
    }

    /// A number for a message that no deduplication applies to: one that moves in from another
    /// queue.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    /// Remembers the id of a message that was sent before this process began. The id is empty
    /// where no deduplication applied.
    pub(crate) fn recall(&mut self, id: Arc<str>, original: Original, now: u64) {
        if !id.is_empty() && !original.has_left(now) {
            self.originals.add(id, original, now);
        }
    }

    /// Forgets a send that did not become durable. Its sequence number stays unused.
    pub(crate) fn withdraw(&mut self, id: &str, sequence: u64) {
        self.originals.withdraw(id, sequence);
    }

    /// Puts a durable message at the end of its group.
    pub(crate) fn insert(&mut self, id: &GroupId, entry: Entry) {
        let group = self.groups.entry(id.clone()).or_default();
        debug_assert!(
            group.entries.back().is_none_or(|last| last.sequence < entry.sequence),
            "messages become durable in the order of their sequence numbers"
        );
        group.entries.push_back(entry);
        self.messages += 1;
        self.line_up(id);
    }

    /// Hands out up to `max` messages, from the group that waits longest, in order within a group.
    pub(crate) fn take(&mut self, max: usize, now: u64) -> Taken {
        self.expire(now);
        let mut taken = Taken::default();
        let room = max.min(MAX_IN_FLIGHT.saturating_sub(self.invisible));
        while !taken.is_full(room)
            && let Some(id) = self.line.pop_front()
        {
            self.take_from(&id, room, now, &mut taken);
        }
        taken
    }

    /// Whether a receive would get something.
    pub(crate) fn is_deliverable(&self) -> bool {
        !self.line.is_empty() && self.invisible < MAX_IN_FLIGHT
    }

    /// When the next message in flight becomes visible again.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.deadlines.first_key_value().map(|((until, _), _)| *until)
    }

    /// Begins to delete the message that this receipt is for.
    pub(crate) fn begin_delete(
        &mut self,
        receipt: &Receipt,
        now: u64,
    ) -> Result<Delete, QueueError> {
        self.expire(now);
        let Some(entry) = self.find_mut(&receipt.group, receipt.sequence) else {
            return Ok(Delete::Gone);
        };
        match entry.state {
            State::InFlight(flight) if flight.delivery == receipt.delivery => {
                entry.state = State::Leaving(Some(flight));
                self.deadlines.remove(&(flight.until, receipt.sequence));
                Ok(Delete::Begun)
            }
            State::Leaving(Some(flight)) if flight.delivery == receipt.delivery => {
                Ok(Delete::Begun) // repeated: both become durable, the second finds nothing
            }
            State::Visible | State::InFlight(_) | State::Leaving(_) => {
                Err(QueueError::ReceiptExpired)
            }
        }
    }

    /// Removes a message, which is no longer on disk.
    pub(crate) fn remove(&mut self, id: &GroupId, sequence: u64) {
        let Some(group) = self.groups.get_mut(id) else {
            return;
        };
        let Some(entry) = group.remove(sequence) else {
            return;
        };
        if group.entries.is_empty() && group.place == Place::Elsewhere {
            self.groups.remove(id);
        }
        self.messages -= 1;
        if entry.state != State::Visible {
            self.invisible -= 1;
        }
        if let State::InFlight(flight) = entry.state {
            self.deadlines.remove(&(flight.until, sequence));
        }
        self.line_up(id);
    }

    /// Keeps a message whose removal did not become durable: back to its receiver, or visible.
    pub(crate) fn stay(&mut self, id: &GroupId, sequence: u64) {
        let Some(entry) = self.find_mut(id, sequence) else {
            return;
        };
        let State::Leaving(flight) = entry.state else {
            return;
        };
        if let Some(flight) = flight {
            entry.state = State::InFlight(flight);
            self.deadlines.insert((flight.until, sequence), id.clone());
        } else {
            entry.state = State::Visible;
            self.invisible -= 1;
            self.line_up(id);
        }
    }

    /// Lets a message in flight become visible `timeout` milliseconds from now.
    pub(crate) fn change_visibility(
        &mut self,
        receipt: &Receipt,
        timeout: u64,
        now: u64,
    ) -> Result<(), QueueError> {
        self.expire(now);
        let entry = self
            .groups
            .get_mut(&receipt.group)
            .and_then(|group| group.find_mut(receipt.sequence))
            .ok_or(QueueError::ReceiptExpired)?;
        let State::InFlight(flight) = &mut entry.state else {
            return Err(QueueError::ReceiptExpired);
        };
        if flight.delivery != receipt.delivery {
            return Err(QueueError::ReceiptExpired);
        }
        let until = now.saturating_add(timeout);
        if until > flight.since.saturating_add(milliseconds(MAX_VISIBILITY)) {
            return Err(QueueError::Argument {
                argument: "the visibility timeout",
                limit: "at most 12 hours, counted from the delivery",
            });
        }
        let before = std::mem::replace(&mut flight.until, until);
        self.deadlines.remove(&(before, receipt.sequence));
        self.deadlines.insert((until, receipt.sequence), receipt.group.clone());
        self.expire(now);
        Ok(())
    }

    /// How often a message was delivered; `None` when it has left the queue.
    pub(crate) fn receive_count(&self, id: &GroupId, sequence: u64) -> Option<u32> {
        let entry = self.groups.get(id)?.find(sequence)?;
        Some(entry.receive_count)
    }

    /// How many messages there are.
    pub(crate) fn counts(&mut self, now: u64) -> Counts {
        self.expire(now);
        Counts {
            visible: (self.messages - self.invisible) as u64,
            in_flight: self.invisible as u64,
            dead_letters: None,
        }
    }

    /// Makes visible what has been in flight for too long.
    fn expire(&mut self, now: u64) {
        while let Some(next) = self.deadlines.first_entry()
            && next.key().0 <= now
        {
            let (_, sequence) = *next.key();
            let id = next.remove();
            if let Some(entry) = self.find_mut(&id, sequence) {
                entry.state = State::Visible;
                self.invisible -= 1;
            }
            self.line_up(&id);
        }
    }

    fn take_from(&mut self, id: &GroupId, room: usize, now: u64, taken: &mut Taken) {
        let Some(group) = self.groups.get_mut(id) else {
            return;
        };
        group.place = Place::Elsewhere;
        if group.entries.is_empty() {
            self.groups.remove(id);
            return;
        }
        for entry in &mut group.entries {
            if entry.state != State::Visible || taken.is_full(room) {
                break;
            }
            if let Some(leaving) = self.rules.end_of(entry, now, taken) {
                leaving.push((id.clone(), entry.sequence));
                entry.state = State::Leaving(None);
                self.invisible += 1;
                continue;
            }
            if taken.holds_back(id) {
                break; // what leaves is still on disk: the order holds after a crash, too
            }
            let flight = Flight {
                delivery: self.next_delivery,
                since: now,
                until: now.saturating_add(self.rules.visibility),
            };
            self.next_delivery = self.next_delivery.wrapping_add(1);
            self.invisible += 1;
            self.deadlines.insert((flight.until, entry.sequence), id.clone());
            taken.delivered.push(Delivered::depart(id, entry, flight));
        }
    }

    fn line_up(&mut self, id: &GroupId) {
        let Some(group) = self.groups.get_mut(id) else {
            return;
        };
        if group.place == Place::Elsewhere && group.is_deliverable() {
            group.place = Place::InLine;
            self.line.push_back(id.clone());
        }
    }

    fn find_mut(&mut self, id: &GroupId, sequence: u64) -> Option<&mut Entry> {
        self.groups.get_mut(id)?.find_mut(sequence)
    }
}

#[cfg(test)]
mod tests;
