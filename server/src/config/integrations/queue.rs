//! Integrations of type `queue`.

use std::collections::BTreeMap;

use super::super::Located;

/// A queue that takes messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queueing {
    /// The name of one of the queues.
    pub queue: Located<String>,
    /// Messages of one group stay in order.
    pub message_group_id: Located<String>,
    /// Messages of one id within five minutes are one message.
    pub message_deduplication_id: Located<String>,
    /// What a consumer is told beside the body.
    pub message_attributes: BTreeMap<String, Located<String>>,
    /// What becomes of a message whose group comes out empty.
    pub on_missing_group: MissingGroup,
}

/// What becomes of a message whose group comes out empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingGroup {
    /// Its connection is its group.
    ConnectionId,
    /// It is refused.
    Reject,
}
