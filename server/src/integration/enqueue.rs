//! A FIFO queue as an integration that is declared rather than typed: expressions say under which
//! group and id a message waits, and what it carries.

use std::{collections::BTreeMap, fmt, sync::Arc};

use futures_util::future::{BoxFuture, ready};
use gatewire::{Error, Result};

use super::{
    Call, Integration, Outcome,
    queue::{accepted, group_id},
};
use crate::{
    expression::{Expression, Scope},
    queue::{InvalidMessage, NewMessage, Queue},
};

/// The body where there is no message, on `$connect` and `$disconnect`: no queue carries an empty
/// one. API Gateway's templates read the same there (probable).
const NO_MESSAGE: &str = "{}";

/// What becomes of a message whose group comes out empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingGroup {
    /// Its connection is its group.
    #[default]
    Connection,
    /// It is refused.
    Reject,
}

/// Puts messages into a queue, to the byte as they came. Who takes them out answers through
/// `@connections`.
///
/// Expressions are compiled for [`Use::Value`](crate::expression::Use::Value). Unless they say
/// otherwise, the messages of a connection are a group, an action that is sent again is one
/// message, and there are no attributes.
#[derive(Clone)]
pub struct QueueIntegration {
    queue: Arc<dyn Queue>,
    group: Option<Expression>,
    missing_group: MissingGroup,
    deduplication: Option<Expression>,
    attributes: BTreeMap<String, Expression>,
}

impl QueueIntegration {
    /// Puts messages into this queue.
    pub fn new(queue: Arc<dyn Queue>) -> Self {
        Self {
            queue,
            group: None,
            missing_group: MissingGroup::default(),
            deduplication: None,
            attributes: BTreeMap::new(),
        }
    }

    /// Chooses the group: its messages stay in order. What is no name of a group on SQS is named
    /// by its hash.
    #[must_use]
    pub fn message_group_id(mut self, group: Expression) -> Self {
        self.group = Some(group);
        self
    }

    /// Says what becomes of a message whose group comes out empty.
    #[must_use]
    pub fn on_missing_group(mut self, missing: MissingGroup) -> Self {
        self.missing_group = missing;
        self
    }

    /// Chooses the id that makes a repetition recognizable, for five minutes. A message for which
    /// it comes out empty is no repetition.
    #[must_use]
    pub fn message_deduplication_id(mut self, deduplication: Expression) -> Self {
        self.deduplication = Some(deduplication);
        self
    }

    /// Carries this beside the body, unless it comes out empty. SQS takes
    /// [10 attributes](NewMessage::MAX_ATTRIBUTES) at most.
    #[must_use]
    pub fn message_attribute(mut self, name: impl Into<String>, value: Expression) -> Self {
        self.attributes.insert(name.into(), value);
        self
    }

    fn message(&self, call: &Call) -> Result<NewMessage> {
        let scope = call.scope();
        let group = match resolve(self.group.as_ref(), &scope) {
            Some(group) => group,
            None if self.group.is_some() && self.missing_group == MissingGroup::Reject => {
                return Err(Error::new(Error::INVALID, "the message has no group"));
            }
            None => call.caller.connection().to_string(),
        };
        let key = match &self.deduplication {
            Some(deduplication) => resolve(Some(deduplication), &scope),
            None => call.caller.idempotency_key(),
        };
        let key = key.unwrap_or_else(|| call.request.id().to_string());
        let attributes = self
            .attributes
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), resolve(Some(value), &scope)?)));
        let body = scope.body().filter(|body| !body.is_empty()).unwrap_or(NO_MESSAGE);
        // Deduplication ids are of the same alphabet and length as groups.
        NewMessage::new(body, group_id(&group), group_id(&key).as_str())
            .and_then(|message| message.with_attributes(attributes.collect()))
            .map_err(|error| invalid(&error))
    }
}

fn resolve(expression: Option<&Expression>, scope: &dyn Scope) -> Option<String> {
    expression.map(|expression| expression.resolve(scope)).filter(|text| !text.is_empty())
}

fn invalid(error: &InvalidMessage) -> Error {
    Error::new(Error::INVALID, error.to_string())
}

