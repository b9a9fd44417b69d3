//! The model: a list of messages, and what may happen to them.

use std::collections::BTreeMap;

use super::{super::Message, MAX_RECEIVES, RETENTION, VISIBILITY};

/// A message as the model sees it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) sequence: u64,
    pub(super) group: String,
    pub(super) body: String,
    pub(super) sent_at: u64,
    pub(super) receives: u32,
    pub(super) flight: Option<Flight>,
}

#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) receipt: String,
    pub(super) until: u64,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) now: u64,
    pub(super) messages: Vec<Known>,
    /// Deduplication id → sequence number and time of the first send.
    pub(super) sent: BTreeMap<String, (u64, u64)>,
    pub(super) dead: Vec<String>,
}

impl Model {
    pub(super) fn expire(&mut self) {
        for message in &mut self.messages {
            let over = |flight: &Flight| flight.until <= self.now;
            if message.flight.as_ref().is_some_and(over) {
                message.flight = None;
            }
        }
    }

    /// What a receive may look at: of each group, what is before its first message in flight.
    pub(super) fn deliverable(&mut self) -> BTreeMap<String, Vec<u64>> {
        self.expire();
        let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut blocked = Vec::new();
        for message in &self.messages {
            if message.flight.is_some() {
                blocked.push(message.group.clone());
            } else if !blocked.contains(&message.group) {
                let group = groups.entry(message.group.clone()).or_default();
                group.push(message.sequence);
            }
        }
        groups
    }

    pub(super) fn depart(&mut self, message: &Message) {
        let now = self.now;
        let known = self.find(message.sequence_number).expect("it was sent");
        assert!(now - known.sent_at < RETENTION, "too old: {known:?}");
        assert!(known.receives < MAX_RECEIVES, "dead: {known:?}");
        known.receives += 1;
        known.flight =
            Some(Flight { receipt: message.receipt.as_str().to_owned(), until: now + VISIBILITY });
        assert_eq!(*message.body, *known.body);
        assert_eq!(message.receive_count, known.receives);
        assert_eq!(message.sent_at, known.sent_at);
    }

    pub(super) fn find(&mut self, sequence: u64) -> Option<&mut Known> {
        self.messages.iter_mut().find(|message| message.sequence == sequence)
    }
}
