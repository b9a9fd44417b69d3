//! A session over several sockets: an action sent twice runs once.

use crate::support::Server;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const SESSION: &str = "0123456789abcdef0123";

#[tokio::test]
async fn an_answered_action_sent_again_is_answered_again_and_not_run() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    client.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.go.notify_one();
    assert_eq!(client.next().await, json!({"id": 1, "data": {"turn": 1}}));
    drop(client);
    let mut client = server.session(SESSION).await;
    let answer = client.ask(json!({"action": "hold", "id": 1, "data": {}})).await;
    assert_eq!(answer, json!({"id": 1, "data": {"turn": 1}}));
    assert_eq!(*server.app.held.lock().unwrap(), 1);
}

#[tokio::test]
async fn an_action_that_still_runs_answers_on_the_sessions_newer_socket() {
    let server = Server::start().await;
    let mut old = server.session(SESSION).await;
    old.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    drop(old);
    let mut new = server.v1().await;
    let welcome = new.ask(json!({"hello": {"session": SESSION}})).await;
    assert_eq!(welcome["welcome"]["resumed"], true);
    new.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    assert_eq!(new.ask(json!({"ping": 1})).await, json!({"pong": 1}), "the repetition was read");
    server.app.go.notify_one();
    assert_eq!(new.next().await, json!({"id": 1, "data": {"turn": 1}}));
    assert_eq!(*server.app.held.lock().unwrap(), 1);
}

#[tokio::test]
async fn the_newer_socket_takes_the_session_and_the_older_is_told() {
    let server = Server::start().await;
    let mut old = server.session(SESSION).await;
    let mut new = server.session(SESSION).await;
    assert_eq!(old.closed().await.code, CloseCode::Library(4409));
    let echo = new.ask(json!({"action": "echo", "id": 1, "data": {"text": "x"}})).await;
    assert_eq!(echo["id"], 1);
}

#[tokio::test]
async fn an_action_before_hello_is_told_what_comes_first() {
    let server = Server::start().await;
    let mut client = server.v1().await;
    let answer = client.ask(json!({"action": "echo", "id": 1, "data": {"text": "x"}})).await;
    assert_eq!(answer["id"], 1);
    assert_eq!(answer["error"]["message"], "the first frame is hello");
    let welcome = client.ask(json!({"hello": {"session": SESSION}})).await;
    assert!(welcome["welcome"].is_object(), "it is not too late for it");
}
