//! The end of a connection that has lived its time. The clock stands still while anything runs, so
//! a slow machine cannot come too late.

use std::time::Duration;

use crate::support::Server;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const SESSION: &str = "0123456789abcdef0123";

async fn short_lived() -> Server {
    Server::start_with(|gateway| gateway.lifetime(Duration::from_secs(10))).await
}

#[tokio::test(start_paused = true)]
async fn the_client_is_told_ahead_and_closed_at_the_limit() {
    let server = short_lived().await;
    let mut client = server.session(SESSION).await;
    let mut plain = server.plain().await;
    let goaway = client.next().await;
    assert_eq!(goaway["goaway"]["reason"], "lifetime");
    assert!(goaway["goaway"]["in"].as_u64().unwrap() < 500, "half the last tenth: {goaway}");
    let closed = client.refused().await;
    assert_eq!(closed.code, CloseCode::Away);
    assert_eq!(closed.reason.as_str(), "the connection has lived its time");
    assert_eq!(plain.refused().await.code, CloseCode::Away, "a plain client hears nothing else");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_moves_in_time_keeps_what_it_had_running() {
    let server = short_lived().await;
    let mut old = server.session(SESSION).await;
    old.send(json!({"action": "hold", "id": 1, "data": {}})).await;
    server.app.begun.notified().await;
    assert_eq!(old.next().await["goaway"]["reason"], "lifetime");
    let mut new = server.v1().await;
    let welcome = new.ask(json!({"hello": {"session": SESSION}})).await;
    assert_eq!(welcome["welcome"]["resumed"], true);
    assert_eq!(old.closed().await.code, CloseCode::Library(4409));
    server.app.go.notify_one();
    assert_eq!(new.next().await, json!({"id": 1, "data": {"turn": 1}}));
}
