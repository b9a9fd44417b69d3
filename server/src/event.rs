//! What a route is run for: a connection opens, a message has come, a connection has ended.
//!
//! [`Call::to_json`](crate::integration::Call::to_json) makes of it the event that API Gateway
//! gives a Lambda function.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use axum::{
    extract::ws::Utf8Bytes,
    http::{HeaderName, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use gatewire::{ConnectionId, Error, Result, frame::plain};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{authorize::Handshake, clock, connection::Closed, id, trace::TraceContext};

pub(crate) mod json;
mod scope;

pub use scope::CallScope;

/// What is known of a connection since its handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Opened {
    /// When it opened, in milliseconds since the Unix epoch.
    pub connected_at: u64,
    /// The host the client asked for, with its port where it said one.
    pub domain_name: String,
    /// The address it came from.
    pub source_ip: Option<IpAddr>,
    /// The `User-Agent` of its handshake; empty when it sent none.
    pub user_agent: String,
    /// Which trace its handshake is part of, and with it everything that does not say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

impl Opened {
    pub(crate) fn now(handshake: &Handshake, default_domain: &str) -> Self {
        let text = |name: HeaderName| handshake.headers.get(name).and_then(|it| it.to_str().ok());
        Self {
            connected_at: clock::now(),
            domain_name: text(header::HOST).unwrap_or(default_domain).to_owned(),
            source_ip: handshake.source_ip,
            user_agent: text(header::USER_AGENT).unwrap_or_default().to_owned(),
            trace: TraceContext::from_headers(&handshake.headers),
        }
    }
}

/// What a route is run for.
#[derive(Clone, Debug)]
pub enum Event {
    /// A client asks to connect: `$connect`.
    Connect(Arc<Handshake>),
    /// A client has sent a message.
    Message(Message),
    /// A connection has ended: `$disconnect`.
    Disconnect(Closed),
}

/// A message of a client.
#[derive(Clone, Debug)]
pub struct Message(Form);

#[derive(Clone, Debug)]
enum Form {
    /// The data of an action of `gatewire.v1`.
    Data(Box<RawValue>),
    /// A message that goes to its route whole.
    Whole(Utf8Bytes),
    /// A plain message whose route was chosen by these members.
    Members(Utf8Bytes, Arc<[String]>),
    /// A binary message.
    Binary(Bytes),
}

impl Message {
    /// The data of an action.
    #[must_use]
    pub fn data(data: Box<RawValue>) -> Self {
        Self(Form::Data(data))
    }

    /// A text that goes to its route as it is.
    pub(crate) fn whole(text: Utf8Bytes) -> Self {
        Self(Form::Whole(text))
    }

    /// A plain message, and the members that chose its route.
    pub(crate) fn plain(text: Utf8Bytes, selectors: Arc<[String]>) -> Self {
        Self(Form::Members(text, selectors))
    }

    /// A binary message.
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self(Form::Binary(bytes))
    }

    /// The bytes of a binary message.
    #[must_use]
    pub fn binary(&self) -> Option<&Bytes> {
        match &self.0 {
            Form::Binary(bytes) => Some(bytes),
            Form::Data(_) | Form::Whole(_) | Form::Members(..) => None,
        }
    }

    /// What a typed route reads. A whole message that is no JSON is a JSON string, a binary one a
    /// JSON string of base64.
    pub fn payload(&self) -> Result<Cow<'_, RawValue>> {
        match &self.0 {
            Form::Data(data) => Ok(Cow::Borrowed(data)),
            Form::Whole(text) => match serde_json::from_str(text) {
                Ok(json) => Ok(Cow::Borrowed(json)),
                Err(_) => Ok(Cow::Owned(to_raw_value(text.as_str())?)),
            },
            Form::Members(text, selectors) => plain::payload(text, selectors),
            Form::Binary(bytes) => Ok(Cow::Owned(to_raw_value(&STANDARD.encode(bytes))?)),
        }
    }

    /// What an integration outside of this process reads: the text of a plain message as it came,
    /// a binary one in base64. An action of `gatewire.v1` is spelled as the same client would have spelled it without the
    /// subprotocol, `{"action":…,"data":…}`.
    #[must_use]
    pub fn body(&self, route: &str) -> Cow<'_, str> {
        match &self.0 {
            Form::Whole(text) | Form::Members(text, _) => Cow::Borrowed(text),
            Form::Data(data) => {
                Cow::Owned(action(route, data).map_or_else(|_| String::new(), String::from))
            }
            Form::Binary(bytes) => Cow::Owned(STANDARD.encode(bytes)),
        }
    }
}

