//! Messages on their way from the rules to a receiver.

use std::sync::Arc;

use super::{
    super::{
        Message, QueueError,
        fifo::{Delivered, Origin},
    },
    id::message_id_text,
    rows::{Content, read_attributes},
    shared::Shared,
    writes::Count,
};

/// Messages taken out for one receiver. Those that do not reach it go back when this drops.
pub(super) struct Batch {
    queue: Arc<Shared>,
    delivered: Vec<Delivered>,
}

impl Batch {
    pub(super) fn new(queue: Arc<Shared>, delivered: Vec<Delivered>) -> Self {
        Self { queue, delivered }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.delivered.is_empty()
    }

    /// Reads the bodies and hands the messages over.
    ///
    /// A message that an earlier process left behind may be what killed it: its delivery is
    /// counted on disk first. Everything else is counted by a later commit.
    pub(super) async fn deliver(mut self) -> Result<Vec<Message>, QueueError> {
        let suspect = |one: &Delivered| one.origin == Origin::Recovered;
        if self.delivered.iter().any(suspect) {
            let queue = self.queue.clone();
            self.queue.store.submit(Count { queue }).await?;
        }
        let messages = self.read()?;
        self.delivered.clear();
        Ok(messages)
    }

    fn read(&self) -> Result<Vec<Message>, QueueError> {
        let sequences = self.delivered.iter().map(|one| one.receipt.sequence);
        let contents =
            self.queue.store.read(|transaction| self.queue.tables.read(transaction, sequences))?;
        let together = self.delivered.iter().zip(contents);
        together.map(|(one, content)| message(one, content)).collect()
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.delivered.is_empty() {
            return;
        }
        let now = (self.queue.clock)();
        let mut memory = self.queue.memory();
        for one in &self.delivered {
            // A message whose visibility timeout has passed is back already.
            let _ = memory.fifo.change_visibility(&one.receipt, 0, now);
        }
        self.queue.announce(&memory);
    }
}

fn message(delivered: &Delivered, content: Option<Content>) -> Result<Message, QueueError> {
    let sequence_number = delivered.receipt.sequence;
    let content = content.ok_or_else(|| QueueError::Corrupt {
        sequence_number,
        reason: "its row is missing".to_owned(),
    })?;
    Ok(Message {
        message_id: message_id_text(content.message_id),
        sequence_number,
        group: delivered.receipt.group.clone(),
        attributes: read_attributes(sequence_number, &content.attributes)?,
        body: content.body,
        receive_count: delivered.receive_count,
        sent_at: content.sent_at,
        receipt: delivered.receipt.to_handle(),
    })
}
