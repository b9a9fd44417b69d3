//! A FIFO queue that is told by expressions what to do with a message: the declarative form of what
//! people deploy on AWS as an integration with SQS (`SendMessage` by a mapping template).

use std::{collections::BTreeMap, fmt, sync::Arc};

use futures_util::future::BoxFuture;
use gatewire::{Error, Result};
use serde_json::json;

use super::{Call, Integration, Outcome, Response, queue::group_id};
use crate::{
    expression::Expression,
    queue::{NewMessage, Queue},
    trace::{Kind, NewSpan},
};

/// The body where there is no message, on `$connect` and `$disconnect`: no queue carries an empty
/// one. API Gateway's templates read the same there (probable).
const NO_MESSAGE: &str = "{}";

/// Puts the messages of a route into a queue. What the client hears, on a two-way route, is what SQS
/// answers: `{"messageId":…,"sequenceNumber":…}`, once the message is on disk.
#[derive(Clone)]
pub struct Enqueue {
    name: String,
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
    /// message group and the deduplication id. A text that SQS takes for neither is replaced by its
    /// hash; a message whose deduplication id comes out empty repeats no other.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, group: Expression, deduplication: Expression) -> Self {
        let (name, attributes) = ("queue".to_owned(), BTreeMap::new());
        Self { name, queue, group, deduplication, attributes, missing: MissingGroup::default() }
    }

    /// What the queue is called in traces.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
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
        let repetition = match self.deduplication.resolve(&scope) {
            id if id.is_empty() => call.request.id().to_string(),
            id => id,
        };
        let attributes =
            self.attributes.iter().map(|(name, value)| (name.clone(), value.resolve(&scope)));
        let attributes = attributes.filter(|(_, value)| !value.is_empty()).collect();
        let body = call.body();
        let body = if body.is_empty() { NO_MESSAGE } else { &*body };
        // Deduplication ids are of the same alphabet and length as groups.
        let message = NewMessage::new(body, group_id(&group), group_id(&repetition).as_str())
            .and_then(|message| message.with_attributes(attributes))
            .map_err(|error| Error::new(Error::INVALID, format!("{}: {error}", call.route)))?;
        Ok(call.trace.iter().fold(message, |message, trace| trace.attach(message)))
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
            let body = body.to_string().into();
            Ok(Outcome::Response(Response { status: 200, headers, body, binary: false }))
        })
    }

    fn span(&self, _: &Call) -> NewSpan {
        NewSpan::messaging(Kind::Producer, "send", &self.name)
    }
}

impl fmt::Debug for Enqueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueue").field("group", &self.group).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        Store,
        event::{
            Event, Message, Request,
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

    fn enqueue(queue: &Arc<EmbeddedQueue>, group: &str, id: &str) -> Enqueue {
        Enqueue::new(queue.clone(), expression(group), expression(id))
    }

    fn text(text: &str) -> Call {
        call("job", Event::Message(Message::whole(text.into())))
    }

    async fn received(queue: &EmbeddedQueue) -> Vec<queue::Message> {
        queue.receive(10, Duration::ZERO).await.unwrap()
    }

    async fn put(integration: &Enqueue, call: Call) -> Result<(), String> {
        match integration.call(call).await.map_err(|error| error.to_string())? {
            Outcome::Response(response) => {
                assert!(response.body.starts_with(b"{\"messageId\":"), "{response:?}");
                Ok(())
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_message_waits_as_the_expressions_say() {
        let queue = queue();
        let integration = enqueue(&queue, "${request.body.data}.room", "$request.body.id")
            .attribute("connectionId", expression("${context.connectionId}"))
            .attribute("nothing", expression("${stageVariables.none}"));
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
    async fn a_handshake_has_a_body() {
        let queue = queue();
        put(&enqueue(&queue, "$context.routeKey", "$context.requestId"), connect()).await.unwrap();
        let messages = received(&queue).await;
        assert_eq!((messages[0].group.as_str(), &*messages[0].body), ("$connect", "{}"));
    }

    #[tokio::test]
    async fn messages_without_an_id_repeat_no_other() {
        let queue = queue();
        let integration = enqueue(&queue, "group", "$request.body.id");
        for body in ["1", "1", "2"] {
            let call = Call { request: Request::now(), ..text(body) };
            put(&integration, call).await.unwrap();
        }
        assert_eq!(queue.counts().await.unwrap().visible, 3);
    }

    #[tokio::test]
    async fn a_message_without_a_group_has_its_connections_or_is_refused() {
        let queue = queue();
        let by_room = enqueue(&queue, "$request.body.room", "$context.requestId");
        put(&by_room, message()).await.unwrap();
        assert_eq!(received(&queue).await[0].group.as_str(), "Yk3nQcX9IAMCJ2g=");
        let strict = by_room.missing_group(MissingGroup::Reject);
        let refused = put(&strict, message()).await.unwrap_err();
        assert_eq!(refused, "invalid: the message has no message group");
    }

    #[tokio::test]
    async fn any_text_is_a_group_and_an_id() {
        let queue = queue();
        let integration = enqueue(&queue, "$request.body.room", "$request.body.room");
        put(&integration, text(r#"{"room":"Küche und Bad"}"#)).await.unwrap();
        assert!(received(&queue).await[0].group.as_str().starts_with("sha256."));
    }

    #[tokio::test]
    async fn what_a_queue_cannot_carry_is_refused() {
        let integration = enqueue(&queue(), "group", "$context.requestId");
        let refused = put(&integration, text("\u{1}")).await.unwrap_err();
        assert!(refused.starts_with("invalid: job: the body contains U+0001"), "{refused}");
    }
}
