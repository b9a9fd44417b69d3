//! One-time tickets: `POST /ws/ticket`, then `?ticket=…`.

use crate::{
    http::{Response, request},
    support::Server,
    token::{SECRET, token},
};
use gatewire_server::{Jwt, Origins, Tickets, TokenSource};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

async fn start() -> Server {
    Server::start_with(|gateway| {
        let sources = [TokenSource::Subprotocol, TokenSource::cookie("chat")];
        gateway
            .authorize(Jwt::hs256(SECRET).unwrap().from(sources))
            .tickets(Tickets::default().at_most(100, 2))
            .origins(Origins::only(["https://app.example"]))
    })
    .await
}

async fn ask(server: &Server, headers: &str) -> Response {
    request(server, &format!("POST /ws/ticket HTTP/1.1{headers}"), "").await
}

fn bearer(name: &str) -> String {
    format!("\r\nauthorization: Bearer {}", token(name))
}

fn path(response: &Response) -> String {
    assert_eq!(response.status, 200, "{}", response.body);
    format!("/ws?ticket={}", response.json()["ticket"].as_str().unwrap())
}

#[tokio::test]
async fn a_ticket_opens_one_socket_in_the_name_of_its_token() {
    let server = start().await;
    let response = ask(&server, &bearer("ada")).await;
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(response.json()["expires"].as_u64().unwrap() > 1_700_000_000_000);
    let path = path(&response);
    let mut client = server.connect(&path, &["gatewire.v1"]).await.unwrap();
    let welcome = client.ask(json!({"hello": {"session": "0123456789abcdef"}})).await;
    assert_eq!(welcome["welcome"]["expires"], 4_102_444_800_000_u64, "the token's own");
    client.send(json!({"action": "join", "data": {"room": "r"}})).await;
    let shout = json!({"action": "shout", "data": {"room": "r", "text": "x"}});
    assert_eq!(client.ask(shout).await["data"]["from"], "ada");

    assert_eq!(server.connect(&path, &[]).await.err().unwrap(), 401, "it was for one time");
    let closed = server.connect(&path, &["gatewire.v1"]).await.unwrap().closed().await;
    assert_eq!(closed.code, CloseCode::Again, "a client comes back with another ticket");
    assert_eq!(closed.reason.as_str(), "unauthorized: the ticket is unknown, used or over");
}

#[tokio::test]
async fn a_connection_that_came_by_ticket_is_renewed_by_token() {
    let server = start().await;
    let path = path(&ask(&server, &bearer("ada")).await);
    let mut client = server.connect(&path, &["gatewire.v1"]).await.unwrap();
    client.hello("0123456789abcdef").await;
    let taken = client.ask(json!({"token": token("ada")})).await;
    assert_eq!(taken["token"]["expires"], 4_102_444_800_000_u64);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_asks_with_its_cookie() {
    let server = start().await;
    let cookie = format!("\r\ncookie: chat={}", token("ada"));
    let ours = "\r\norigin: https://app.example";
    let preflight = format!(
        "OPTIONS /ws/ticket HTTP/1.1{ours}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: authorization"
    );
    let preflight = request(&server, &preflight, "").await;
    let response = ask(&server, &format!("{ours}{cookie}")).await;
    for response in [&preflight, &response] {
        let allowed = response.header("access-control-allow-origin");
        assert_eq!(allowed, Some("https://app.example"), "{}", response.head);
        assert_eq!(response.header("access-control-allow-credentials"), Some("true"));
        assert!(response.header("vary").is_some_and(|vary| vary.contains("origin")));
    }
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
    let headers = preflight.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("authorization"), "{headers}");
    assert!(server.connect(&path(&response), &[]).await.is_ok());
}

#[tokio::test]
async fn a_page_of_another_origin_gets_neither_a_ticket_nor_leave_to_read_the_answer() {
    let server = start().await;
    let cookie = format!("\r\ncookie: chat={}", token("ada"));
    for (headers, status) in [
        (format!("\r\norigin: https://evil.example{cookie}"), 403),
        (format!("\r\norigin: https://evil.example{}", bearer("ada")), 403),
        (cookie, 401),
    ] {
        let response = ask(&server, &headers).await;
        assert_eq!(response.status, status, "{headers}");
        assert_eq!(response.header("access-control-allow-origin"), None);
        assert!(response.json()["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn who_gets_no_ticket_is_told_why() {
    let server = start().await;
    let response = ask(&server, "\r\nauthorization: Bearer secret-thing").await;
    assert_eq!((response.status, response.header("www-authenticate")), (401, Some("Bearer")));
    let expected =
        json!({"code": "unauthorized", "message": "the token is not a JWT", "temporary": false});
    assert_eq!(response.json()["error"], expected);

    let url = format!("POST /ws/ticket?token={} HTTP/1.1", token("ada"));
    assert_eq!(request(&server, &url, "").await.status, 401, "a URL is what tickets are against");

    path(&ask(&server, &bearer("ada")).await);
    path(&ask(&server, &bearer("ada")).await);
    let response = ask(&server, &bearer("ada")).await;
    assert_eq!(response.status, 429);
    assert_eq!(response.json()["error"]["code"], "throttled");
    assert_eq!(response.json()["error"]["temporary"], true);
    path(&ask(&server, &bearer("bob")).await);

    let response = request(&server, "GET /ws/ticket HTTP/1.1", "").await;
    assert_eq!((response.status, response.header("allow")), (405, Some("POST")));
    assert_eq!(response.json()["error"]["message"], "a ticket is asked for with POST");

    server.gateway.drain(std::time::Duration::ZERO).await;
    assert_eq!(ask(&server, &bearer("bob")).await.status, 503);
}

#[tokio::test]
async fn a_gateway_gives_no_tickets_unless_told() {
    let server = Server::start().await;
    assert_eq!(ask(&server, "").await.status, 404);
}
