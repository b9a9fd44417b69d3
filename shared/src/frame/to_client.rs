//! What a client of `gatewire.v1` gets.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{ConnectionId, Error, EventOf, Limits, Result};

/// The server's first frame: verdicts and numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The id of this socket.
    pub connection_id: ConnectionId,
    /// Whether the server still knew the session.
    pub resumed: bool,
    /// How the client's contract compares; absent when the client named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Verdict>,
    /// After how many milliseconds of silence a client should send a ping.
    pub heartbeat: u64,
    /// What this connection may do.
    pub limits: Limits,
    /// When the token expires, in milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// The events on this socket are numbered from the one after this.
    #[serde(default)]
    pub seen: u64,
    /// Whether events between what the client had seen and `seen` are lost.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gap: bool,
    /// The highest id of an action that the server has seen in this session; 0 when there was none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_id: u64,
}

/// How a client's contract compares to the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The same contract.
    Same,
    /// An older one, and every change since is safe.
    Compatible,
    /// Another one.
    Differs,
}

/// The queue has the action on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The id the queue gave it.
    pub message_id: String,
    /// Its place in the queue, as 20 digits (as SQS writes it).
    pub sequence_number: String,
}

/// The server wants this client to reconnect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoAway {
    /// In how many milliseconds.
    #[serde(rename = "in")]
    pub delay: u64,
    /// Why.
    pub reason: GoAwayReason,
}

/// Why a server wants a client to reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum GoAwayReason {
    /// The server shuts down.
    Drain,
    /// The connection has lived as long as one may.
    Lifetime,
    /// A reason that a newer server knows.
    #[serde(other)]
    Other,
}

/// The server took a newer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTaken {
    /// When it expires, in milliseconds since the Unix epoch; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// `{"welcome":{…}}`
#[must_use]
pub fn welcome(welcome: &Welcome) -> String {
    member("welcome", welcome)
}

/// `{"goaway":{"in":1200,"reason":"drain"}}`
#[must_use]
pub fn go_away(go_away: &GoAway) -> String {
    member("goaway", go_away)
}

/// `{"token":{"expires":1732300000000}}`
#[must_use]
pub fn token(taken: TokenTaken) -> String {
    member("token", &taken)
}

/// `{"ping":1}`
#[must_use]
pub fn ping(number: u64) -> String {
    member("ping", &number)
}

/// `{"pong":1}`
#[must_use]
pub fn pong(number: u64) -> String {
    member("pong", &number)
}

