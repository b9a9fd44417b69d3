//! Who sent an action, and how its handler reaches connections.

use std::{
    fmt,
    future::{Future, ready},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
};

use serde_json::{Map, Value};

use crate::{ConnectionId, Contract, Error, EventOf, frame};

/// What a handler knows about the action it runs, and its way to post events.
///
/// It is made by the server; a test makes one with [`Context::new`] and an [`Outbox`] of its own.
pub struct Context<C> {
    connection: ConnectionId,
    principal: Arc<Principal>,
    idempotency_key: Option<String>,
    delivery: Option<Delivery>,
    trace: Option<Arc<Trace>>,
    outbox: Arc<dyn Outbox>,
    contract: PhantomData<fn() -> C>,
}

impl<C: Contract> Context<C> {
    /// The context of an action that this connection sent, with the way out for its events.
    pub fn new(connection: ConnectionId, outbox: Arc<dyn Outbox>) -> Self {
        Self {
            connection,
            principal: Arc::default(),
            idempotency_key: None,
            delivery: None,
            trace: None,
            outbox,
            contract: PhantomData,
        }
    }

    /// The same context, sent by this principal.
    #[must_use]
    pub fn with_principal(mut self, principal: Arc<Principal>) -> Self {
        self.principal = principal;
        self
    }

    /// The same context, with the key that every repetition of the action shares.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// The same context, for an action that came through a queue.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// The same context, in a trace.
    #[must_use]
    pub fn with_trace(mut self, trace: Option<Trace>) -> Self {
        self.trace = trace.map(Arc::new);
        self
    }

    /// The connection that sent the action; behind a queue, the one its session has now.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Who sent the action: the name the authorizer gave, or `""` where nobody asks.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal.id
    }

    /// What the authorizer read from the token.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.principal.claims
    }

    /// The same text each time this one action is run: after a reconnect, after a crash. `None`
    /// for an action sent without an id that did not pass a queue.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// What the queue knows of the message; `None` when the action came straight from the socket.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        self.delivery.as_ref()
    }

    /// The trace that this is part of, to be passed on to whatever the handler asks; `None` where it is
    /// part of none.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_deref()
    }

    // The posts are no `async fn`: one whose bound does not hold is reported once per use of its
    // future, and a stranger's event should be one error.

    /// Posts an event to the connection that sent the action.
    pub fn post<E: EventOf<C::Events>>(&self, event: E) -> Posting<'_, ()> {
        self.post_to(self.connection, event)
    }

    /// Posts an event to one connection.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a post takes the event; encoding it here keeps its type out of the future"
    )]
    pub fn post_to<E: EventOf<C::Events>>(
        &self,
        connection: ConnectionId,
        event: E,
    ) -> Posting<'_, ()> {
        match frame::event(&event) {
            Ok(text) => self.outbox.post(connection, text),
            Err(error) => Box::pin(ready(Err(error.into()))),
        }
    }

    /// Posts an event to every connection of a group and returns how many took it. A group that
    /// has no members takes nothing, which is no error.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a post takes the event; encoding it here keeps its type out of the future"
    )]
    pub fn post_to_group<'a, E: EventOf<C::Events>>(
        &'a self,
        group: &'a str,
        event: E,
    ) -> Posting<'a, usize> {
        match frame::event(&event) {
            Ok(text) => self.outbox.post_to_group(group, text),
            Err(error) => Box::pin(ready(Err(error.into()))),
        }
    }

    /// Puts the connection that sent the action into a group. A connection leaves its groups when
    /// it closes.
    pub async fn join(&self, group: &str) -> Result<(), PostError> {
        self.outbox.join(self.connection, group).await
    }

    /// Takes the connection that sent the action out of a group.
    pub async fn leave(&self, group: &str) -> Result<(), PostError> {
        self.outbox.leave(self.connection, group).await
    }
}

impl<C> Clone for Context<C> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection,
            principal: self.principal.clone(),
            idempotency_key: self.idempotency_key.clone(),
            delivery: self.delivery.clone(),
            trace: self.trace.clone(),
            outbox: self.outbox.clone(),
            contract: PhantomData,
        }
    }
}

impl<C> fmt::Debug for Context<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("connection", &self.connection)
            .field("principal", &self.principal.id)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

/// Who is at the other end, as the authorizer found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Principal {
    /// The name: a JWT's `sub`. Empty where nobody asks.
    pub id: String,
    /// What else the authorizer read: a JWT's claims.
    pub claims: Map<String, Value>,
}

/// What a queue knows of a message (the SQS words).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The id the queue gave the message; the same on every delivery.
    pub message_id: String,
    /// The message's place in the queue; grows within a group.
    pub sequence_number: u64,
    /// The message group: messages of one group are handled one after another.
    pub group: String,
    /// How often the message has been delivered, this time included.
    pub receive_count: u32,
    /// When the queue took the message, in milliseconds since the Unix epoch.
    pub sent_at: u64,
}

/// A place in a trace, in the two texts that travel: headers of an HTTP request, for example (W3C Trace
/// Context).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The ids, and whether the trace is recorded: `00-{32 digits}-{16 digits}-01`.
    pub traceparent: String,
    /// What vendors keep in it.
    pub tracestate: Option<String>,
}

/// The way out of a handler: to connections and groups, here or on another node.
///
/// Object-safe, because each call ends in a socket. Events arrive encoded, so that one text serves
/// every member of a group.
pub trait Outbox: Send + Sync + 'static {
    /// Sends one text to one connection.
    fn post(&self, connection: ConnectionId, text: Arc<str>) -> Posting<'_, ()>;
    /// Sends one text to every connection of a group; returns how many took it.
    fn post_to_group<'a>(&'a self, group: &'a str, text: Arc<str>) -> Posting<'a, usize>;
    /// Puts a connection into a group.
    fn join<'a>(&'a self, connection: ConnectionId, group: &'a str) -> Posting<'a, ()>;
    /// Takes a connection out of a group.
    fn leave<'a>(&'a self, connection: ConnectionId, group: &'a str) -> Posting<'a, ()>;
}

/// What the calls of an [`Outbox`] return.
pub type Posting<'a, T> = Pin<Box<dyn Future<Output = Result<T, PostError>> + Send + 'a>>;

/// Why a post did not reach a connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// The connection is closed, or never was.
    #[error("connection {0} is gone")]
    Gone(ConnectionId),
    /// The connection reads slower than it is written to, and its buffer is full. Nothing else has
    /// happened: the same post may be taken later.
    #[error("connection {0} reads too slowly")]
    Slow(ConnectionId),
    /// The process ends: what is posted now would reach nobody. The next process takes it.
    #[error("the gateway has stopped")]
    Stopped,
    /// The event did not become JSON.
    #[error("the event cannot be written as JSON")]
    Encode(#[from] serde_json::Error),
    /// The way to the node that holds the connection failed.
    #[error("the relay failed")]
    Relay(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PostError {
    /// The error a management API answers with.
    #[must_use]
    pub fn to_error(&self) -> Error {
        Error::new(Error::UNAVAILABLE, self.to_string()).temporary()
    }
}
