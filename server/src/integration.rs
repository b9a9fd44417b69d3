//! Integrations: what answers a route.
//!
//! A typed handler in this process (`handler`), or a FIFO queue that a worker empties
//! (`queue`). One trait, so that a route neither knows nor cares.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use gatewire::{
    ConnectionId, Context, Contract, Delivery, Error, Outbox, Principal, Result, frame::Accepted,
};
use serde_json::value::RawValue;

mod function;
mod handler;
pub(crate) mod queue;

pub use function::from_fn;
pub use handler::Handlers;
pub use queue::{Fifo, Forward};

use crate::session::SessionKey;

/// Answers the calls of a route.
pub trait Integration: Send + Sync + 'static {
    /// Runs one call. Calls of one connection come one after another, in the order they were sent.
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>>;
}

/// One action, on its way to what answers it.
#[derive(Debug)]
pub struct Call {
    /// The route key.
    pub route: Arc<str>,
    /// The payload, as the text it came in.
    pub payload: Box<RawValue>,
    /// Who asks.
    pub caller: Caller,
}

/// What an action led to.
#[derive(Debug)]
pub enum Outcome {
    /// The answer.
    Reply(Box<RawValue>),
    /// A queue has the action on disk; a worker will answer it.
    Accepted(Accepted),
}

/// Who sent an action.
#[derive(Clone)]
pub struct Caller {
    pub(crate) connection: ConnectionId,
    pub(crate) principal: Arc<Principal>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) reply_to: ReplyTo,
    pub(crate) delivery: Option<Delivery>,
}

impl Caller {
    /// The connection that sent the action.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Who the authorizer found at the other end.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The same for every repetition of this action; see [`Context::idempotency_key`].
    #[must_use]
    pub fn idempotency_key(&self) -> Option<String> {
        self.reply_to
            .key()
            .or_else(|| self.delivery.as_ref().map(|delivery| delivery.message_id.clone()))
    }

    /// What a typed handler gets.
    #[must_use]
    pub fn context<C: Contract>(&self) -> Context<C> {
        let cx = Context::new(self.connection, self.outbox.clone())
            .with_principal(self.principal.clone())
            .with_idempotency_key(self.idempotency_key());
        match &self.delivery {
            Some(delivery) => cx.with_delivery(delivery.clone()),
            None => cx,
        }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller")
            .field("connection", &self.connection)
            .field("principal", &self.principal.id)
            .finish_non_exhaustive()
    }
}

/// Where the answer of an action goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReplyTo {
    /// To the socket the session has by then.
    Session { session: SessionKey, id: u64 },
    /// To the connection, as bare JSON: the message was a plain one.
    Connection,
    /// To nobody: an action without an id, or a hook.
    Nobody,
}

impl ReplyTo {
    /// What a repetition of the action has in common with it.
    pub(crate) fn key(&self) -> Option<String> {
        match self {
            Self::Session { session, id } => Some(format!("{}.{id}", session.as_str())),
            Self::Connection | Self::Nobody => None,
        }
    }
}

/// The answer of a handler that panicked.
pub(crate) fn panicked(route: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(route, panic = text, "a handler panicked");
    Error::internal(format!("the handler of {route} panicked: {text}"))
}
