//! Integrations: what answers a route.
//!
//! A typed handler in this process (`handler`), a function (`function`), a Lambda function (`lambda`),
//! an HTTP service (`http`), a FIFO queue (`queue`), or nobody (`mock`). One trait, so that a route
//! neither knows nor cares.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use gatewire::{
    ConnectionId, Context, Contract, Delivery, Error, Outbox, Principal, Result, Trace,
    frame::Accepted,
};
use serde_json::value::RawValue;

#[cfg(feature = "serve")]
mod enqueue;
mod frame;
mod function;
mod handler;
#[cfg(feature = "serve")]
pub mod http;
#[cfg(feature = "serve")]
mod lambda;
#[cfg(feature = "serve")]
mod mock;
pub(crate) mod queue;
#[cfg(feature = "serve")]
mod shape;

#[cfg(feature = "serve")]
pub use enqueue::{Enqueue, MissingGroup};
pub use frame::Frame;
pub use function::from_fn;
pub use handler::Handlers;
#[cfg(feature = "serve")]
pub use http::HttpIntegration;
#[cfg(feature = "serve")]
pub use lambda::{Lambda, TimeoutError};
#[cfg(feature = "serve")]
pub use mock::MockIntegration;
pub use queue::{Fifo, Forward};
#[cfg(feature = "serve")]
pub use shape::{IntegrationResponse, Passthrough, Templates};

use crate::{
    event::{Event, Opened, Request},
    session::SessionKey,
    stage::Stage,
    trace::{Kind, NewSpan, TraceContext},
};

/// Answers the calls of a route.
pub trait Integration: Send + Sync + 'static {
    /// Runs one call. The messages of one connection come one after another, in the order they
    /// were sent; `$connect` comes before the first, `$disconnect` after the last.
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>>;

    /// What a call is in a trace, which is asked where spans are recorded. Who asks somebody else
    /// passes on [`Call::trace`], which is that span then.
    fn span(&self, call: &Call) -> NewSpan {
        NewSpan::new(Kind::Internal, format!("handle {}", call.route))
    }

    /// Whether it matters how long its calls take. API Gateway's `IntegrationLatency` is without mocks,
    /// which ask nobody.
    fn has_latency(&self) -> bool {
        true
    }
}

/// One run of a route, on its way to what answers it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The route key.
    pub route: Arc<str>,
    /// What it is run for.
    pub event: Event,
    /// Who asks.
    pub caller: Caller,
    /// When it began, and its ids.
    pub request: Arc<Request>,
    /// The place in a trace for what comes of it; `None` when it is part of none.
    pub trace: Option<Arc<TraceContext>>,
}

impl Call {
    /// One run of a route. It is part of the trace that the request names, else of its connection's.
    pub(crate) fn new(
        route: Arc<str>,
        event: Event,
        caller: Caller,
        request: Arc<Request>,
    ) -> Self {
        let of_connection = || caller.opened.trace.clone().map(Arc::new);
        let trace = request.trace().cloned().or_else(of_connection);
        Self { route, event, caller, request, trace }
    }

    /// What a typed handler gets.
    #[must_use]
    pub fn context<C: Contract>(&self) -> Context<C> {
        let trace = self.trace.as_deref();
        let texts = |it: &TraceContext| Trace {
            traceparent: it.traceparent(),
            tracestate: it.state().map(str::to_owned),
        };
        self.caller.context().with_trace(trace.map(texts))
    }

    /// The `X-Amzn-Trace-Id` of it: the trace it is part of, or else one of its own.
    #[must_use]
    pub fn x_ray(&self) -> String {
        match &self.trace {
            Some(trace) => trace.x_ray(),
            None => self.request.trace_id(),
        }
    }

    /// What a typed handler reads: the data of an action, or the message without the member that
    /// chose the route. `null` where there is no message.
    pub fn payload(&self) -> Result<Cow<'_, RawValue>> {
        match &self.event {
            Event::Message(message) => message.payload(),
            Event::Connect(_) | Event::Disconnect(_) => Ok(Cow::Borrowed(RawValue::NULL)),
        }
    }

    /// What an integration outside of this process reads: the message as it came, to the byte.
    /// Empty where there is none.
    #[must_use]
    pub fn body(&self) -> Cow<'_, str> {
        match &self.event {
            Event::Message(message) => message.body(&self.route),
            Event::Connect(_) | Event::Disconnect(_) => Cow::Borrowed(""),
        }
    }

    /// The bytes of a binary message, which a gateway takes if it is told to
    /// ([`Gateway::binary`](crate::Gateway::binary)). Its [body](Self::body) is base64.
    #[must_use]
    pub fn binary(&self) -> Option<&Bytes> {
        match &self.event {
            Event::Message(message) => message.binary(),
            Event::Connect(_) | Event::Disconnect(_) => None,
        }
    }
}

/// What a call led to.
#[derive(Debug)]
pub enum Outcome {
    /// The answer. For `$connect`: come in.
    Reply(Box<RawValue>),
    /// A queue has the action on disk; a worker will answer it.
    Accepted(Accepted),
    /// What a service answered. Its body goes to the client if the route is two-way; for
    /// `$connect` its status decides.
    Response(Response),
    /// A frame for the client, as it is: a text that need not be JSON and may be empty, or bytes.
    /// For `$connect`: come in.
    Frame(Frame),
}

/// What a service behind an integration answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status, or what a function said it is.
    pub status: u16,
    /// Names and values, in their order and case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Whether the body is bytes and no text. It is a binary frame then, if the gateway takes those
    /// ([`Gateway::binary`](crate::Gateway::binary)).
    pub binary: bool,
}

impl Response {
    /// The body as a reply of `gatewire.v1`: the JSON it is, or else a JSON string; `null` when it
    /// is empty.
    pub(crate) fn into_reply(self) -> Box<RawValue> {
        if self.body.is_empty() {
            return RawValue::NULL.to_owned();
        }
        let text = String::from_utf8_lossy(&self.body).into_owned();
        RawValue::from_string(text).unwrap_or_else(|_| {
            let text = String::from_utf8_lossy(&self.body);
            serde_json::value::to_raw_value(&text).expect("a text is JSON")
        })
    }

    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }
}

/// Who sent an action.
#[derive(Clone)]
pub struct Caller {
    pub(crate) connection: ConnectionId,
    pub(crate) opened: Arc<Opened>,
    pub(crate) stage: Arc<Stage>,
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

    /// What is known of the connection since its handshake. Behind a queue it is not looked up:
    /// there everything is empty.
    #[must_use]
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The stage that the connection is on.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
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

    fn context<C: Contract>(&self) -> Context<C> {
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
