//! Who gets in, and what the others are told.

use crate::support::Server;
use gatewire::Error;
use gatewire_server::Jwt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::token::{SECRET, token};

async fn guarded() -> Server {
    Server::start_with(|gateway| gateway.authorize(Jwt::hs256(SECRET).unwrap())).await
}

#[tokio::test]
async fn a_token_travels_as_a_subprotocol_or_in_the_url_and_names_the_principal() {
    let server = guarded().await;
    let subprotocol = format!("gatewire.token.{}", token("ada"));
    let mut by_subprotocol = server.connect("/ws", &["gatewire.v1", &subprotocol]).await.unwrap();
    let mut by_query =
        server.connect(&format!("/ws?token={}", token("bob")), &["gatewire.v1"]).await.unwrap();
    for (client, name) in [(&mut by_subprotocol, "ada"), (&mut by_query, "bob")] {
        client.hello("0123456789abcdef").await;
        client.send(json!({"action": "join", "data": {"room": name}})).await;
        let shout = json!({"action": "shout", "data": {"room": name, "text": "x"}});
        assert_eq!(client.ask(shout).await["data"]["from"], name);
    }
}

#[tokio::test]
async fn a_gatewire_client_is_closed_with_a_code_because_browsers_hide_the_status() {
    let server = guarded().await;
    let mut client = server.connect("/ws", &["gatewire.v1"]).await.unwrap();
    let closed = client.closed().await;
    assert_eq!(closed.code, CloseCode::Library(4401));
    assert_eq!(closed.reason.as_str(), "unauthorized: a token is required");
    let mut client =
        server.connect("/ws", &["gatewire.v1", "gatewire.token.secret-thing"]).await.unwrap();
    let closed = client.closed().await;
    assert_eq!(closed.code, CloseCode::Library(4401));
    assert!(!closed.reason.contains("secret-thing"), "{closed:?}");
}

#[tokio::test]
async fn everybody_else_gets_the_status() {
    let server = guarded().await;
    assert_eq!(server.connect("/ws", &[]).await.err().unwrap(), 401);
    assert_eq!(server.connect("/ws?token=x", &[]).await.err().unwrap(), 401);
    assert!(server.connect(&format!("/ws?token={}", token("ada")), &[]).await.is_ok());
}

#[tokio::test]
async fn the_connect_hook_refuses_with_its_own_reason() {
    let server = Server::start_with(|gateway| {
        gateway.on_connect(|_| async { Err(Error::new(Error::FORBIDDEN, "not today")) })
    })
    .await;
    assert_eq!(server.connect("/ws", &[]).await.err().unwrap(), 403);
    let mut client = server.connect("/ws", &["gatewire.v1"]).await.unwrap();
    let closed = client.closed().await;
    assert_eq!(closed.code, CloseCode::Library(4403));
    assert_eq!(closed.reason.as_str(), "forbidden: not today");
}

#[tokio::test]
async fn the_connect_hook_can_put_the_connection_into_a_group() {
    let server = Server::start_with(|gateway| {
        gateway.on_connect(|cx| async move { Ok(cx.join("everybody").await?) })
    })
    .await;
    let mut client = server.session("0123456789abcdef").await;
    let shout = json!({"action": "shout", "id": 1, "data": {"room": "everybody", "text": "x"}});
    assert_eq!(client.ask(shout).await["event"], "shouted");
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_told_so() {
    let server = Server::start().await;
    let mut socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let request = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 426 "), "{response}");
}

#[tokio::test]
async fn a_connect_hook_that_panics_refuses() {
    let server = Server::start_with(|gateway| {
        gateway.on_connect(|cx| async move {
            assert!(!cx.principal().is_empty(), "as asked");
            Ok(())
        })
    })
    .await;
    assert_eq!(server.connect("/ws", &[]).await.err().unwrap(), 502);
}
