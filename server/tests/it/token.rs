//! Tokens: where they travel, and how a fresh one comes on an open connection.

use std::sync::{Arc, Mutex};

use crate::{
    http::request,
    support::{Client, Server},
};
use gatewire::Principal;
use gatewire_server::{
    Jwt, Origins, Tickets, TokenSource,
    authorize::{Authorizer, Grant, Handshake, Refusal},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SESSION: &str = "0123456789abcdef0123";
/// 2100: far enough for a test.
const FAR: u64 = 4_102_444_800;

pub(crate) fn token(name: &str) -> String {
    signed(&json!({"sub": name, "exp": FAR}))
}

fn signed(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

async fn guarded() -> Server {
    Server::start_with(|gateway| gateway.authorize(Jwt::hs256(SECRET).unwrap())).await
}

/// A client of `gatewire.v1` that has come in by this token.
async fn with_token(server: &Server, token: &str) -> Client {
    let entry = format!("gatewire.token.{token}");
    let mut client = server.connect("/ws", &["gatewire.v1", &entry]).await.unwrap();
    client.hello(SESSION).await;
    client
}

/// Whom the server takes this plain client for.
async fn name(client: &mut Client) -> Value {
    client.send(json!({"action": "join", "room": "r"})).await;
    let heard = client.ask(json!({"action": "shout", "room": "r", "text": "x"})).await;
    heard["data"]["from"].clone()
}

#[tokio::test]
async fn a_header_names_the_principal_and_goes_before_the_url() {
    let server = guarded().await;
    let bearer = format!("Bearer {}", token("ada"));
    let path = format!("/ws?token={}", token("bob"));
    let mut client = server.connect_with(&path, &[("authorization", &bearer)]).await.unwrap();
    assert_eq!(name(&mut client).await, "ada");
    let refused = server.connect_with(&path, &[("authorization", "Bearer x")]).await;
    assert_eq!(refused.err().unwrap(), 401, "a bad token is not made up for by another");
}

#[tokio::test]
async fn a_cookie_is_taken_from_pages_of_the_same_host_and_no_others() {
    let server = Server::start_with(|gateway| {
        let jwt = Jwt::hs256(SECRET).unwrap();
        gateway.authorize(jwt.from([TokenSource::Header, TokenSource::cookie("__Host-chat")]))
    })
    .await;
    let cookie = format!("theme=dark; __Host-chat={}", token("ada"));
    let ours = format!("http://{}", server.address);
    let headers = [("cookie", cookie.as_str()), ("origin", &ours)];
    assert_eq!(name(&mut server.connect_with("/ws", &headers).await.unwrap()).await, "ada");
    for headers in [
        &[("cookie", cookie.as_str()), ("origin", "https://evil.example")][..],
        &[("cookie", cookie.as_str())],
    ] {
        assert_eq!(server.connect_with("/ws", headers).await.err().unwrap(), 401);
        let v1 = [headers, &[("sec-websocket-protocol", "gatewire.v1")]].concat();
        let closed = server.connect_with("/ws", &v1).await.unwrap().closed().await;
        assert_eq!(closed.code, CloseCode::Library(4401));
        assert!(closed.reason.contains("an allowed origin"), "{closed:?}");
    }
}

#[tokio::test]
async fn a_gateway_names_the_pages_whose_cookies_it_takes() {
    let server = Server::start_with(|gateway| {
        let jwt = Jwt::hs256(SECRET).unwrap().from([TokenSource::cookie("chat")]);
        gateway.authorize(jwt).origins(Origins::only(["https://app.example"]))
    })
    .await;
    let cookie = format!("chat={}", token("ada"));
    let from = async |origin: &str| {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        server.connect_with("/ws", &headers).await.map(|_| ())
    };
    assert_eq!(from("https://app.example").await, Ok(()));
    assert_eq!(from(&format!("http://{}", server.address)).await.unwrap_err(), 401);
}

#[tokio::test]
async fn a_fresh_token_renews_the_connection_and_its_claims_reach_the_handlers() {
    let (tell, mut last) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start_with(|gateway| {
        let gateway = gateway.on_disconnect(move |cx, _| {
            tell.send(cx.claims().get("role").cloned()).unwrap();
            std::future::ready(())
        });
        gateway.authorize(Jwt::hs256(SECRET).unwrap()).on_default(|_, cx| async move {
            Ok(json!({"role": cx.claims().get("role"), "id": cx.connection().to_string()}))
        })
    })
    .await;
    let mut client = with_token(&server, &token("ada")).await;
    let before = client.ask(json!({"action": "who", "id": 1, "data": {}})).await;
    assert_eq!(before["data"]["role"], json!(null));
    let fresh = signed(&json!({"sub": "ada", "exp": FAR + 60, "role": "admin"}));
    let taken = client.ask(json!({"token": fresh})).await;
    assert_eq!(taken, json!({"token": {"expires": (FAR + 60) * 1000}}));
    let after = client.ask(json!({"action": "who", "id": 2, "data": {}})).await;
    assert_eq!(after["data"], json!({"role": "admin", "id": before["data"]["id"]}));
    client.socket.close(None).await.unwrap();
    assert_eq!(last.recv().await.unwrap(), Some(json!("admin")), "$disconnect knows it, too");
}

#[tokio::test]
async fn a_bad_token_closes_with_4401_and_says_why_without_repeating_it() {
    let server = guarded().await;
    for bad in [signed(&json!({"sub": "ada", "exp": 1})), "secret-thing".to_owned()] {
        let mut client = with_token(&server, &token("ada")).await;
        client.send(json!({"token": bad})).await;
        let closed = client.refused().await;
        assert_eq!(closed.code, CloseCode::Library(4401));
        assert!(closed.reason.starts_with("unauthorized: the token "), "{closed:?}");
        assert!(!closed.reason.contains(&bad), "{closed:?}");
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_closes_with_4403() {
    let server = guarded().await;
    let mut client = with_token(&server, &token("ada")).await;
    client.send(json!({"token": token("bob")})).await;
    let closed = client.refused().await;
    assert_eq!(closed.code, CloseCode::Library(4403));
    assert_eq!(closed.reason.as_str(), "forbidden: the token names another principal");
}

#[tokio::test]
async fn a_client_that_refreshes_in_a_loop_is_told_to_slow_down() {
    let server = guarded().await;
    let mut client = with_token(&server, &token("ada")).await;
    for _ in 0..20 {
        client.send(json!({"token": token("ada")})).await;
    }
    assert_eq!(client.closed().await.code, CloseCode::Library(4429));
}

#[tokio::test]
async fn a_gateway_that_asks_nobody_takes_any_token() {
    let server = Server::start().await;
    let mut client = server.v1().await;
    let early = client.ask(json!({"token": "x"})).await;
    assert_eq!(early["error"]["message"], "the first frame is hello");
    client.hello(SESSION).await;
    assert_eq!(client.ask(json!({"token": "x"})).await, json!({"token": {}}));
}

/// Knows everybody, and decides over tokens as they say.
struct Moody;

impl Authorizer for Moody {
    fn authorize<'a>(
        &'a self,
        handshake: &'a Handshake,
    ) -> futures_util::future::BoxFuture<'a, Result<Grant, Refusal>> {
        let token = handshake.token("token").unwrap_or_default();
        let principal = Arc::new(Principal::default());
        Box::pin(async move {
            match token {
                "down" => Err(Refusal::Unavailable("nobody answers".to_owned())),
                "slow" => std::future::pending().await,
                "panic" => panic!("as asked"),
                lives => Ok(Grant { principal, expires: lives.parse().ok() }),
            }
        })
    }
}

#[tokio::test]
async fn while_nobody_can_decide_what_was_granted_stands() {
    let server = Server::start_with(|gateway| gateway.authorize(Moody)).await;
    let mut client = with_token(&server, "4102444800000").await;
    let stands = json!({"token": {"expires": 4_102_444_800_000_u64}});
    assert_eq!(client.ask(json!({"token": "down"})).await, stands);
    assert_eq!(client.ask(json!({"token": "panic"})).await, stands);
    assert_eq!(client.ask(json!({"token": "7"})).await, json!({"token": {"expires": 7}}));
    client.send(json!({"token": "down"})).await;
    assert_eq!(client.refused().await.code, CloseCode::Again, "what was granted is over");
}

#[tokio::test]
async fn actions_do_not_wait_for_the_verdict_over_a_token() {
    let server = Server::start_with(|gateway| gateway.authorize(Moody)).await;
    let mut client = with_token(&server, "any").await;
    client.send(json!({"token": "slow"})).await;
    let echo = client.ask(json!({"action": "echo", "id": 1, "data": {"text": "x"}})).await;
    assert_eq!(echo["data"]["text"], "x");
}

#[tokio::test]
async fn no_log_has_a_token() {
    let (log, _logging) = Log::of_this_thread();
    let server = Server::start_with(|gateway| {
        let jwt = Jwt::hs256(SECRET).unwrap();
        let cookie = TokenSource::cookie("chat");
        gateway
            .authorize(jwt.from([TokenSource::usual(), vec![cookie]].concat()))
            .tickets(Tickets::default())
    })
    .await;
    let (good, bad) = (token("ada"), signed(&json!({"sub": "ada", "exp": 1})));
    let ours = format!("http://{}", server.address);
    for token in [&good, &bad] {
        let (query, bearer) = (format!("/ws?token={token}"), format!("Bearer {token}"));
        let (cookie, entry) = (format!("chat={token}"), format!("gatewire.token.{token}"));
        let ways = [
            server.connect(&query, &[]).await,
            server.connect_with("/ws", &[("authorization", &bearer)]).await,
            server.connect_with("/ws", &[("cookie", &cookie), ("origin", &ours)]).await,
        ];
        assert!(ways.iter().all(|way| way.is_ok() == (token == &good)));
        server.connect("/ws", &["gatewire.v1", &entry]).await.expect("is told in a close frame");
        let mut client = with_token(&server, &good).await;
        client.send(json!({"token": token})).await;
        if token == &good {
            assert!(client.next().await["token"].is_object());
        } else {
            assert_eq!(client.refused().await.code, CloseCode::Library(4401));
        }
    }
    let head = format!("POST /ws/ticket HTTP/1.1\r\nauthorization: Bearer {good}");
    let ticket = request(&server, &head, "").await.json()["ticket"].as_str().unwrap().to_owned();
    for accepted in [true, false] {
        let way = server.connect(&format!("/ws?ticket={ticket}"), &[]).await;
        assert_eq!(way.is_ok(), accepted);
    }
    let log = log.text();
    for said in ["handshake refused", "token refused"] {
        assert!(log.contains(said), "the log was heard: {log}");
    }
    for secret in [good, bad, ticket] {
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!log.contains(signature), "{log}");
    }
}

/// What is logged by a test, down to the last detail.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of_this_thread() -> (Self, impl Drop) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing_subscriber::util::SubscriberInitExt::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
