//! The worker: takes messages from a queue, runs the same handlers, answers the sender.
//!
//! A message is answered, then deleted, in that order on disk: a crash in between runs it again,
//! and its handler sees the same [idempotency key](gatewire::Context::idempotency_key). The groups
//! of a batch run side by side, the messages of a group one after another.

use std::{
    collections::HashMap, convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use gatewire::{ConnectionId, Error, Result, frame::to_client};
use serde_json::value::RawValue;

use crate::{
    answers::Answers,
    clock,
    connection::plain_error,
    event::{self, Event, Request},
    integration::{
        self, Call, Caller, Integration, Outcome, ReplyTo,
        queue::{Envelope, KeptAnswer, delivery},
    },
    node::Node,
    queue::{
        MAX_RECEIVE, MAX_WAIT, Message, Queue, QueueOptions,
        consume::{self, AFTER_FAILURE, retry_after},
    },
    relay::Relay,
    session::SessionKey,
    trace::{Consumption, TraceContext},
};

/// How many batches of one queue are worked on at once. Ours: enough that one slow group does not
/// hold up the others.
pub(crate) const CONCURRENCY: usize = 4;

/// Empties one queue.
pub(crate) struct Worker {
    pub(crate) name: Arc<str>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) options: QueueOptions,
    pub(crate) answers: Answers,
    pub(crate) handlers: Arc<dyn Integration>,
    pub(crate) node: Arc<Node>,
}

/// What became of a message.
enum Handled {
    /// It is answered and deleted: on to the next of its group.
    Done,
    /// It will be delivered again: its group waits.
    Retry,
}

impl Worker {
    /// Works until the drain begins. What is in hand by then is finished.
    pub(crate) async fn run(self: Arc<Self>) {
        self.node.ready.wait().await;
        while !self.node.stop.is_cancelled() {
            let received = tokio::select! {
                () = self.node.stop.cancelled() => return,
                received = self.queue.receive(MAX_RECEIVE, MAX_WAIT) => received,
            };
            match received {
                Ok(messages) => self.handle_batch(messages).await,
                Err(error) => {
                    tracing::error!(queue = %self.name, %error, "the queue cannot be read");
                    tokio::select! {
                        () = self.node.stop.cancelled() => return,
                        () = tokio::time::sleep(AFTER_FAILURE) => {}
                    }
                }
            }
        }
    }

    async fn handle_batch(&self, messages: Vec<Message>) {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        for message in messages {
            groups.entry(message.group.clone()).or_default().push(message);
        }
        join_all(groups.into_values().map(|group| self.handle_group(group))).await;
    }

    async fn handle_group(&self, messages: Vec<Message>) {
        let mut rest = messages.iter();
        while let Some(message) = rest.next() {
            let waiting = rest.as_slice();
            let handling = self.handle(message);
            let handled = tokio::select! {
                handled = handling => handled,
                never = self.keep_in_flight(message, waiting) => match never {},
            };
            if matches!(handled, Handled::Retry) || self.node.stop.is_cancelled() {
                // Released, they wait behind the message that is to be tried again.
                for message in waiting {
                    self.set_visibility(message, Duration::ZERO).await;
                }
                return;
            }
        }
    }

    async fn keep_in_flight(&self, message: &Message, waiting: &[Message]) -> Infallible {
        let messages = std::iter::once(message).chain(waiting);
        let timeout = self.options.visibility_timeout;
        consume::keep_in_flight(&*self.queue, &self.name, messages, timeout).await
    }

    async fn handle(&self, message: &Message) -> Handled {
        let envelope = match Envelope::open(message) {
            Ok(envelope) => envelope,
            Err(problem) => {
                tracing::error!(queue = %self.name, message = message.message_id, problem, "a message cannot be read");
                return self.try_again(message).await;
            }
        };
        let tracer = &self.node.watchers.tracer;
        let consumption = Consumption::begin(tracer, &self.name, message);
        let trace = consumption.context().cloned();
        let answer = self.serve(&envelope, message, trace).await;
        consumption.end(&answer);
        let last = message.receive_count >= self.options.max_receive_count;
        match &answer {
            Err(error) if error.is_temporary() && !last => {
                tracing::warn!(queue = %self.name, message = message.message_id, %error, "will be tried again");
                self.try_again(message).await
            }
            Err(error) if error.is_temporary() => {
                tracing::error!(queue = %self.name, message = message.message_id, %error, "given up: a dead letter");
                let text =
                    format!("{} (given up after {} tries)", error.message(), message.receive_count);
                let given_up = Error::new(error.code().to_owned(), text);
                self.answer(&envelope, Err(given_up)).await;
                self.set_visibility(message, Duration::ZERO).await;
                Handled::Retry // the queue moves it away at the next receive
            }
            _ => {
                self.answer(&envelope, answer).await;
                self.delete(message).await
            }
        }
    }

