//! What a client of `gatewire.v1` gets.

use std::{borrow::Cow, sync::Arc};

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
    /// Why: `drain`.
    pub reason: Cow<'static, str>,
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
            go_away(&GoAway { delay: 1200, reason: "drain".into() }),
            r#"{"goaway":{"in":1200,"reason":"drain"}}"#
        );
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
        });
        assert_eq!(ServerFrame::parse(&text).unwrap().welcome.unwrap().heartbeat, 25_000);
        let text = error(Some(7), &Error::new("full", "the room is full"));
        assert_eq!(ServerFrame::parse(&text).unwrap().error.unwrap().code(), "full");
    }
}
