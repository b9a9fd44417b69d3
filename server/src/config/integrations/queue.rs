//! Integrations of type `queue`.

use std::collections::BTreeMap;

use super::super::{
    Located,
    names::Names,
    reader::{Choice, Table},
    texts::Compiled,
};

/// A queue that takes messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queueing {
    /// The name of one of the queues.
    pub queue: Located<String>,
    /// Messages of one group stay in order.
    pub message_group_id: Located<String>,
    /// Messages of one id within five minutes are one message.
    pub message_deduplication_id: Located<String>,
    /// What a consumer is told beside the body. `connectionId` and `requestId` unless the file says
    /// otherwise.
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

impl Queueing {
    pub(super) fn read(table: &mut Table<'_>, names: &Names) -> Option<Self> {
        const MISSING_GROUP: Choice<MissingGroup> = Choice(&[
            ("connectionId", MissingGroup::ConnectionId),
            ("reject", MissingGroup::Reject),
        ]);
        table.variant("type = \"queue\"");
        let queue = table.required("queue", names.queue());
        let text = Compiled::QueueText;
        let message_group_id = table.or("message_group_id", "${context.connectionId}", text);
        let message_deduplication_id =
            table.or("message_deduplication_id", "${context.requestId}", text);
        let mut message_attributes = table.map("message_attributes", text);
        if !table.has("message_attributes") {
            // Those of the form that AWS's samples send to SQS; a consumer posts back by the first.
            for name in ["connectionId", "requestId"] {
                let value = table.constant("message_attributes", format!("${{context.{name}}}"));
                message_attributes.insert(name.to_owned(), value);
            }
        }
        let on_missing_group =
            table.or("on_missing_group", "connectionId", MISSING_GROUP).into_value();
        Some(Self {
            queue: queue?,
            message_group_id,
            message_deduplication_id,
            message_attributes,
            on_missing_group,
        })
    }
}