    /// Runs the handler, as if the action had come straight from the socket.
    async fn serve(
        &self,
        envelope: &Envelope,
        message: &Message,
        trace: Option<TraceContext>,
    ) -> Result<Box<RawValue>> {
        let session = match &envelope.reply_to {
            ReplyTo::Session { session, .. } => self.node.sessions.find(session),
            ReplyTo::Connection | ReplyTo::Nobody => None,
        };
        let caller = Caller {
            connection: session
                .and_then(|session| session.connection())
                .unwrap_or(envelope.connection),
            opened: Arc::default(),
            stage: self.node.stage.load_full(),
            principal: envelope.principal.clone(),
            outbox: self.node.clone(),
            reply_to: envelope.reply_to.clone(),
            delivery: Some(delivery(message)),
        };
        let payload = RawValue::from_string(message.body.to_string())?;
        let event = Event::Message(event::Message::data(payload));
        let call = Call::new(envelope.route.clone(), event, caller, Request::traced(trace));
        let outcome = AssertUnwindSafe(async { self.handlers.call(call).await })
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(integration::panicked(&envelope.route, panic.as_ref())))?;
        match outcome {
            Outcome::Reply(reply) => Ok(reply),
            Outcome::Response(response) => Ok(response.into_reply()),
            Outcome::Frame(frame) => Ok(frame.into_reply()),
            Outcome::Accepted(_) => Err(Error::internal(format!(
                "{} was forwarded again by its worker",
                envelope.route
            ))),
        }
    }

    /// Keeps the answer, then sends it. A sender that is away finds it when it asks again.
    async fn answer(&self, envelope: &Envelope, answer: Result<Box<RawValue>>) {
        if let Err(error) = &answer
            && let Some(source) = error.source()
        {
            tracing::error!(queue = %self.name, error = source, "an action failed");
        }
        if let Some(key) = envelope.reply_to.key() {
            let kept = self.answers.put(&key, &KeptAnswer::write(&answer), clock::now());
            if let Err(error) = kept.await {
                tracing::error!(queue = %self.name, %error, "an answer cannot be kept");
            }
        }
        match &envelope.reply_to {
            ReplyTo::Session { session, id } => self.answer_session(session, *id, &answer),
            ReplyTo::Connection => self.answer_plain(envelope.connection, &answer).await,
            ReplyTo::Nobody => {}
        }
    }

    /// Answers on the socket the session has now. Without one, nothing is lost: the answer is kept.
    fn answer_session(&self, key: &SessionKey, id: u64, answer: &Result<Box<RawValue>>) {
        let Some(session) = self.node.sessions.find(key) else { return };
        session.answered_by_worker(id, to_client::answer(id, answer).into());
    }

    /// Answers with bare JSON. A plain client that has gone has no way to ask again.
    async fn answer_plain(&self, connection: ConnectionId, answer: &Result<Box<RawValue>>) {
        let text = match answer {
            Ok(reply) if reply.get() == "null" => return,
            Ok(reply) => reply.get().to_owned(),
            Err(error) => plain_error(
                connection,
                &Request::now(),
                error,
                self.node.settings.load().error_detail,
            ),
        };
        let _gone = self.node.relay.deliver(connection, text.into()).await;
    }

    async fn delete(&self, message: &Message) -> Handled {
        match self.queue.delete(&message.receipt).await {
            Ok(()) => Handled::Done,
            Err(error) => {
                // It will come again; its handler and its sender are ready for that.
                tracing::error!(queue = %self.name, message = message.message_id, %error, "a handled message stays in its queue");
                Handled::Retry
            }
        }
    }

    async fn try_again(&self, message: &Message) -> Handled {
        self.set_visibility(message, retry_after(message.receive_count)).await;
        Handled::Retry
    }

    async fn set_visibility(&self, message: &Message, timeout: Duration) {
        consume::set_visibility(&*self.queue, &self.name, message, timeout).await;
    }
}
