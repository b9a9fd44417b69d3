//! The rows of an embedded queue: one per message, until its deduplication id is forgotten.
//!
//! | table | row |
//! |---|---|
//! | `queue/NAME/messages` | a message that waits or is in flight |
//! | `queue/NAME/tombstones` | the id of a message that has left, within the deduplication window |
//! | `queue/NAME/receives` | how often a message was delivered, once that is known |
//!
//! Keys are sequence numbers. The highest ever used is always the last row of `messages` or of
//! `tombstones`, so no number is used twice.

use std::{collections::BTreeMap, sync::Arc};

use redb::{ReadTransaction, ReadableTable, StorageError, TableDefinition, WriteTransaction};

use super::super::{
    GroupId, NewMessage, QueueError,
    fifo::{Original, has_left},
};

/// Message id, time of sending, group, deduplication id, attributes as JSON, body.
type MessageRow = (u128, u64, &'static str, &'static str, &'static str, &'static str);
/// Message id, time of sending, deduplication id.
type TombstoneRow = (u128, u64, &'static str);

/// How many tombstones one sweep removes at most. Ours: four for every write that
/// [`super::shared::SWEEP_EVERY`] lets pass, so that they cannot pile up.
const SWEEP: usize = 128;

/// The names of a queue's tables.
#[derive(Debug)]
pub(super) struct Tables {
    messages: String,
    tombstones: String,
    receives: String,
}

/// A message as it is stored, without its body.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) original: Original,
    pub(super) group: GroupId,
    pub(super) deduplication_id: Arc<str>,
    pub(super) receive_count: u32,
}

/// What a delivery adds to what the rules know.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) message_id: u128,
    pub(super) sent_at: u64,
    pub(super) attributes: String,
    pub(super) body: Arc<str>,
}

impl Tables {
    pub(super) fn of(queue: &str) -> Self {
        Self {
            messages: format!("queue/{queue}/messages"),
            tombstones: format!("queue/{queue}/tombstones"),
            receives: format!("queue/{queue}/receives"),
        }
    }

    /// Makes the tables that are not there yet, so that reading finds them.
    pub(super) fn create(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        transaction.open_table(self.messages())?;
        transaction.open_table(self.tombstones())?;
        transaction.open_table(self.receives())?;
        Ok(())
    }

    /// Adds a message.
    pub(super) fn insert(
        &self,
        transaction: &WriteTransaction,
        original: &Original,
        message: &NewMessage,
        attributes: &str,
    ) -> Result<(), redb::Error> {
        let row = (
            original.message_id,
            original.sent_at,
            message.group().as_str(),
            &**message.deduplication_id(),
            attributes,
            &**message.body(),
        );
        let mut messages = transaction.open_table(self.messages())?;
        messages.insert(original.sequence, row)?;
        Ok(())
    }

    /// Removes messages and leaves a tombstone for each.
    pub(super) fn bury(
        &self,
        transaction: &WriteTransaction,
        sequences: impl IntoIterator<Item = u64>,
    ) -> Result<(), redb::Error> {
        let mut messages = transaction.open_table(self.messages())?;
        let mut tombstones = transaction.open_table(self.tombstones())?;
        let mut receives = transaction.open_table(self.receives())?;
        for sequence in sequences {
            if let Some(row) = messages.remove(sequence)? {
                let (message_id, sent_at, _, deduplication_id, _, _) = row.value();
                tombstones.insert(sequence, (message_id, sent_at, deduplication_id))?;
            }
            receives.remove(sequence)?;
        }
        Ok(())
    }

    /// Adds a message of another queue, under a number of this one. Its deduplication id stays
    /// behind: in this queue it was never sent.
    pub(super) fn adopt(
        &self,
        transaction: &WriteTransaction,
        from: &Tables,
        sequence: u64,
        (to_sequence, now): (u64, u64),
    ) -> Result<bool, redb::Error> {
        let source = transaction.open_table(from.messages())?;
        let Some(row) = source.get(sequence)? else {
            return Ok(false);
        };
        let (message_id, _, group, _, attributes, body) = row.value();
        let mut messages = transaction.open_table(self.messages())?;
        messages.insert(to_sequence, (message_id, now, group, "", attributes, body))?;
        Ok(true)
    }

