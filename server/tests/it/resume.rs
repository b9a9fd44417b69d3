//! A session over several sockets: no event is missed in silence.

use std::time::Duration;

use crate::support::{Client, Server};
use gatewire::ConnectionId;
use gatewire_server::{Store, mailbox::MailboxLimits, session::ResumeLimits};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

const ADA: &str = "0123456789abcdef-ada";
const BOB: &str = "0123456789abcdef-bob";

/// Puts a client into the room of these stories.
async fn join(client: &mut Client) {
    let answer = client.ask(json!({"action": "join", "id": 1, "data": {"room": "r"}})).await;
    assert_eq!(answer, json!({"id": 1, "data": null}));
}

/// Posts to the room and returns how many took it.
async fn shout(client: &mut Client, id: u64, text: &str) -> Value {
    let data = json!({"room": "r", "text": text});
    client.ask(json!({"action": "shout", "id": id, "data": data})).await["data"]["by"].take()
}

fn heard(seq: u64, text: &str) -> Value {
    json!({"seq": seq, "event": "shouted", "data": {"from": "", "text": text}})
}

fn id(welcome: &Value) -> ConnectionId {
    welcome["connectionId"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn missed_events_follow_the_welcome_in_order_and_the_groups_survive() {
    let server = Server::start().await;
    let mut ada = server.session(ADA).await;
    join(&mut ada).await;
    let mut bob = server.session(BOB).await;
    shout(&mut bob, 1, "a").await;
    assert_eq!(ada.next().await, heard(1, "a"));
    drop(ada);
    assert_eq!(shout(&mut bob, 2, "b").await, 1, "it is kept for her");
    assert_eq!(shout(&mut bob, 3, "c").await, 1);

    let (mut ada, welcome) = server.resume(ADA, Some(1)).await;
    assert_eq!(welcome["resumed"], true);
    assert_eq!(welcome["seen"], 1);
    assert_eq!(welcome["lastId"], 1);
    assert!(welcome.get("gap").is_none(), "{welcome}");
    assert_eq!(shout(&mut bob, 4, "d").await, 1, "once, however many connections she had");
    for (seq, text) in [(2, "b"), (3, "c"), (4, "d")] {
        assert_eq!(ada.next().await, heard(seq, text));
    }
    assert_eq!(ada.ask(json!({"ping": 1})).await, json!({"pong": 1}), "and nothing more");
}

#[tokio::test]
async fn a_client_that_has_seen_no_event_misses_none() {
    let server = Server::start().await;
    let mut ada = server.session(ADA).await;
    join(&mut ada).await;
    drop(ada);
    let mut bob = server.session(BOB).await;
    shout(&mut bob, 1, "a").await;
    let (mut ada, welcome) = server.resume(ADA, Some(0)).await;
    assert_eq!((&welcome["resumed"], &welcome["seen"]), (&json!(true), &json!(0)));
    assert_eq!(ada.next().await, heard(1, "a"));
}

#[tokio::test]
async fn what_is_no_longer_kept_is_told_as_a_gap() {
    let limits = ResumeLimits { events: 2, ..ResumeLimits::default() };
    let server = Server::start_with(|gateway| gateway.resume(limits)).await;
    let mut ada = server.session(ADA).await;
    join(&mut ada).await;
    drop(ada);
    let mut bob = server.session(BOB).await;
    for (id, text) in (1..).zip(["a", "b", "c"]) {
        shout(&mut bob, id, text).await;
    }
    let (mut ada, welcome) = server.resume(ADA, Some(0)).await;
    assert_eq!((&welcome["gap"], &welcome["seen"]), (&json!(true), &json!(1)));
    assert_eq!(ada.next().await, heard(2, "b"));
    assert_eq!(ada.next().await, heard(3, "c"));
}

#[tokio::test]
async fn a_page_loaded_again_goes_on_where_the_session_had_acknowledged() {
    let server = Server::start().await;
    let mut ada = server.session(ADA).await;
    join(&mut ada).await;
    let mut bob = server.session(BOB).await;
    for (id, text) in (1..).zip(["a", "b", "c"]) {
        shout(&mut bob, id, text).await;
        ada.next().await;
    }
    ada.ask(json!({"ping": 1, "seen": 1})).await;
    ada.ask(json!({"action": "echo", "id": 2, "data": {"text": "x"}, "seen": 2})).await;
    drop(ada);
    let (mut ada, welcome) = server.resume(ADA, None).await;
    assert_eq!((&welcome["seen"], &welcome["lastId"]), (&json!(2), &json!(2)));
    assert_eq!(ada.next().await, heard(3, "c"));
}

#[tokio::test]
async fn events_after_the_newer_welcome_go_to_the_newer_socket_alone() {
    let server = Server::start().await;
    let mut old = server.session(ADA).await;
    join(&mut old).await;
    let mut bob = server.session(BOB).await;
    shout(&mut bob, 1, "a").await;
    assert_eq!(old.next().await, heard(1, "a"));
    let (mut new, welcome) = server.resume(ADA, Some(1)).await;
    assert_eq!((&welcome["resumed"], &welcome["seen"]), (&json!(true), &json!(1)));
    assert_eq!(shout(&mut bob, 2, "b").await, 1);
    assert_eq!(new.next().await, heard(2, "b"));
    assert_eq!(old.refused().await.code, CloseCode::Library(4409), "and no event before it");
}

#[tokio::test]
async fn a_slow_reader_comes_back_to_what_is_kept_and_learns_of_the_rest() {
    let mailbox = MailboxLimits { texts: 8, bytes: 1024 * 1024 };
    let server = Server::start_with(|gateway| gateway.mailbox(mailbox)).await;
    let mut slow = server.session(ADA).await;
    join(&mut slow).await;
    let mut bob = server.session(BOB).await;
    // More than the kernel's buffers and the mailbox hold together.
    let text = "x".repeat(100_000);
    for id in 1..=200 {
        shout(&mut bob, id, &text).await;
    }
    let (mut ada, welcome) = server.resume(ADA, Some(0)).await;
    assert_eq!(welcome["gap"], true);
    for seq in welcome["seen"].as_u64().unwrap() + 1..=200 {
        assert_eq!(ada.next().await["seq"], seq);
    }
}

#[tokio::test]
async fn disconnect_runs_when_the_session_has_gone_on_and_is_told_where() {
    let server = Server::start().await;
    let (first, former) = server.resume(ADA, None).await;
    drop(first);
    let (mut ada, newer) = server.resume(ADA, None).await;
    ada.ask(json!({"action": "echo", "id": 1, "data": {"text": "x"}})).await;
    // The hook runs before the first action.
    assert_eq!(*server.app.left.lock().unwrap(), [(id(&former), Some(id(&newer)))]);
}

#[tokio::test]
async fn disconnect_runs_when_the_client_has_not_come_back_in_time() {
    let limits = ResumeLimits { keep: Duration::from_millis(20), ..ResumeLimits::default() };
    let server = Server::start_with(|gateway| gateway.resume(limits)).await;
    let (ada, welcome) = server.resume(ADA, None).await;
    drop(ada);
    server.app.closing.notified().await;
    assert_eq!(*server.app.left.lock().unwrap(), [(id(&welcome), None)]);
    assert_eq!(*server.app.closed.lock().unwrap(), [1006]);
    let (_, welcome) = server.resume(ADA, Some(7)).await;
    assert_eq!((&welcome["resumed"], &welcome["seen"]), (&json!(false), &json!(0)));
}

#[tokio::test]
async fn disconnect_runs_at_once_when_the_client_closed_for_good() {
    let server = Server::start().await;
    let bye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    for frame in [Some(bye), None] {
        let mut ada = server.session(ADA).await;
        join(&mut ada).await;
        ada.socket.close(frame).await.unwrap();
        server.app.closing.notified().await;
        let mut bob = server.session(BOB).await;
        assert_eq!(shout(&mut bob, 1, "x").await, 0, "she has left the room");
        bob.socket.close(None).await.unwrap();
        server.app.closing.notified().await;
    }
    let (_, welcome) = server.resume(ADA, None).await;
    assert_eq!(welcome["resumed"], false);
}

#[tokio::test]
async fn a_handler_that_knows_the_former_connection_reaches_the_session() {
    let server = Server::start().await;
    let (first, former) = server.resume(ADA, None).await;
    let outbox = server.gateway.outbox();
    outbox.join(id(&former), "one").await.unwrap();
    drop(first);
    let (mut ada, _) = server.resume(ADA, None).await;
    ada.ask(json!({"ping": 1})).await;
    outbox.join(id(&former), "two").await.unwrap();
    outbox.leave(id(&former), "one").await.unwrap();
    assert_eq!(outbox.post_to_group("one", r#"{"event":"one"}"#.into()).await.unwrap(), 0);
    assert_eq!(outbox.post_to_group("two", r#"{"event":"two"}"#.into()).await.unwrap(), 1);
    outbox.post(id(&former), r#"{"event":"post"}"#.into()).await.unwrap();
    assert_eq!(ada.next().await, json!({"seq": 1, "event": "two"}));
    assert_eq!(ada.next().await, json!({"seq": 2, "event": "post"}));
}

#[tokio::test]
async fn events_and_answers_survive_a_restart() {
    let store = Store::in_memory().unwrap();
    let server = Server::start_on(&store, |gateway| gateway).await;
    let mut ada = server.session(ADA).await;
    join(&mut ada).await;
    ada.send(json!({"action": "hold", "id": 2, "data": {}})).await;
    server.app.go.notify_one();
    assert_eq!(ada.next().await, json!({"id": 2, "data": {"turn": 1}}));
    let mut bob = server.session(BOB).await;
    shout(&mut bob, 1, "a").await;
    assert_eq!(ada.next().await, heard(1, "a"));
    drop(ada);
    shout(&mut bob, 2, "b").await;
    drop(bob);
    server.stop().await;

    let server = Server::start_on(&store, |gateway| gateway).await;
    let (mut bob, welcome) = server.resume(BOB, Some(0)).await;
    assert_eq!((&welcome["resumed"], &welcome["lastId"]), (&json!(true), &json!(2)));
    assert_eq!(shout(&mut bob, 3, "c").await, 1, "ada is still in the room");
    let (mut ada, welcome) = server.resume(ADA, Some(1)).await;
    assert_eq!((&welcome["resumed"], &welcome["seen"]), (&json!(true), &json!(1)));
    assert_eq!(ada.next().await, heard(2, "b"));
    assert_eq!(ada.next().await, heard(3, "c"));
    let again = ada.ask(json!({"action": "hold", "id": 2, "data": {}})).await;
    assert_eq!(again, json!({"id": 2, "data": {"turn": 1}}), "the answer of the first process");
    assert_eq!(*server.app.held.lock().unwrap(), 0, "and it did not run here");

    // A process that is killed keeps nothing: the client is told, and no old state comes back.
    // This one is not asked to stop.
    let next = Server::start_on(&store, |gateway| gateway).await;
    let (_, welcome) = next.resume(ADA, Some(3)).await;
    assert_eq!(welcome["resumed"], false);
}

#[tokio::test]
async fn a_session_that_does_not_come_back_after_a_restart_is_forgotten() {
    let store = Store::in_memory().unwrap();
    let limits = ResumeLimits { keep: Duration::from_millis(20), ..ResumeLimits::default() };
    let server = Server::start_on(&store, |gateway| gateway.resume(limits)).await;
    let (_ada, welcome) = server.resume(ADA, None).await;
    let app = server.app.clone();
    server.stop().await;
    assert!(app.left.lock().unwrap().is_empty());

    let server = Server::start_on(&store, |gateway| gateway.resume(limits)).await;
    server.app.closing.notified().await;
    assert_eq!(*server.app.left.lock().unwrap(), [(id(&welcome), None)]);
    assert_eq!(*server.app.closed.lock().unwrap(), [1012]);
}
