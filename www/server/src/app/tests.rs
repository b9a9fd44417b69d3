use std::sync::Arc;

use gatewire::{
    CloseCode, ConnectionId, Delivery, Handle as _, Outbox, PostError, Principal, context::Posting,
};
use serde_json::{Value, json};

use super::*;

/// Remembers what it is asked to do, in order.
#[derive(Default)]
struct FakeOutbox {
    told: Mutex<Vec<(String, Value)>>,
    gone: bool,
}

impl FakeOutbox {
    fn note(&self, group: &str, what: Value) {
        self.told.lock().unwrap().push((group.to_owned(), what));
    }

    fn told(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

impl Outbox for FakeOutbox {
    fn post(&self, _: ConnectionId, _: Arc<str>) -> Posting<'_, ()> {
        unreachable!("the chat posts to rooms only")
    }

    fn post_to_group<'a>(&'a self, group: &'a str, text: Arc<str>) -> Posting<'a, usize> {
        self.note(group, serde_json::from_str(&text).unwrap());
        Box::pin(async { Ok(1) })
    }

    fn join<'a>(&'a self, connection: ConnectionId, group: &'a str) -> Posting<'a, ()> {
        self.note(group, json!("join"));
        let gone = self.gone;
        Box::pin(async move {
            if gone {
                return Err(PostError::Gone(connection));
            }
            Ok(())
        })
    }

    fn leave<'a>(&'a self, _: ConnectionId, group: &'a str) -> Posting<'a, ()> {
        self.note(group, json!("leave"));
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn a_message_handled_again_after_a_crash_keeps_its_number() {
    let (app, outbox) = chat().await;
    let first = app.handle(hello(None), ada(&outbox)).await.unwrap();
    let again = app.handle(hello(None), ada(&outbox)).await.unwrap();
    assert_eq!((first.number, first.sent_at), (1, 1000));
    assert_eq!(again, first);
    let posted = json!({"event": "messagePosted", "data": {
        "room": "lobby", "number": 1, "author": "Ada", "text": "hello", "sentAt": 1000,
    }});
    let mut told = outbox.told();
    for (group, event) in &mut told {
        assert_eq!(group, "lobby");
        event["data"].as_object_mut().unwrap().remove("tag");
        assert_eq!(*event, posted, "told again, because the first may have been lost");
    }
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn a_tag_makes_writing_again_harmless_even_in_another_session() {
    let (app, outbox) = chat().await;
    let first = app.handle(hello(Some("t")), ada(&outbox)).await.unwrap();
    let other = ada(&outbox).with_idempotency_key(Some("another/1".into()));
    assert_eq!(app.handle(hello(Some("t")), other).await.unwrap(), first);

    let grace = named("Grace", 2, &outbox);
    let hers = app.handle(hello(Some("t")), grace).await.unwrap();
    assert_eq!(hers.number, 2, "a tag is its author's own");
}

#[tokio::test]
async fn the_queue_dates_a_message_it_has_carried() {
    let (app, outbox) = chat().await;
    let cx = ada(&outbox).with_delivery(Delivery {
        message_id: "m".into(),
        sequence_number: 1,
        group: "lobby".into(),
        receive_count: 2,
        sent_at: 77,
    });
    assert_eq!(app.handle(hello(None), cx).await.unwrap().sent_at, 77);
}

#[tokio::test]
async fn joining_takes_the_seat_before_it_reads() {
    let (app, outbox) = chat().await;
    for number in ["1", "2", "3"] {
        let cx = ada(&outbox).with_idempotency_key(Some(number.into()));
        app.handle(hello(None), cx).await.unwrap();
    }
    outbox.told();
    let joined = app.handle(join(Some(1)), ada(&outbox)).await.unwrap();
    let numbers: Vec<u32> = joined.messages.iter().map(|m| m.number).collect();
    assert_eq!((numbers, joined.more), (vec![2, 3], false));
    assert_eq!(joined.members, ["Ada"]);
    let told = outbox.told();
    assert_eq!(told[0].1, json!("join"));
    assert_eq!(told[1].1, presence(&["Ada"]));

    app.handle(join(Some(3)), ada(&outbox)).await.unwrap();
    assert_eq!(outbox.told().len(), 1, "nobody new, nobody told");
}

#[tokio::test]
async fn who_closes_the_page_leaves_the_room() {
    let (app, outbox) = chat().await;
    let grace = named("Grace", 2, &outbox);
    app.handle(join(None), ada(&outbox)).await.unwrap();
    app.handle(join(None), grace.clone()).await.unwrap();
    outbox.told();
    app.disconnected(grace, closed(None)).await;
    assert_eq!(outbox.told(), [("lobby".to_owned(), presence(&["Ada"]))]);
}

#[tokio::test]
async fn who_comes_back_on_another_connection_was_not_away() {
    let (app, outbox) = chat().await;
    let (before, after) = (named("Grace", 2, &outbox), named("Grace", 3, &outbox));
    app.handle(join(None), before.clone()).await.unwrap();
    outbox.told();
    app.clone().disconnected(before, closed(Some(after.connection()))).await;
    app.handle(Typing { room: "lobby".into() }, after.clone()).await.unwrap();
    let typing = json!({"event": "typing", "data": {"room": "lobby", "name": "Grace"}});
    assert_eq!(outbox.told(), [("lobby".to_owned(), typing)]);
    app.disconnected(after, closed(None)).await;
    assert_eq!(outbox.told(), [("lobby".to_owned(), presence(&[]))]);
}

#[tokio::test]
async fn a_socket_that_closes_while_it_joins_leaves_no_ghost() {
    let outbox = Arc::new(FakeOutbox { gone: true, ..FakeOutbox::default() });
    let (app, _) = chat().await;
    app.handle(join(None), ada(&outbox)).await.unwrap_err();
    assert!(app.rooms().members("lobby").is_empty());
}

#[tokio::test]
async fn only_members_are_seen_typing() {
    let (app, outbox) = chat().await;
    let typing = || Typing { room: "lobby".into() };
    app.handle(typing(), ada(&outbox)).await.unwrap();
    assert!(outbox.told().is_empty());

    app.handle(join(None), ada(&outbox)).await.unwrap();
    outbox.told();
    app.handle(typing(), ada(&outbox)).await.unwrap();
    let event = json!({"event": "typing", "data": {"room": "lobby", "name": "Ada"}});
    assert_eq!(outbox.told(), [("lobby".to_owned(), event)]);

    let leave = Leave { room: "lobby".into() };
    app.handle(leave, ada(&outbox)).await.unwrap();
    outbox.told();
    app.handle(typing(), ada(&outbox)).await.unwrap();
    assert!(outbox.told().is_empty());
}

#[tokio::test]
async fn who_has_not_signed_in_can_neither_join_nor_write() {
    let (app, outbox) = chat().await;
    let nobody = named("", 3, &outbox);
    let error = app.handle(hello(None), nobody.clone()).await.unwrap_err();
    assert_eq!(error.code(), Error::UNAUTHORIZED);
    let error = app.handle(join(None), nobody).await.unwrap_err();
    assert_eq!(error.code(), Error::UNAUTHORIZED);
    assert!(outbox.told().is_empty());
}

async fn chat() -> (App, Arc<FakeOutbox>) {
    let store = Store::in_memory().unwrap();
    (App::open(store, || 1000).await.unwrap(), Arc::default())
}

fn ada(outbox: &Arc<FakeOutbox>) -> Context<Chat> {
    named("Ada", 1, outbox)
}

fn named(name: &str, connection: u8, outbox: &Arc<FakeOutbox>) -> Context<Chat> {
    let id = ConnectionId::from_bytes([connection; ConnectionId::BYTES]);
    let principal = Principal { id: name.to_owned(), ..Principal::default() };
    Context::new(id, outbox.clone())
        .with_principal(Arc::new(principal))
        .with_idempotency_key(Some("session/7".into()))
}

fn hello(tag: Option<&str>) -> SendMessage {
    SendMessage { room: "lobby".into(), text: "hello".into(), tag: tag.map(str::to_owned) }
}

fn join(after: Option<u32>) -> Join {
    Join { room: "lobby".into(), after }
}

fn closed(successor: Option<ConnectionId>) -> Closed {
    Closed { code: CloseCode::ABNORMAL, reason: String::new(), successor }
}

fn presence(members: &[&str]) -> Value {
    json!({"event": "presence", "data": {"room": "lobby", "members": members}})
}
