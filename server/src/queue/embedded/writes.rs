//! What an embedded queue writes. Each write changes its rows in a transaction, and the rules
//! only once that transaction is durable.

use std::sync::Arc;

use redb::WriteTransaction;

use super::{
    super::{
        GroupId, NewMessage, QueueError, Sent,
        fifo::{Admission, Entry, Origin, Receipt, State},
    },
    id::message_id_text,
    shared::Shared,
};
use crate::store::{StoreError, Work};

/// A message comes in.
pub(super) struct Send {
    pub(super) queue: Arc<Shared>,
    pub(super) message: NewMessage,
    pub(super) attributes: String,
    pub(super) message_id: u128,
    pub(super) now: u64,
    pub(super) admission: Option<Admission>,
}

impl Work for Send {
    type Output = Sent;
    type Error = QueueError;

    /// Deduplication is decided here, where sends follow each other and a batch that failed has
    /// been taken back: a duplicate is only acknowledged after its original is durable.
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        let id = self.message.deduplication_id();
        let admission = self.queue.memory().fifo.admit(id, self.message_id, self.now);
        self.admission = Some(admission);
        if let Admission::New(original) = &admission {
            let tables = &self.queue.tables;
            tables.insert(transaction, original, &self.message, &self.attributes)?;
        }
        self.queue.join(transaction, self.now)
    }

    fn settle(self, outcome: Result<(), StoreError>) -> Result<Sent, QueueError> {
        let mut memory = self.queue.memory();
        if let Err(error) = outcome {
            if let Some(Admission::New(original)) = self.admission {
                let id = self.message.deduplication_id();
                memory.fifo.withdraw(id, original.sequence);
            }
            return Err(error.into());
        }
        let (original, duplicate) = match self.admission {
            Some(Admission::New(original)) => (original, false),
            Some(Admission::Duplicate(original)) => (original, true),
            None => return Err(StoreError::Stopped.into()),
        };
        if !duplicate {
            let entry = arrived(original.sequence, original.sent_at);
            memory.fifo.insert(self.message.group(), entry);
            self.queue.announce(&memory);
        }
        Ok(Sent {
            message_id: message_id_text(original.message_id),
            sequence_number: original.sequence,
            duplicate,
        })
    }
}

/// A receiver deletes a message.
pub(super) struct Delete {
    pub(super) queue: Arc<Shared>,
    pub(super) receipt: Receipt,
    pub(super) now: u64,
}

impl Work for Delete {
    type Output = ();
    type Error = QueueError;

    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        let tables = &self.queue.tables;
        tables.bury(transaction, [self.receipt.sequence])?;
        self.queue.join(transaction, self.now)
    }

    fn settle(self, outcome: Result<(), StoreError>) -> Result<(), QueueError> {
        let mut memory = self.queue.memory();
        let Receipt { group, sequence, .. } = self.receipt;
        match outcome {
            Ok(()) => memory.fifo.remove(&group, sequence),
            Err(_) => memory.fifo.stay(&group, sequence),
        }
        self.queue.announce(&memory);
        Ok(outcome?)
    }
}

/// Messages leave that nobody is to receive any more: the dead to the dead-letter queue, in the
/// same transaction, and the lapsed for good.
pub(super) struct Remove {
    pub(super) queue: Arc<Shared>,
    pub(super) dead: Vec<(GroupId, u64)>,
    pub(super) lapsed: Vec<(GroupId, u64)>,
    /// Where the dead go: decided with their death, whatever the queue is told afterwards.
    pub(super) dead_letters: Option<Arc<Shared>>,
    pub(super) now: u64,
    /// The numbers the dead got in the dead-letter queue.
    pub(super) moved: Vec<(GroupId, u64)>,
}

impl Remove {
    fn leaving(&self) -> impl Iterator<Item = &(GroupId, u64)> {
        self.dead.iter().chain(&self.lapsed)
    }
}

impl Work for Remove {
    type Output = ();
    type Error = QueueError;

    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        if let Some(dead_letters) = &self.dead_letters {
            for (group, sequence) in &self.dead {
                let number = dead_letters.memory().fifo.next_sequence();
                let (from, to) = (&self.queue.tables, &dead_letters.tables);
                if to.adopt(transaction, from, *sequence, (number, self.now))? {
                    self.moved.push((group.clone(), number));
                }
            }
        }
        let leaving = self.leaving().map(|(_, sequence)| *sequence);
        self.queue.tables.bury(transaction, leaving)?;
        self.queue.join(transaction, self.now)
    }

    fn settle(self, outcome: Result<(), StoreError>) -> Result<(), QueueError> {
        let mut memory = self.queue.memory();
        for (group, sequence) in self.leaving() {
            match outcome {
                Ok(()) => memory.fifo.remove(group, *sequence),
                Err(_) => memory.fifo.stay(group, *sequence),
            }
        }
        self.queue.announce(&memory);
        drop(memory);
        outcome?;
        if let Some(dead_letters) = &self.dead_letters {
            let mut memory = dead_letters.memory();
            for (group, number) in &self.moved {
                memory.fifo.insert(group, arrived(*number, self.now));
            }
            dead_letters.announce(&memory);
        }
        Ok(())
    }
}

/// Every delivery so far is counted on disk.
pub(super) struct Count {
    pub(super) queue: Arc<Shared>,
}

impl Work for Count {
    type Output = ();
    type Error = QueueError;

    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        let counts = self.queue.memory().take_counts(u64::MAX);
        self.queue.tables.count(transaction, &counts)
    }

    fn settle(self, outcome: Result<(), StoreError>) -> Result<(), QueueError> {
        Ok(outcome?)
    }
}

fn arrived(sequence: u64, sent_at: u64) -> Entry {
    Entry { sequence, sent_at, receive_count: 0, origin: Origin::Here, state: State::Visible }
}
