//! What a client of `gatewire.v1` sends.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

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
        /// The `seq` of the last event the client has handled; 0 when it had none.
        seen: u64,
        /// Which trace it is part of, as it came: nothing in it makes a frame wrong.
        trace: Option<&'a RawValue>,
    },
    /// Asks for a `pong` with the same number.
    Ping {
        /// Comes back in the `pong`.
        number: u64,
        /// As in an action.
        seen: u64,
    },
    /// Answers a `ping`.
    Pong(u64),
    /// A newer token for the same principal.
    Token(Token<'a>),
}

/// A token on the wire. Its `Debug` keeps it to itself, so that no log has it by accident.
pub struct Token<'a>(pub Cow<'a, str>);

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The first frame of a client: `{"hello":{"session":"…"}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// The session this socket continues, or begins.
    pub session: SessionId,
    /// The fingerprint of the contract the client was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The `seq` of the last event the client has handled. Absent when it does not know, as a page
    /// that was loaded again: then the server takes what the session acknowledged last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
}

/// `{"hello":{"session":"…"}}`
#[must_use]
pub fn hello(hello: &Hello) -> String {
    let hello = serde_json::to_string(hello).expect("a hello has string keys and no failing parts");
    format!(r#"{{"hello":{hello}}}"#)
}

/// `{"action":"sendMessage","id":7,"data":{…},"seen":42}`, of a payload that is JSON already.
/// `seen` acknowledges the events up to that number; 0 acknowledges nothing and is left out.
#[must_use]
pub fn action(route: &str, id: u64, data: &str, seen: u64) -> String {
    let mut frame = format!(r#"{{"action":"{route}","id":{id},"data":{data}"#);
    acknowledge(&mut frame, seen);
    frame
}

/// `{"ping":3,"seen":42}`, which acknowledges as [`action`] does.
#[must_use]
pub fn ping(number: u64, seen: u64) -> String {
    let mut frame = format!(r#"{{"ping":{number}"#);
    acknowledge(&mut frame, seen);
    frame
}

/// `{"token":"…"}`
#[must_use]
pub fn token(token: &str) -> String {
    let token = serde_json::to_string(token).expect("a text can be written");
    format!(r#"{{"token":{token}}}"#)
}

fn acknowledge(frame: &mut String, seen: u64) {
    if seen > 0 {
        let _infallible = write!(frame, r#","seen":{seen}"#);
    }
    frame.push('}');
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
            Wire { action: Some(Text(route)), id, data, seen, trace, .. } => {
                let data = data.unwrap_or(RawValue::NULL);
                Ok(Self::Action { route, id, data, seen, trace })
            }
            Wire { hello: Some(hello), .. } => Ok(Self::Hello(hello)),
            Wire { ping: Some(number), seen, .. } => Ok(Self::Ping { number, seen }),
            Wire { pong: Some(number), .. } => Ok(Self::Pong(number)),
            Wire { token: Some(Text(token)), .. } => Ok(Self::Token(Token(token))),
            Wire { id, .. } => {
                let message = "a frame has one of the members action, hello, ping, pong, token";
                Err(ParseError::new(id, message))
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
    #[serde(default)]
    seen: u64,
    #[serde(borrow, default)]
    token: Option<Text<'a>>,
    #[serde(borrow, default)]
    trace: Option<&'a RawValue>,
}

/// A text that borrows where it can; serde does not look for a `Cow` inside an `Option`.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::{ClientFrame, Hello, action, hello, ping, token};

    #[test]
    fn an_action_borrows_its_route_and_keeps_its_payload_as_text() {
        let text = r#"{"action":"sendMessage","id":7,"data":{"n":1e400,"room":"lobby"}}"#;
        let ClientFrame::Action { route, id, data, seen: 0, trace: None } =
            ClientFrame::parse(text).unwrap()
        else {
            panic!("not an action")
        };
        assert!(matches!(route, std::borrow::Cow::Borrowed("sendMessage")));
        assert_eq!(id, Some(7));
        assert_eq!(data.get(), r#"{"n":1e400,"room":"lobby"}"#);
    }

    #[test]
    fn a_server_reads_what_a_rust_client_writes() {
        let session: crate::SessionId = "0123456789abcdef".parse().unwrap();
        let text = hello(&Hello { session: session.clone(), contract: None, seen: None });
        assert_eq!(text, r#"{"hello":{"session":"0123456789abcdef"}}"#);
        assert!(matches!(
            ClientFrame::parse(&text),
            Ok(ClientFrame::Hello(hello)) if hello.session == session
        ));
        let text = action("sendMessage", 7, r#"{"room":"lobby"}"#, 0);
        assert_eq!(text, r#"{"action":"sendMessage","id":7,"data":{"room":"lobby"}}"#);
        assert!(matches!(ClientFrame::parse(&text), Ok(ClientFrame::Action { id: Some(7), .. })));
    }

    #[test]
    fn actions_and_pings_acknowledge_events() {
        let text = action("typing", 7, "{}", 42);
        assert_eq!(text, r#"{"action":"typing","id":7,"data":{},"seen":42}"#);
        assert!(matches!(ClientFrame::parse(&text), Ok(ClientFrame::Action { seen: 42, .. })));
        assert_eq!(ping(3, 0), r#"{"ping":3}"#);
        let text = ping(3, 42);
        assert_eq!(text, r#"{"ping":3,"seen":42}"#);
        let frame = ClientFrame::parse(&text).unwrap();
        assert!(matches!(frame, ClientFrame::Ping { number: 3, seen: 42 }));
        let text = r#"{"hello":{"session":"0123456789abcdef","seen":0}}"#;
        let frame = ClientFrame::parse(text).unwrap();
        assert!(
            matches!(frame, ClientFrame::Hello(Hello { seen: Some(0), .. })),
            "nothing handled yet is not the same as not knowing"
        );
    }

    #[test]
    fn whatever_an_action_says_of_its_trace_is_no_mistake() {
        for trace in [r#"{"traceparent":"00-1-2-01"}"#, "7", "[]", r#""00""#] {
            let text = format!(r#"{{"action":"typing","id":7,"trace":{trace},"data":{{}}}}"#);
            let frame = ClientFrame::parse(&text).unwrap();
            let ClientFrame::Action { trace: Some(read), .. } = frame else { panic!("no trace") };
            assert_eq!(read.get(), trace);
        }
    }

    #[test]
    fn a_token_travels_whole_and_is_shown_to_nobody() {
        let text = token("a\"b");
        assert_eq!(text, r#"{"token":"a\"b"}"#);
        let frame = ClientFrame::parse(&text).unwrap();
        assert!(matches!(&frame, ClientFrame::Token(token) if token.0 == "a\"b"));
        assert_eq!(format!("{frame:?}"), "Token(Token(…))");
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
        assert!(error.error.message().contains("action, hello, ping, pong, token"), "{error:?}");
    }
}