impl Integration for QueueIntegration {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        match self.message(&call) {
            // Sent here and not in the future, so that messages take their places in order.
            Ok(message) => {
                let sending = self.queue.send(message);
                Box::pin(async move { Ok(Outcome::Accepted(accepted(sending.await?))) })
            }
            Err(error) => Box::pin(ready(Err(error))),
        }
    }
}

impl fmt::Debug for QueueIntegration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue: _, group, missing_group, deduplication, attributes } = self;
        f.debug_struct("QueueIntegration")
            .field("group", group)
            .field("missing_group", missing_group)
            .field("deduplication", deduplication)
            .field("attributes", attributes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        Store,
        event::{
            Event, Message,
            json::tests::{call, connect, message},
        },
        expression::Use,
        queue::{self, EmbeddedQueue, QueueOptions},
    };

    fn expression(text: &str) -> Expression {
        Expression::parse(text, Use::Value).unwrap()
    }

    fn queue() -> Arc<EmbeddedQueue> {
        let store = Store::in_memory().unwrap();
        Arc::new(EmbeddedQueue::open(&store, "jobs", QueueOptions::default()).unwrap())
    }

    fn text(text: &str) -> Call {
        call("job", Event::Message(Message::whole(text.into())))
    }

    async fn received(queue: &EmbeddedQueue) -> Vec<queue::Message> {
        queue.receive(10, Duration::ZERO).await.unwrap()
    }

    async fn put(integration: &QueueIntegration, call: Call) -> Result<(), String> {
        match integration.call(call).await.map_err(|error| error.to_string())? {
            Outcome::Accepted(_) => Ok(()),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_message_waits_as_the_expressions_say() {
        let queue = queue();
        let integration = QueueIntegration::new(queue.clone())
            .message_group_id(expression("${request.body.data}.room"))
            .message_deduplication_id(expression("$request.body.id"))
            .message_attribute("connectionId", expression("${context.connectionId}"))
            .message_attribute("nothing", expression("${stageVariables.none}"));
        let body = r#"{ "data": "lobby",  "id": 7 }"#;
        for _ in 0..2 {
            put(&integration, text(body)).await.unwrap();
        }
        let messages = received(&queue).await;
        assert_eq!(messages.len(), 1, "the second is a repetition");
        assert_eq!(messages[0].group.as_str(), "lobby.room");
        assert_eq!(&*messages[0].body, body);
        let expected = [("connectionId".to_owned(), "Yk3nQcX9IAMCJ2g=".to_owned())];
        assert_eq!(messages[0].attributes, expected.into());
    }

    #[tokio::test]
    async fn a_bare_one_groups_by_connection() {
        let queue = queue();
        let integration = QueueIntegration::new(queue.clone());
        put(&integration, connect()).await.unwrap();
        let messages = received(&queue).await;
        assert_eq!((messages[0].group.as_str(), &*messages[0].body), ("Yk3nQcX9IAMCJ2g=", "{}"));
    }

    #[tokio::test]
    async fn a_message_without_a_group_has_its_connections_or_is_refused() {
        let queue = queue();
        let by_room =
            QueueIntegration::new(queue.clone()).message_group_id(expression("$request.body.room"));
        put(&by_room, message()).await.unwrap();
        assert_eq!(received(&queue).await[0].group.as_str(), "Yk3nQcX9IAMCJ2g=");
        let strict = by_room.on_missing_group(MissingGroup::Reject);
        let refused = put(&strict, message()).await.unwrap_err();
        assert_eq!(refused, "invalid: the message has no group");
    }

    #[tokio::test]
    async fn any_text_is_a_group_and_an_id() {
        let queue = queue();
        let integration = QueueIntegration::new(queue.clone())
            .message_group_id(expression("$request.body.room"))
            .message_deduplication_id(expression("$request.body.room"));
        put(&integration, text(r#"{"room":"Küche und Bad"}"#)).await.unwrap();
        assert!(received(&queue).await[0].group.as_str().starts_with("sha256."));
    }

    #[tokio::test]
    async fn what_a_queue_cannot_carry_is_refused() {
        let integration = QueueIntegration::new(queue());
        let refused = put(&integration, text("\u{1}")).await.unwrap_err();
        assert!(refused.starts_with("invalid: the body contains U+0001"), "{refused}");
    }
}