/// An action as a plain message.
pub(crate) fn action(route: &str, data: &RawValue) -> Result<Box<str>> {
    let name = to_raw_value(route)?;
    let members = BTreeMap::from([("action", &*name), ("data", data)]);
    Ok(to_raw_value(&members).map_err(Error::internal)?.into())
}

/// One run of a route: when it began, and its ids, which are made when somebody asks.
#[derive(Debug)]
pub struct Request {
    received: SystemTime,
    /// Which trace it is part of, where it says so itself.
    trace: Option<Arc<TraceContext>>,
    id: OnceLock<ConnectionId>,
    message_id: OnceLock<ConnectionId>,
}

impl Request {
    pub(crate) fn now() -> Arc<Self> {
        Self::traced(None)
    }

    /// One that says which trace it is part of.
    pub(crate) fn traced(trace: Option<TraceContext>) -> Arc<Self> {
        Arc::new(Self {
            received: SystemTime::now(),
            trace: trace.map(Arc::new),
            id: OnceLock::new(),
            message_id: OnceLock::new(),
        })
    }

    /// One with ids that a test knows.
    #[cfg(test)]
    pub(crate) fn known(at: u64, id: ConnectionId, message_id: ConnectionId) -> Arc<Self> {
        let received = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(at);
        Arc::new(Self { received, trace: None, id: id.into(), message_id: message_id.into() })
    }

    /// When it began, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn at(&self) -> u64 {
        clock::millis(self.received)
    }

    /// The same, as exactly as it is known.
    #[must_use]
    pub fn received(&self) -> SystemTime {
        self.received
    }

    /// Which trace it is part of, where it says so itself.
    pub(crate) fn trace(&self) -> Option<&Arc<TraceContext>> {
        self.trace.as_ref()
    }

    /// Names this run in events, error frames and logs. 16 characters, as on API Gateway.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        *self.id.get_or_init(id::request_id)
    }

    /// The id under which AWS X-Ray would find it where it is part of no trace:
    /// `Root=1-{seconds}-{24 digits}`, hexadecimal.
    #[must_use]
    pub fn trace_id(&self) -> String {
        let id = self.id();
        let bytes = id.as_str().bytes().take(12);
        let digits = bytes.fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        format!("Root=1-{:08x}-{digits}", self.at() / 1_000)
    }

    /// Names the message that it is for.
    #[must_use]
    pub fn message_id(&self) -> ConnectionId {
        *self.message_id.get_or_init(id::request_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn an_action_is_spelled_as_a_plain_message() {
        let message = Message::data(raw(r#"{"room":"lobby"}"#));
        assert_eq!(message.payload().unwrap().get(), r#"{"room":"lobby"}"#);
        assert_eq!(message.body("join"), r#"{"action":"join","data":{"room":"lobby"}}"#);
    }

    #[test]
    fn a_plain_message_is_kept_to_the_byte_and_read_without_its_selector() {
        let text = r#"{ "action": "join",  "room": "lobby" }"#;
        let message = Message::plain(text.into(), ["action".to_owned()].into());
        assert_eq!(message.payload().unwrap().get(), r#"{"room":"lobby"}"#);
        assert_eq!(message.body("join"), text);
    }

    #[test]
    fn a_whole_message_that_is_no_json_is_a_string() {
        assert_eq!(Message::whole("hi".into()).payload().unwrap().get(), r#""hi""#);
        assert_eq!(Message::whole("[1]".into()).payload().unwrap().get(), "[1]");
    }

    #[test]
    fn a_binary_message_is_base64_for_whoever_reads_texts() {
        let message = Message::of_bytes(Bytes::from_static(&[0, 255]));
        assert_eq!(message.binary().unwrap()[..], [0, 255]);
        assert_eq!(message.payload().unwrap().get(), r#""AP8=""#);
        assert_eq!(message.body("$default"), "AP8=");
    }
}
