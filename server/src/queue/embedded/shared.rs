//! The part of an embedded queue that all its handles share: the rules, and who waits.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redb::WriteTransaction;
use tokio::sync::Notify;

use super::{
    super::{
        Clock, GroupId, QueueError,
        fifo::{Delivered, Entry, Fifo, Origin, Receipt, Rules, State},
    },
    id::random,
    rows::{Stored, Tables},
};
use crate::store::Store;

/// After how many writes of a queue one looks for tombstones to remove. Ours.
pub(super) const SWEEP_EVERY: u32 = 32;

/// How old a delivery is when it is counted on disk, in milliseconds. Ours: most messages are
/// deleted sooner, and their count is never written.
const COUNT_AFTER: u64 = 100;

/// How many deliveries may wait to be counted; then one write counts them all. Ours: it bounds
/// the memory of a queue that is only read.
const MAX_UNCOUNTED: usize = 4096;

/// One queue of one store. Exists once, whoever opens it.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) tables: Arc<Tables>,
    pub(super) clock: Clock,
    /// Told once for each time that there may be something to receive.
    pub(super) arrivals: Notify,
    /// Told to all who wait when a deadline is set that is earlier than what they sleep for.
    pub(super) deadlines: Notify,
    memory: Mutex<Memory>,
}

/// What changes.
pub(super) struct Memory {
    pub(super) fifo: Fifo,
    /// Deliveries that are not counted on disk: when, and of what. Oldest first.
    uncounted: VecDeque<(u64, GroupId, u64)>,
    pub(super) dead_letters: Option<Arc<Shared>>,
    writes: u32,
}

impl Shared {
    /// Makes the queue's state from its rows. What was in flight is visible: its receivers ended
    /// with the process that delivered it.
    pub(super) fn load(
        store: &Store,
        name: &str,
        rules: Rules,
        clock: Clock,
    ) -> Result<Self, QueueError> {
        let tables = Arc::new(Tables::of(name));
        let new = tables.clone();
        store.write_blocking(move |transaction| new.create(transaction))?;
        let now = clock();
        let mut ids = BTreeMap::new();
        let mut messages = Vec::new();
        store.read(|transaction| {
            let mut departed = BTreeMap::new();
            tables.load(
                transaction,
                |original, id| drop(departed.insert(original.sequence, (original, id))),
                |stored| messages.push(stored),
            )?;
            ids = departed;
            Ok(())
        })?;
        for Stored { original, deduplication_id, .. } in &messages {
            let id = (*original, deduplication_id.clone());
            ids.insert(original.sequence, id);
        }
        let next_sequence = ids.last_key_value().map_or(1, |(highest, _)| highest + 1);
        let mut fifo = Fifo::new(rules, next_sequence, random()?);
        for (original, id) in ids.into_values() {
            fifo.recall(id, original, now);
        }
        for stored in messages {
            fifo.insert(&stored.group, recovered(&stored));
        }
        Ok(Self {
            store: store.clone(),
            tables,
            clock,
            arrivals: Notify::new(),
            deadlines: Notify::new(),
            memory: Mutex::new(Memory {
                fifo,
                uncounted: VecDeque::new(),
                dead_letters: None,
                writes: 0,
            }),
        })
    }

    /// The state. A lock that a panic left behind is taken over: the rules do not panic half-way.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes one receiver if there is something to receive.
    pub(super) fn announce(&self, memory: &Memory) {
        if memory.fifo.is_deliverable() {
            self.arrivals.notify_one();
        }
    }

    /// Adds to a transaction what waits for one: delivery counts, and the removal of tombstones.
    pub(super) fn join(&self, transaction: &WriteTransaction, now: u64) -> Result<(), redb::Error> {
        let (counts, sweep) = {
            let mut memory = self.memory();
            memory.writes = memory.writes.wrapping_add(1);
            (
                memory.take_counts(now.saturating_sub(COUNT_AFTER)),
                memory.writes.is_multiple_of(SWEEP_EVERY),
            )
        };
        // Should the batch fail, the counts are a delivery behind until the next one.
        self.tables.count(transaction, &counts)?;
        if sweep {
            self.tables.sweep(transaction, now)?;
        }
        Ok(())
    }
}

impl Memory {
    /// Remembers that a delivery is to be counted on disk.
    pub(super) fn delivered(&mut self, one: &Delivered, now: u64) {
        let Receipt { group, sequence, .. } = &one.receipt;
        self.uncounted.push_back((now, group.clone(), *sequence));
    }

    /// Whether so many deliveries wait to be counted that they deserve a write of their own.
    pub(super) fn must_count(&self) -> bool {
        self.uncounted.len() >= MAX_UNCOUNTED
    }

    /// The delivery counts to write: of what was delivered by then and is still here.
    pub(super) fn take_counts(&mut self, until: u64) -> Vec<(u64, u32)> {
        let mut counts = Vec::new();
        while let Some((delivered, group, sequence)) = self.uncounted.front()
            && *delivered <= until
        {
            if let Some(count) = self.fifo.receive_count(group, *sequence) {
                counts.push((*sequence, count));
            }
            self.uncounted.pop_front();
        }
        counts
    }
}

/// The last handle is gone: the delivery counts that no commit has carried yet are written.
impl Drop for Shared {
    fn drop(&mut self) {
        let counts = self.memory().take_counts(u64::MAX);
        if counts.is_empty() {
            return;
        }
        let tables = self.tables.clone();
        drop(self.store.write(move |transaction| tables.count(transaction, &counts)));
    }
}

fn recovered(stored: &Stored) -> Entry {
    Entry {
        sequence: stored.original.sequence,
        sent_at: stored.original.sent_at,
        receive_count: stored.receive_count,
        origin: Origin::Recovered,
        state: State::Visible,
    }
}
