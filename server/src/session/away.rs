//! The sessions without a socket, in the order in which they will be forgotten.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use super::{ResumeLimits, SessionKey};
use crate::queue::milliseconds;

/// Who is away until when, and how much is kept for all of them together.
#[derive(Debug)]
pub(crate) struct Away {
    waiting: Mutex<Waiting>,
    /// Bytes of events and answers.
    bytes: AtomicUsize,
    /// Told when somebody may have to be forgotten sooner than was known.
    changed: Notify,
    pub(super) limits: ResumeLimits,
}

#[derive(Debug, Default)]
struct Waiting {
    by_time: BTreeMap<Ticket, SessionKey>,
    issued: u64,
}

/// The place of a session that waits. The time comes first, so that tickets sort by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    /// When the session is forgotten, in milliseconds since the Unix epoch.
    until: u64,
    number: u64,
}

impl Away {
    pub(crate) fn new(limits: ResumeLimits) -> Self {
        Self {
            waiting: Mutex::default(),
            bytes: AtomicUsize::new(0),
            changed: Notify::new(),
            limits,
        }
    }

    /// When a session that lost its socket now is forgotten.
    pub(super) fn deadline(&self, now: u64) -> u64 {
        now.saturating_add(milliseconds(self.limits.keep))
    }

    /// A session waits, with this many bytes kept for it.
    pub(super) fn enter(&self, key: SessionKey, until: u64, bytes: usize) -> Ticket {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let mut waiting = self.waiting();
        waiting.issued += 1;
        let ticket = Ticket { until, number: waiting.issued };
        waiting.by_time.insert(ticket, key);
        let first = waiting.by_time.first_key_value().is_some_and(|(first, _)| *first == ticket);
        let crowded = waiting.by_time.len() > self.limits.away;
        drop(waiting);
        if first || crowded || self.holds_too_much() {
            self.changed.notify_one();
        }
        ticket
    }

    /// A session waits no more.
    pub(super) fn leave(&self, ticket: Ticket, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.waiting().by_time.remove(&ticket);
    }

    /// What is kept for a session that waits is another amount now.
    pub(super) fn resize(&self, before: usize, after: usize) {
        if after < before {
            self.bytes.fetch_sub(before - after, Ordering::Relaxed);
        } else if self.bytes.fetch_add(after - before, Ordering::Relaxed) + (after - before)
            > self.limits.away_bytes
        {
            self.changed.notify_one();
        }
    }

    /// The next session to be forgotten at this time, because its own is up or because too much is
    /// kept. It leaves the line; its bytes are given back by whoever forgets it.
    pub(crate) fn next_due(&self, now: u64) -> Option<(Ticket, SessionKey)> {
        let mut waiting = self.waiting();
        let (oldest, _) = waiting.by_time.first_key_value()?;
        let crowded = waiting.by_time.len() > self.limits.away || self.holds_too_much();
        if oldest.until <= now || crowded { waiting.by_time.pop_first() } else { None }
    }

    /// When the next one is due, in milliseconds since the Unix epoch.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        self.waiting().by_time.first_key_value().map(|(ticket, _)| ticket.until)
    }

    /// Resolves when [`next_deadline`](Self::next_deadline) may have become earlier, or too much
    /// is kept.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// How many wait.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.waiting().by_time.len()
    }

    /// How many bytes are kept for them.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn holds_too_much(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.limits.away_bytes
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub(super) fn until(&self) -> u64 {
        self.until
    }
}