/// `{"id":7,"accepted":{…}}`
#[must_use]
pub fn accepted(id: u64, accepted: &Accepted) -> String {
    format!(r#"{{"id":{id},"accepted":{}}}"#, json(accepted))
}

/// `{"id":7,"data":{…}}`
#[must_use]
pub fn reply(id: u64, data: &RawValue) -> String {
    format!(r#"{{"id":{id},"data":{}}}"#, data.get())
}

/// `{"id":7,"error":{…}}`, or without an id when the frame had none.
#[must_use]
pub fn error(id: Option<u64>, error: &Error) -> String {
    match id {
        Some(id) => format!(r#"{{"id":{id},"error":{}}}"#, json(error)),
        None => member("error", error),
    }
}

/// The reply or the error, whichever the handler gave.
#[must_use]
pub fn answer(id: u64, answer: &Result<Box<RawValue>>) -> String {
    match answer {
        Ok(data) => reply(id, data),
        Err(failure) => error(Some(id), failure),
    }
}

/// `{"event":"message","data":{…}}`
pub fn event<E, T: EventOf<E>>(event: &T) -> serde_json::Result<Arc<str>> {
    let data = serde_json::to_string(event)?;
    Ok(format!(r#"{{"event":"{}","data":{data}}}"#, T::NAME).into())
}

/// How every event begins, before it has a number.
const EVENT: &str = r#"{"event":"#;

/// How it begins once it has one.
const NUMBER: &str = r#"{"seq":"#;

/// The digits of the longest number.
const DIGITS: usize = 20;

/// Whether a text is an event. What is not, such as a text that somebody posted by hand, has no
/// number.
#[must_use]
pub fn is_event(text: &str) -> bool {
    text.starts_with(EVENT)
}

/// `{"seq":42,"event":"message","data":{…}}`: an event as one session gets it, written from the
/// text that all its receivers share.
#[must_use]
pub fn numbered(seq: u64, event: &str) -> String {
    debug_assert!(is_event(event), "only events are numbered");
    // Once per receiver of every post: one allocation, of the right size.
    let mut frame = String::with_capacity(NUMBER.len() + DIGITS + event.len());
    let _infallible = write!(frame, "{NUMBER}{seq},");
    frame.push_str(event.get(1..).unwrap_or_default());
    frame
}

/// One frame from a server, for clients written in Rust. It borrows from the text.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct ServerFrame<'a> {
    /// The verdicts and numbers.
    #[serde(default)]
    pub welcome: Option<Welcome>,
    /// The action that `accepted`, `data` or `error` is about.
    #[serde(default)]
    pub id: Option<u64>,
    /// The action is on disk; the reply follows.
    #[serde(default)]
    pub accepted: Option<Accepted>,
    /// The name of an event.
    #[serde(borrow, default)]
    pub event: Option<Cow<'a, str>>,
    /// The number of the event within the session.
    #[serde(default)]
    pub seq: Option<u64>,
    /// A reply or the payload of an event.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
    /// The action failed, or the last frame could not be read.
    #[serde(default)]
    pub error: Option<Error>,
    /// Asks for a `pong`.
    #[serde(default)]
    pub ping: Option<u64>,
    /// Answers a `ping`.
    #[serde(default)]
    pub pong: Option<u64>,
    /// Asks to reconnect.
    #[serde(default)]
    pub goaway: Option<GoAway>,
    /// A newer token was taken.
    #[serde(default)]
    pub token: Option<TokenTaken>,
}

impl<'a> ServerFrame<'a> {
    /// Reads one frame.
    pub fn parse(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

fn member(name: &str, value: &impl Serialize) -> String {
    format!(r#"{{"{name}":{}}}"#, json(value))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value)
        .expect("the frame's own types have string keys and no failing parts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_spelled_as_documented() {
        let data = RawValue::from_string(r#"{"id":1}"#.to_owned()).unwrap();
        assert_eq!(reply(7, &data), r#"{"id":7,"data":{"id":1}}"#);
        assert_eq!(
            error(Some(7), &Error::new(Error::THROTTLED, "slow down").temporary()),
            r#"{"id":7,"error":{"code":"throttled","message":"slow down","temporary":true}}"#
        );
        assert_eq!(pong(3), r#"{"pong":3}"#);
        assert_eq!(
            go_away(&GoAway { delay: 1200, reason: GoAwayReason::Drain }),
            r#"{"goaway":{"in":1200,"reason":"drain"}}"#
        );
        assert_eq!(
            go_away(&GoAway { delay: 0, reason: GoAwayReason::Lifetime }),
            r#"{"goaway":{"in":0,"reason":"lifetime"}}"#
        );
        assert_eq!(
            token(TokenTaken { expires: Some(1_732_300_000_000) }),
            r#"{"token":{"expires":1732300000000}}"#
        );
        assert_eq!(token(TokenTaken { expires: None }), r#"{"token":{}}"#);
        let taken = Accepted { message_id: "m".into(), sequence_number: "1".into() };
        assert_eq!(
            accepted(7, &taken),
            r#"{"id":7,"accepted":{"messageId":"m","sequenceNumber":"1"}}"#
        );
    }

    #[test]
    fn a_rust_client_reads_what_the_server_writes() {
        let text = welcome(&Welcome {
            connection_id: ConnectionId::from_bytes([1; 11]),
            resumed: false,
            contract: None,
            heartbeat: 25_000,
            limits: Limits::default(),
            expires: None,
            seen: 41,
            gap: true,
            last_id: 7,
        });
        assert!(text.ends_with(r#""seen":41,"gap":true,"lastId":7}}"#), "{text}");
        assert_eq!(ServerFrame::parse(&text).unwrap().welcome.unwrap().heartbeat, 25_000);
        let text = error(Some(7), &Error::new("full", "the room is full"));
        assert_eq!(ServerFrame::parse(&text).unwrap().error.unwrap().code(), "full");
    }

    #[test]
    fn an_event_is_numbered_without_being_written_again() {
        let event = r#"{"event":"message","data":{"n":1}}"#;
        assert!(is_event(event));
        assert!(!is_event(r#"{"id":1,"event":"message"}"#));
        let text = numbered(42, event);
        assert_eq!(text, r#"{"seq":42,"event":"message","data":{"n":1}}"#);
        let frame = ServerFrame::parse(&text).unwrap();
        assert_eq!((frame.seq, frame.event.as_deref()), (Some(42), Some("message")));
    }

    #[test]
    fn a_reason_from_a_newer_server_is_no_error() {
        let text = r#"{"goaway":{"in":5,"reason":"moon phase"}}"#;
        let go_away = ServerFrame::parse(text).unwrap().goaway.unwrap();
        assert_eq!(go_away, GoAway { delay: 5, reason: GoAwayReason::Other });
    }
}
