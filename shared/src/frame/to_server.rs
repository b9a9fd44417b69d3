//! What a client of `gatewire.v1` sends.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Error, Result, SessionId};

/// One frame from a client. It borrows from the text; the payload stays text.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientFrame<'a> {
    /// The first frame: which session this socket belongs to.
    Hello(Hello),
    /// An action.
    Action {
        /// The route key.
        route: Cow<'a, str>,
        /// Counts up within the session; absent when no answer is wanted.
        id: Option<u64>,
        /// The payload; `null` when absent.
        data: &'a RawValue,
    },
    /// Asks for a `pong` with the same number.
    Ping(u64),
    /// Answers a `ping`.
    Pong(u64),
}

/// The first frame of a client: `{"hello":{"session":"…"}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// The session this socket continues, or begins.
    pub session: SessionId,
    /// The fingerprint of the contract the client was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The `seq` of the last event the client has seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
}

impl<'a> ClientFrame<'a> {
    /// Reads one frame. The error says what is wrong and where, and an action's carries its id, so
    /// that the promise waiting for it learns of it.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        // serde would read an array as the members in their order.
        if text.trim_start().starts_with('[') {
            return Err(ParseError::new(None, "not a frame: a frame is an object"));
        }
        let frame: Wire<'a> = serde_json::from_str(text)
            .map_err(|source| ParseError::new(None, format!("not a frame: {source}")))?;
        match frame {
            Wire { action: Some(Text(route)), id, data, .. } => {
                Ok(Self::Action { route, id, data: data.unwrap_or(RawValue::NULL) })
            }
            Wire { hello: Some(hello), .. } => Ok(Self::Hello(hello)),
            Wire { ping: Some(number), .. } => Ok(Self::Ping(number)),
            Wire { pong: Some(number), .. } => Ok(Self::Pong(number)),
            Wire { id, .. } => {
                Err(ParseError::new(id, "a frame has one of the members action, hello, ping, pong"))
            }
        }
    }
}

/// The frame cannot be read.
#[derive(Debug)]
pub struct ParseError {
    /// The id the frame carried, where that much could be read.
    pub id: Option<u64>,
    /// What to tell the client.
    pub error: Error,
}

impl ParseError {
    fn new(id: Option<u64>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { id, error: Error::new(Error::MALFORMED, message) }
    }
}

/// Every member a frame may have, so that one pass over the text finds them all.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    action: Option<Text<'a>>,
    #[serde(default)]
    id: Option<u64>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    hello: Option<Hello>,
    #[serde(default)]
    ping: Option<u64>,
    #[serde(default)]
    pong: Option<u64>,
}

/// A text that borrows where it can; serde does not look for a `Cow` inside an `Option`.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::ClientFrame;

    #[test]
    fn an_action_borrows_its_route_and_keeps_its_payload_as_text() {
        let text = r#"{"action":"sendMessage","id":7,"data":{"n":1e400,"room":"lobby"}}"#;
        let ClientFrame::Action { route, id, data } = ClientFrame::parse(text).unwrap() else {
            panic!("not an action")
        };
        assert!(matches!(route, std::borrow::Cow::Borrowed("sendMessage")));
        assert_eq!(id, Some(7));
        assert_eq!(data.get(), r#"{"n":1e400,"room":"lobby"}"#);
    }

    #[test]
    fn what_is_no_frame_is_told_why() {
        let error = ClientFrame::parse("hello").unwrap_err().error;
        assert_eq!(error.code(), "malformed");
        assert!(error.message().contains("line 1 column 1"), "{error}");

        let error = ClientFrame::parse(r#"{"hello":{"session":"short"}}"#).unwrap_err().error;
        assert!(error.message().contains("session id is 16 to 64"), "{error}");

        let error = ClientFrame::parse(r#"{"id":3,"data":{}}"#).unwrap_err();
        assert_eq!(error.id, Some(3));
        assert!(error.error.message().contains("action, hello, ping, pong"), "{error:?}");
    }
}