    /// Writes how often messages were delivered.
    pub(super) fn count(
        &self,
        transaction: &WriteTransaction,
        counts: &[(u64, u32)],
    ) -> Result<(), redb::Error> {
        if counts.is_empty() {
            return Ok(());
        }
        let mut receives = transaction.open_table(self.receives())?;
        for (sequence, count) in counts {
            receives.insert(sequence, count)?;
        }
        Ok(())
    }

    /// Removes tombstones that have left the window, oldest first, and always keeps the newest:
    /// it may hold the highest sequence number.
    pub(super) fn sweep(
        &self,
        transaction: &WriteTransaction,
        now: u64,
    ) -> Result<(), redb::Error> {
        let mut tombstones = transaction.open_table(self.tombstones())?;
        let mut old = Vec::new();
        {
            let newest = tombstones.last()?.map(|(key, _)| key.value());
            for row in tombstones.iter()?.take(SWEEP) {
                let (key, row) = row?;
                if Some(key.value()) == newest || !has_left(row.value().1, now) {
                    break;
                }
                old.push(key.value());
            }
        }
        for sequence in old {
            tombstones.remove(sequence)?;
        }
        Ok(())
    }

    /// Reads the whole queue in the order of its sequence numbers: first what has left, then what
    /// is there. Reads every body's page once.
    pub(super) fn load(
        &self,
        transaction: &ReadTransaction,
        mut departed: impl FnMut(Original, Arc<str>),
        mut present: impl FnMut(Stored),
    ) -> Result<(), redb::Error> {
        for row in transaction.open_table(self.tombstones())?.iter()? {
            let (key, row) = row?;
            let (message_id, sent_at, deduplication_id) = row.value();
            let original = Original { sequence: key.value(), message_id, sent_at };
            departed(original, deduplication_id.into());
        }
        let receives = transaction.open_table(self.receives())?;
        for row in transaction.open_table(self.messages())?.iter()? {
            let (key, row) = row?;
            let (message_id, sent_at, group, deduplication_id, _, _) = row.value();
            let count = receives.get(key.value())?;
            present(Stored {
                original: Original { sequence: key.value(), message_id, sent_at },
                group: GroupId::stored(group),
                deduplication_id: deduplication_id.into(),
                receive_count: count.map_or(0, |count| count.value()),
            });
        }
        Ok(())
    }

    /// Reads what these messages carry. `None` for a message that is not there.
    pub(super) fn read(
        &self,
        transaction: &ReadTransaction,
        sequences: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Option<Content>>, redb::Error> {
        let messages = transaction.open_table(self.messages())?;
        let content = |sequence| -> Result<Option<Content>, StorageError> {
            let row = messages.get(sequence)?;
            Ok(row.map(|row| {
                let (message_id, sent_at, _, _, attributes, body) = row.value();
                Content {
                    message_id,
                    sent_at,
                    attributes: attributes.to_owned(),
                    body: body.into(),
                }
            }))
        };
        Ok(sequences.into_iter().map(content).collect::<Result<_, _>>()?)
    }

    fn messages(&self) -> TableDefinition<'_, u64, MessageRow> {
        TableDefinition::new(&self.messages)
    }

    fn tombstones(&self) -> TableDefinition<'_, u64, TombstoneRow> {
        TableDefinition::new(&self.tombstones)
    }

    fn receives(&self) -> TableDefinition<'_, u64, u32> {
        TableDefinition::new(&self.receives)
    }
}

/// Attributes as they are stored: nothing for none, JSON otherwise.
pub(super) fn write_attributes(attributes: &BTreeMap<String, String>) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    serde_json::to_string(attributes).expect("a map of texts is JSON")
}

/// Attributes as they were stored.
pub(super) fn read_attributes(
    sequence_number: u64,
    text: &str,
) -> Result<BTreeMap<String, String>, QueueError> {
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    serde_json::from_str(text)
        .map_err(|error| QueueError::Corrupt { sequence_number, reason: error.to_string() })
}
