//! The end of a process: every client is told, what runs is answered, nothing new begins.

use std::time::Duration;

use crate::support::Server;
use gatewire_server::mailbox::MailboxLimits;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const SESSION: &str = "0123456789abcdef0123";

#[tokio::test]
async fn a_draining_server_tells_its_clients_answers_what_runs_and_closes() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    let mut plain = server.plain().await;
    client.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    let app = server.app.clone();
    let stopping = tokio::spawn(server.stop());

    let goaway = client.next().await;
    assert_eq!(goaway["goaway"]["reason"], "drain");
    assert!(goaway["goaway"]["in"].as_u64().unwrap() <= 1000);
    app.go.notify_one();
    assert_eq!(client.next().await, json!({"id": 1, "data": {"turn": 1}}));
    assert_eq!(client.closed().await.code, CloseCode::Restart);
    assert_eq!(plain.closed().await.code, CloseCode::Restart);
    stopping.await.unwrap();
    // The session goes on in the next process, and its $disconnect with it.
    assert_eq!(*app.closed.lock().unwrap(), [1012], "$disconnect ran for the plain client");
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
    let server = Server::start().await;
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
