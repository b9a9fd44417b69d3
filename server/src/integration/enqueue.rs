//! A FIFO queue that is told by expressions what to do with a message: the declarative form of what
//! people deploy on AWS as an integration with SQS (`SendMessage` by a mapping template).

use std::{collections::BTreeMap, fmt, sync::Arc};

use futures_util::future::BoxFuture;
use gatewire::{Error, Result};
use serde_json::json;

use super::{Call, Integration, Outcome, Response};
use crate::{
    expression::Expression,
    queue::{GroupId, NewMessage, Queue},
};

/// Puts the messages of a route into a queue. What the client hears, on a two-way route, is what SQS
/// answers: `{"messageId":…,"sequenceNumber":…}`, once the message is on disk.
#[derive(Clone)]
pub struct Enqueue {
    queue: Arc<dyn Queue>,
    group: Expression,
    deduplication: Expression,
    attributes: BTreeMap<String, Expression>,
    missing: MissingGroup,
}

/// What becomes of a message whose group comes out empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingGroup {
    /// Its connection is its group: nothing of one connection overtakes another.
    #[default]
    Connection,
    /// It is refused.
    Reject,
}

impl Enqueue {
    /// Uses these expressions, compiled for [`Use::Value`](crate::expression::Use::Value), for the
    /// message group and the deduplication id.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, group: Expression, deduplication: Expression) -> Self {
        let (attributes, missing) = (BTreeMap::new(), MissingGroup::default());
        Self { queue, group, deduplication, attributes, missing }
    }

    /// Tells the consumer this beside the body. An attribute that comes out empty is left out.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: Expression) -> Self {
        self.attributes.insert(name.into(), value);
        self
    }

    /// What becomes of a message whose group comes out empty.
    #[must_use]
    pub fn missing_group(mut self, missing: MissingGroup) -> Self {
        self.missing = missing;
        self
    }

    fn message(&self, call: &Call) -> Result<NewMessage> {
        let scope = call.scope();
        let group = match (self.group.resolve(&scope), self.missing) {
            (group, _) if !group.is_empty() => group,
            (_, MissingGroup::Connection) => call.caller.connection().to_string(),
            (_, MissingGroup::Reject) => {
                return Err(Error::new(Error::INVALID, "the message has no message group"));
            }
        };
        let invalid = |error| Error::new(Error::INVALID, format!("{}: {error}", call.route));
        let attributes =
            self.attributes.iter().map(|(name, value)| (name.clone(), value.resolve(&scope)));
        let attributes = attributes.filter(|(_, value)| !value.is_empty()).collect();
        GroupId::new(group)
            .and_then(|group| {
                NewMessage::new(&*call.body(), group, self.deduplication.resolve(&scope))
            })
            .and_then(|message| message.with_attributes(attributes))
            .map_err(invalid)
    }
}

impl Integration for Enqueue {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        // The message takes its place in its group here, not when the future runs.
        let sent = self.message(&call).map(|message| self.queue.send(message));
        Box::pin(async move {
            let sent = sent?.await.map_err(Error::internal)?;
            let body = json!({
                "messageId": sent.message_id,
                "sequenceNumber": format!("{:020}", sent.sequence_number),
            });
            let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
            Ok(Outcome::Response(Response { status: 200, headers, body: body.to_string().into() }))
        })
    }
}

impl fmt::Debug for Enqueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueue").field("group", &self.group).finish_non_exhaustive()
    }
}
