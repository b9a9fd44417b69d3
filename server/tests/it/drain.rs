//! The end of a process: every client is told, what runs is answered, nothing new begins.

use std::time::Duration;

use crate::support::Server;
use gatewire_server::{drain::DRAIN, mailbox::MailboxLimits};
use serde_json::json;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

const SESSION: &str = "0123456789abcdef0123";

/// A gateway that drains in this time: its clients are asked to leave within half of it.
async fn drains_in(time: Duration) -> Server {
    Server::start_with(|gateway| gateway.drain_window(time / 2)).await
}

#[tokio::test]
async fn a_lone_server_tells_its_clients_answers_what_runs_and_closes() {
    let server = drains_in(Duration::ZERO).await;
    let mut client = server.session(SESSION).await;
    let mut plain = server.plain().await;
    client.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    let app = server.app.clone();
    let stopping = tokio::spawn(server.stop());

    assert_eq!(client.next().await, json!({"goaway": {"in": 0, "reason": "drain"}}));
    app.go.notify_one();
    assert_eq!(client.next().await, json!({"id": 1, "data": {"turn": 1}}));
    assert_eq!(client.closed().await.code, CloseCode::Restart);
    assert_eq!(plain.closed().await.code, CloseCode::Restart);
    stopping.await.unwrap();
    // The session goes on in the next process, and its $disconnect with it.
    assert_eq!(*app.closed.lock().unwrap(), [1012], "$disconnect ran for the plain client");
}

#[tokio::test]
async fn a_client_that_moves_to_another_server_loses_nothing_and_is_not_waited_for() {
    // Far longer than the test may take: that it ends shows that nobody waited for the time.
    let leaving = drains_in(Duration::from_hours(1)).await;
    let staying = Server::start().await;
    let mut old = leaving.session(SESSION).await;
    let mut neighbour = leaving.session("neighbour-session-01").await;
    for client in [&mut old, &mut neighbour] {
        client.ask(json!({"action": "join", "id": 1, "data": {"room": "r"}})).await;
    }
    old.send(json!({"action": "hold", "id": 2, "data": {}})).await;
    leaving.app.begun.notified().await;
    let app = leaving.app.clone();
    let stopping = tokio::spawn(leaving.stop());
    for client in [&mut old, &mut neighbour] {
        let goaway = client.next().await;
        assert_eq!(goaway["goaway"]["reason"], "drain");
        assert!(goaway["goaway"]["in"].as_u64().unwrap() < 1_800_000, "{goaway}");
    }

    let mut new = staying.session(SESSION).await;
    // The old connection serves on: events, the answer of what runs, and actions still sent there.
    neighbour.send(json!({"action": "shout", "data": {"room": "r", "text": "x"}})).await;
    assert_eq!(old.next().await["event"], "shouted");
    app.go.notify_one();
    assert_eq!(old.next().await, json!({"id": 2, "data": {"turn": 1}}));
    let echo = json!({"action": "echo", "id": 3, "data": {"text": "x"}});
    assert_eq!(old.ask(echo.clone()).await["id"], 3);
    assert_eq!(new.ask(echo).await["id"], 3);

    for client in [&mut old, &mut neighbour] {
        let moved = CloseFrame { code: CloseCode::Library(4000), reason: "".into() };
        client.socket.close(Some(moved)).await.unwrap();
    }
    stopping.await.unwrap();
}

/// The clock stands still while anything runs, so a slow machine cannot come too late.
#[tokio::test(start_paused = true)]
async fn a_client_that_finds_no_other_server_keeps_its_connection_until_the_end() {
    let server = Server::start_with(|gateway| gateway.drain_window(Duration::from_millis(1))).await;
    let mut client = server.session(SESSION).await;
    let gateway = server.gateway.clone();
    let draining = tokio::spawn(async move { gateway.drain(Duration::from_secs(8)).await });
    assert_eq!(client.next().await["goaway"]["reason"], "drain");
    // The server still answers, but takes nobody in.
    assert_eq!(server.connect("/ws", &[]).await.err().unwrap(), 503);
    let mut refused = server.connect("/ws", &["gatewire.v1"]).await.unwrap();
    assert_eq!(refused.refused().await.code, CloseCode::Again);
    let echo = client.ask(json!({"action": "echo", "id": 1, "data": {"text": "x"}})).await;
    assert_eq!(echo["data"]["text"], "x");
    assert_eq!(client.refused().await.code, CloseCode::Restart);
    drop(client);
    assert!(draining.await.unwrap(), "all was done in time");
}

/// Measured on the paused clock, so the bound is the promise and not the machine's speed.
#[tokio::test(start_paused = true)]
async fn serve_returns_in_its_time_although_a_client_stays_and_an_action_hangs() {
    let server = Server::start_with(|gateway| gateway.drain_window(DRAIN / 2)).await;
    let mut stays = server.session("staying-session-0001").await;
    let mut hangs = server.session(SESSION).await;
    hangs.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    let begin = Instant::now();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(stays.next().await["goaway"]["reason"], "drain");
    assert_eq!(stays.refused().await.code, CloseCode::Restart);
    assert!(begin.elapsed() >= DRAIN / 4 * 3, "it was served until then");
    stopping.await.unwrap();
    assert!(begin.elapsed() <= DRAIN + Duration::from_secs(1));
}

#[tokio::test]
async fn plain_clients_cannot_be_asked_and_are_closed_within_the_window() {
    let server =
        Server::start_with(|gateway| gateway.drain_window(Duration::from_millis(50))).await;
    let mut plain = server.plain().await;
    let gateway = server.gateway.clone();
    // Far longer than the test may take: they do not stay until the end.
    let draining = tokio::spawn(async move { gateway.drain(Duration::from_hours(1)).await });
    assert_eq!(plain.refused().await.code, CloseCode::Restart);
    assert!(draining.await.unwrap());
}

#[tokio::test]
async fn without_a_store_the_sessions_end_with_the_process() {
    let server = Server::start_without_store().await;
    let mut here = server.session(SESSION).await;
    drop(server.session("0123456789abcdef-away").await);
    let app = server.app.clone();
    server.stop().await;
    assert_eq!(here.closed().await.code, CloseCode::Restart);
    assert_eq!(app.closed.lock().unwrap().len(), 2, "$disconnect ran for both");
}

#[tokio::test]
async fn an_action_that_takes_too_long_does_not_hold_the_process() {
    let server = drains_in(Duration::from_millis(50)).await;
    let mut client = server.session(SESSION).await;
    client.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    assert!(!server.gateway.drain(Duration::from_millis(50)).await);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_the_others_do_not_feel_it() {
    let limits = MailboxLimits { texts: 64, bytes: 1024 * 1024 };
    let server = Server::start_with(|gateway| gateway.mailbox(limits)).await;
    let mut slow = server.plain().await;
    slow.send(json!({"action": "join", "data": {"room": "r"}})).await;
    assert_eq!(slow.ask(json!({"action": "echo", "text": "in"})).await["text"], "in");
    let mut fast = server.session(SESSION).await;
    // More than the kernel's buffers and the mailbox hold together.
    let text = "x".repeat(100_000);
    let mut id = 0;
    loop {
        id += 1;
        assert!(id < 2_000, "the slow reader was never given up");
        let shout = json!({"action": "shout", "id": id, "data": {"room": "r", "text": text}});
        if fast.ask(shout).await["data"]["by"] == 0 {
            break;
        }
    }
    server.app.closing.notified().await;
    assert_eq!(*server.app.closed.lock().unwrap(), [1013]);
}
