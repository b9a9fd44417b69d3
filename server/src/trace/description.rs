//! What a span is when it begins.

use std::{borrow::Cow, time::SystemTime};

use super::TraceContext;

/// A span that is to begin.
#[derive(Clone, Debug)]
pub struct NewSpan {
    /// What it is called; of few different names.
    pub name: Cow<'static, str>,
    /// Its part in a conversation.
    pub kind: Kind,
    /// When it began.
    pub begun: SystemTime,
    /// What it is part of; `None` begins a trace.
    pub parent: Option<Parent>,
    /// What it has to do with beside its parent.
    pub links: Vec<TraceContext>,
    /// What it is about, by the names of OpenTelemetry's semantic conventions.
    pub attributes: Vec<(&'static str, Value)>,
}

/// The part of a span in a conversation, as OpenTelemetry has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It serves a request.
    Server,
    /// It asks somebody else.
    Client,
    /// It puts a message where somebody takes it later.
    Producer,
    /// It works on a message that was put somewhere.
    Consumer,
    /// None of these.
    Internal,
}

/// What a span is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// A span of somebody else, who said so over a wire.
    Remote(TraceContext),
    /// A span of this gateway.
    Local(TraceContext),
}

impl Parent {
    /// The place in the trace.
    #[must_use]
    pub fn context(&self) -> &TraceContext {
        match self {
            Self::Remote(context) | Self::Local(context) => context,
        }
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl NewSpan {
    /// A span that begins now, and a trace with it.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            kind,
            begun: SystemTime::now(),
            parent: None,
            links: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// A span about one message: `send jobs`. The action of a client, too, is a message for whatever
    /// route it names.
    #[must_use]
    pub fn messaging(kind: Kind, operation: &'static str, destination: &str) -> Self {
        let of_type = match kind {
            Kind::Producer => "send",
            _ => "process",
        };
        Self::new(kind, format!("{operation} {destination}"))
            .with("messaging.system", "gatewire")
            .with("messaging.operation.name", operation)
            .with("messaging.operation.type", of_type)
            .with("messaging.destination.name", destination.to_owned())
    }

    /// The same span, part of this.
    #[must_use]
    pub fn child_of(mut self, parent: Option<Parent>) -> Self {
        self.parent = parent;
        self
    }

    /// The same span, begun at this time.
    #[must_use]
    pub fn since(mut self, begun: SystemTime) -> Self {
        self.begun = begun;
        self
    }

    /// The same span, which has to do with these.
    #[must_use]
    pub fn linked(mut self, links: impl IntoIterator<Item = TraceContext>) -> Self {
        self.links.extend(links);
        self
    }

    /// The same span, with this said of it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Whether it is said to be about HTTP.
    pub(crate) fn is_http(&self) -> bool {
        self.attributes.iter().any(|(name, _)| *name == "http.request.method")
    }
}
