//! One message group: its messages in order, and where each of them is.

use std::collections::VecDeque;

/// A message, as far as the rules need it; its body stays in its row.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) sent_at: u64,
    pub(crate) receive_count: u32,
    pub(crate) origin: Origin,
    pub(crate) state: State,
}

/// Where an entry came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Sent in this process, or delivered by it since.
    Here,
    /// Found on disk: an earlier process may have delivered it and died of it.
    Recovered,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits to be delivered.
    Visible,
    /// With a receiver.
    InFlight(Flight),
    /// Being removed: decided, and not yet durable. `Some` while a receiver deletes it.
    Leaving(Option<Flight>),
}

/// One delivery of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) delivery: u64,
    /// When it was delivered, in epoch milliseconds.
    pub(crate) since: u64,
    /// When it becomes visible again, in epoch milliseconds.
    pub(crate) until: u64,
}

/// Whether the group stands in the line of groups that have something to deliver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Elsewhere,
    InLine,
}

/// The messages of one group, by sequence number.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) entries: VecDeque<Entry>,
    pub(crate) place: Place,
}

impl Group {
    /// Whether a receive would get something. The first message decides: what is not visible
    /// holds back everything behind it.
    pub(crate) fn is_deliverable(&self) -> bool {
        self.entries.front().is_some_and(|first| first.state == State::Visible)
    }

    pub(crate) fn find(&self, sequence: u64) -> Option<&Entry> {
        self.entries.get(self.position(sequence)?)
    }

    pub(crate) fn find_mut(&mut self, sequence: u64) -> Option<&mut Entry> {
        let position = self.position(sequence)?;
        self.entries.get_mut(position)
    }

    pub(crate) fn remove(&mut self, sequence: u64) -> Option<Entry> {
        let position = self.position(sequence)?;
        self.entries.remove(position)
    }

    fn position(&self, sequence: u64) -> Option<usize> {
        self.entries.binary_search_by_key(&sequence, |entry| entry.sequence).ok()
    }
}
