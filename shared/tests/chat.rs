//! The contract of the documentation works: decoded, routed, served.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{self, Poll, Waker},
};

use gatewire::{
    ConnectionId, Forwarded, Outbox, PostError, ServedBy, context::Posting, prelude::*,
};
use serde_json::value::RawValue;

/// What a browser may ask.
#[derive(Contract)]
#[contract(events = ChatEvent)]
enum Chat {
    /// Post a message to a room.
    #[reply(Posted)]
    SendMessage(SendMessage),
    /// Say that you are typing.
    Typing(Typing),
    #[contract(rename = "who-is-here")]
    #[reply(Vec<String>)]
    Who(Who),
}

/// What the chat may tell a browser.
#[derive(Events)]
enum ChatEvent {
    Message(Message),
    Left(Left),
}

#[message]
struct SendMessage {
    room: String,
    text: String,
    #[serde(default)]
    mentions: Vec<Mention>,
}

#[message]
#[serde(deny_unknown_fields)]
struct Mention {
    who: String,
    at: u32,
}

#[message]
struct Posted {
    id: u32,
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Who;

#[message]
struct Message {
    from: String,
    text: String,
}

#[message]
struct Left {
    who: String,
}

struct App;

impl Handle<SendMessage> for App {
    async fn handle(&self, message: SendMessage, cx: Context<Chat>) -> Result<Posted> {
        let id = u32::try_from(message.mentions.len())?;
        let from = cx.principal().into();
        let text = message.text;
        cx.post_to_group(&message.room, Message { from, text }).await?;
        Ok(Posted { id })
    }
}

impl Handle<Typing> for App {
    async fn handle(&self, typing: Typing, cx: Context<Chat>) -> Result<()> {
        cx.post(Left { who: typing.room }).await?;
        Ok(())
    }
}

impl Forwarded<Who> for App {}

#[test]
fn a_contract_knows_its_fingerprint() {
    let schema =
        gatewire::describe::schema(&<Chat as gatewire::describe::Describe>::describe()).unwrap();
    let fingerprint = gatewire::describe::fingerprint(&schema);
    assert_eq!(Chat::fingerprint(), Some(fingerprint.as_str()));
}

#[test]
fn names_follow_the_variants() {
    assert_eq!(Chat::NAME, "chat");
    assert_eq!(Chat::ROUTES, ["sendMessage", "typing", "who-is-here"]);
    assert_eq!(SendMessage::ROUTE, "sendMessage");
    assert_eq!(ChatEvent::NAMES, ["message", "left"]);
    assert_eq!(<Left as EventOf<ChatEvent>>::NAME, "left");
    assert_eq!(Chat::from(Who).route(), "who-is-here");
    match ChatEvent::from(Left { who: "ann".into() }) {
        ChatEvent::Left(left) => assert_eq!(left.who, "ann"),
        ChatEvent::Message(message) => panic!("{}", message.text),
    }
}

#[test]
fn an_action_is_decoded_by_its_route() {
    let action = decode("sendMessage", r#"{"room":"lobby","text":"hi"}"#).unwrap();
    assert_eq!(action.route(), "sendMessage");
    assert!(matches!(action, Chat::SendMessage(it) if it.room == "lobby" && it.text == "hi"));
}

#[test]
fn a_wrong_payload_is_told_which_field_is_wrong() {
    for (payload, message) in [
        (r#"{"room":"lobby"}"#, "sendMessage.text: missing field"),
        (r#"{"room":5,"text":""}"#, "sendMessage.room: expected string, found number"),
        (
            r#"{"room":"","text":"","mentions":[{"who":"ann","at":0},{"who":"bob"}]}"#,
            "sendMessage.mentions[1].at: missing field",
        ),
        (
            r#"{"room":"","text":"","mentions":[{"who":"ann","at":-1}]}"#,
            "sendMessage.mentions[0].at: less than 0",
        ),
        (
            r#"{"room":"","text":"","mentions":[{"who":"ann","at":0,"colour":"blue"}]}"#,
            "sendMessage.mentions[0].colour: unknown field",
        ),
        ("null", "sendMessage: expected object, found null"),
    ] {
        let error = decode("sendMessage", payload).err().unwrap();
        assert_eq!(error.code(), Error::INVALID);
        assert_eq!(error.message(), message);
    }
}

#[test]
fn an_action_that_is_not_declared_is_named() {
    let error = decode("shout", "null").err().unwrap();
    assert_eq!(error.code(), Error::UNKNOWN_ACTION);
    assert_eq!(error.message(), "`chat` has no action `shout`");
}

#[test]
fn a_handler_replies_and_posts() {
    let outbox = Arc::new(Posts::default());
    let action =
        decode("sendMessage", r#"{"room":"lobby","text":"hi","mentions":[{"who":"ann","at":0}]}"#);
    let reply = serve(action.unwrap(), &outbox).unwrap();
    assert_eq!(reply.get(), r#"{"id":1}"#);

    let action = decode("typing", r#"{"room":"lobby"}"#);
    let reply = serve(action.unwrap(), &outbox).unwrap();
    assert_eq!(reply.get(), "null");

    let posts = outbox.0.lock().unwrap();
    let [(group, message), (connection, left)] = posts.as_slice() else { panic!("{posts:?}") };
    assert_eq!(group, "lobby");
    assert!(message.contains(r#""event":"message""#), "{message}");
    assert!(message.contains(r#""data":{"from":"","text":"hi"}"#), "{message}");
    assert_eq!(*connection, here().to_string());
    assert!(left.contains(r#""data":{"who":"lobby"}"#), "{left}");
}

#[test]
fn an_action_that_another_process_answers_is_refused_here() {
    let action = decode("who-is-here", "null").unwrap();
    let error = serve(action, &Arc::default()).unwrap_err();
    assert_eq!(error.code(), Error::UNAVAILABLE);
    assert_eq!(error.message(), "`who-is-here` is answered elsewhere, and no route forwards it");
}

fn decode(route: &str, payload: &str) -> Result<Chat> {
    Chat::decode(route, &RawValue::from_string(payload.to_owned()).expect("tests write valid JSON"))
}

fn serve(action: Chat, outbox: &Arc<Posts>) -> Result<Box<RawValue>> {
    let cx = Context::new(here(), outbox.clone());
    let mut serving = pin!(is_send(action.serve(&App, cx)));
    match serving.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(reply) => reply,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn is_send<F: Future + Send>(future: F) -> F {
    future
}

fn here() -> ConnectionId {
    ConnectionId::from_bytes([7; ConnectionId::BYTES])
}

/// Keeps what is posted, with the group or connection it goes to.
#[derive(Default)]
struct Posts(Mutex<Vec<(String, String)>>);

impl Posts {
    fn keep(&self, target: &str, text: &str) {
        let mut posts = self.0.lock().expect("no test panics while it holds the lock");
        posts.push((target.to_owned(), text.to_owned()));
    }
}

impl Outbox for Posts {
    fn post(&self, connection: ConnectionId, text: Arc<str>) -> Posting<'_, ()> {
        self.keep(connection.as_str(), &text);
        Box::pin(async { Ok(()) })
    }

    fn post_to_group<'a>(&'a self, group: &'a str, text: Arc<str>) -> Posting<'a, usize> {
        self.keep(group, &text);
        Box::pin(async { Ok(1) })
    }

    fn join<'a>(&'a self, connection: ConnectionId, _: &'a str) -> Posting<'a, ()> {
        Box::pin(async move { Err(PostError::Gone(connection)) })
    }

    fn leave<'a>(&'a self, connection: ConnectionId, _: &'a str) -> Posting<'a, ()> {
        Box::pin(async move { Err(PostError::Gone(connection)) })
    }
}
