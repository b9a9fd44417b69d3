//! `/@connections` over plain HTTP, as curl and the SDKs use it.

use crate::{
    http::{Response, request},
    support::{Client, Server},
};
use gatewire_server::{mailbox::MailboxLimits, session::ResumeLimits};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

fn error_type(response: &Response) -> &str {
    response.header("x-amzn-errortype").unwrap_or_default()
}

async fn status(server: &Server, method: &str, id: &str, body: &str) -> u16 {
    request(server, &format!("{method} /@connections/{id} HTTP/1.1"), body).await.status
}

async fn connect(server: &Server) -> (Client, String) {
    let mut client = server.v1().await;
    let welcome = client.ask(json!({"hello": {"session": "0123456789abcdef"}})).await;
    let id = welcome["welcome"]["connectionId"].as_str().unwrap().to_owned();
    (client, id)
}

#[tokio::test]
async fn a_post_is_a_text_frame_and_the_id_may_be_encoded() {
    let server = Server::start().await;
    let (mut client, id) = connect(&server).await;
    let encoded = id.replace('=', "%3D");
    for path in [format!("/@connections/{id}"), format!("/%40connections/{encoded}")] {
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/octet-stream");
        let response = request(&server, &head, r#"{"event":"shouted","data":{}}"#).await;
        assert_eq!((response.status, response.body.as_str()), (200, ""), "{}", response.head);
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("content-length"), Some("0"));
        let uuid = response.header("x-amzn-requestid").unwrap();
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uuid}");
        assert_eq!(response.header("x-amz-apigw-id").map(str::len), Some(16));
        assert_eq!(client.next().await["event"], "shouted");
    }
}

#[tokio::test]
async fn a_connection_can_be_looked_at() {
    let server = Server::start().await;
    let (_client, id) = connect(&server).await;
    let response = request(&server, &format!("GET /@connections/{id} HTTP/1.1"), "").await;
    assert_eq!(response.status, 200);
    let body: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(body["identity"], json!({"sourceIp": "127.0.0.1", "userAgent": ""}));
    for time in ["connectedAt", "lastActiveAt"] {
        let time = body[time].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
}

#[tokio::test]
async fn a_deleted_connection_is_closed_normally_and_gone() {
    let server = Server::start().await;
    let (mut client, id) = connect(&server).await;
    let response = request(&server, &format!("DELETE /@connections/{id} HTTP/1.1"), "").await;
    assert_eq!((response.status, response.body.as_str()), (204, ""));
    assert_eq!((response.header("content-type"), response.header("content-length")), (None, None));
    let closed = client.closed().await;
    assert_eq!(closed.code, CloseCode::Normal);
    assert_eq!(closed.reason.as_str(), "Connection Closed Normally");
    server.app.closing.notified().await;
    for method in ["POST", "GET", "DELETE"] {
        let response = request(&server, &format!("{method} /@connections/{id} HTTP/1.1"), "").await;
        assert_eq!((response.status, error_type(&response)), (410, "GoneException"), "{method}");
        assert_eq!(response.body, "");
        assert_eq!(response.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn who_deletes_may_say_why() {
    let server = Server::start().await;
    for (query, code, reason) in [
        ("?code=4001&reason=signed%20out%20%C3%A9", 4001, "signed out é"),
        ("?code=3000", 3000, ""),
        ("?reason=bye", 1000, "bye"),
    ] {
        let mut client = server.plain().await;
        let id = server.app.connected();
        assert_eq!(status(&server, "DELETE", &format!("{id}{query}"), "").await, 204);
        let closed = client.closed().await;
        assert_eq!((u16::from(closed.code), closed.reason.as_str()), (code, reason));
    }
}

#[tokio::test]
async fn a_close_frame_that_cannot_be_sent_closes_nothing() {
    let server = Server::start().await;
    let (_client, id) = connect(&server).await;
    let long = format!("reason={}", "x".repeat(124));
    for query in ["code=1001", "code=1005", "code=5000", "code=x", "code=70000", &long] {
        let head = format!("DELETE /@connections/{id}?{query} HTTP/1.1");
        let response = request(&server, &head, "").await;
        assert_eq!(
            (response.status, error_type(&response)),
            (400, "BadRequestException"),
            "{query}"
        );
    }
    assert_eq!(status(&server, "GET", &id, "").await, 200);
}

#[tokio::test]
async fn a_post_to_a_group_reaches_its_members_and_says_how_many() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for session in ["0123456789abcdef", "123456789abcdef0"] {
        let mut client = server.session(session).await;
        let joined =
            client.ask(json!({"action": "join", "id": 1, "data": {"room": "a b/é"}})).await;
        assert_eq!(joined["id"], 1);
        clients.push(client);
    }
    let text = r#"{"event":"shouted","data":{}}"#;
    let response = request(&server, "POST /@groups/a%20b%2F%C3%A9 HTTP/1.1", text).await;
    assert_eq!((response.status, response.json()), (200, json!({"delivered": 2})));
    for client in &mut clients {
        assert_eq!(client.next().await["event"], "shouted");
    }
    let response = request(&server, "POST /@groups/empty HTTP/1.1", text).await;
    assert_eq!((response.status, response.json()), (200, json!({"delivered": 0})));
}

#[tokio::test]
async fn a_connection_whose_buffer_is_full_says_so() {
    let server = Server::start_with(|gateway| {
        gateway.mailbox(MailboxLimits { texts: 1, ..MailboxLimits::default() })
    })
    .await;
    // Before its hello nothing is written to a client, so what is posted stays in the buffer.
    let _client = server.v1().await;
    let id = server.app.connected().to_string();
    while status(&server, "POST", &id, "1").await == 410 {
        tokio::task::yield_now().await; // the socket opens once the handshake is answered
    }
    // SDKs ask again after a 429: the connection is still there, and as full.
    for _ in 0..2 {
        let response = request(&server, &format!("POST /@connections/{id} HTTP/1.1"), "2").await;
        assert_eq!((response.status, error_type(&response)), (429, "LimitExceededException"));
        assert_eq!(response.json(), json!({"message": "the connection reads too slowly"}));
    }
}

#[tokio::test]
async fn what_is_wrong_has_the_error_type_that_the_sdks_read() {
    let server = Server::start().await;
    let (_client, id) = connect(&server).await;
    let response = request(&server, "POST /@connections/nonsense HTTP/1.1", "x").await;
    assert_eq!((response.status, error_type(&response)), (400, "BadRequestException"));
    assert_eq!(response.body, r#"{"message":"Invalid connectionId: nonsense"}"#);

    let large = "x".repeat(131_073);
    let response = request(&server, &format!("POST /@connections/{id} HTTP/1.1"), &large).await;
    assert_eq!((response.status, error_type(&response)), (413, "PayloadTooLargeException"));
    assert_eq!(response.body, r#"{"message":"the body is over the limit of 131072 bytes"}"#);

    let larger = "x".repeat(4_000_000);
    assert_eq!(status(&server, "POST", &id, &larger).await, 413, "the answer is not lost");

    let head = format!("POST /@connections/{id} HTTP/1.1");
    let response = request(&server, &head, b"caf\xe9").await;
    assert_eq!((response.status, error_type(&response)), (400, "BadRequestException"));
    assert_eq!(response.body, r#"{"message":"the body is not UTF-8 text"}"#);

    let response = request(&server, &format!("PUT /prod/@connections/{id} HTTP/1.1"), "x").await;
    assert_eq!((response.status, error_type(&response)), (404, "NotFoundException"));
    let message =
        format!("No method found matching route prod/@connections/{id} for http method PUT.");
    assert_eq!(response.json(), json!({ "message": message }));
}

#[tokio::test]
async fn another_stage_is_forbidden_and_a_domain_without_one_has_no_such_route() {
    let server = Server::start().await;
    let (_client, id) = connect(&server).await;
    assert_eq!(status(&server, "GET", &id, "").await, 200);
    let response = request(&server, &format!("POST /prod/@connections/{id} HTTP/1.1"), "1").await;
    assert_eq!(response.status, 200);

    let response = request(&server, &format!("POST /test/@connections/{id} HTTP/1.1"), "1").await;
    assert_eq!((response.status, error_type(&response)), (403, "ForbiddenException"));
    assert_eq!(response.body, r#"{"message":"Forbidden"}"#);
    assert!(response.header("x-amzn-requestid").is_some());

    let id = id.replace('=', "%3D");
    let head = format!("POST /domain/test/@connections/{id} HTTP/1.1");
    let response = request(&server, &head, "1").await;
    assert_eq!((response.status, error_type(&response)), (404, "NotFoundException"));
    let message = response.json()["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("= for http method POST."), "{message}");
}

#[tokio::test]
async fn a_request_that_was_sent_on_is_refused() {
    let server = Server::start().await;
    let (_client, id) = connect(&server).await;
    for header in [
        "x-forwarded-for: 203.0.113.9",
        "forwarded: for=203.0.113.9",
        "origin: https://evil.example",
    ] {
        let head = format!("POST /@connections/{id} HTTP/1.1\r\n{header}");
        let response = request(&server, &head, "x").await;
        assert_eq!(
            (response.status, error_type(&response)),
            (403, "ForbiddenException"),
            "{header}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_lost_its_socket_is_there_until_its_time_is_up() {
    let keep = std::time::Duration::from_secs(1);
    let server = Server::start_with(|gateway| {
        gateway.resume(ResumeLimits { keep, ..ResumeLimits::default() })
    })
    .await;
    let (client, id) = connect(&server).await;
    drop(client);
    assert_eq!(status(&server, "GET", &id, "").await, 200);
    assert_eq!(status(&server, "POST", &id, r#"{"event":"shouted"}"#).await, 200);
    server.app.closing.notified().await;
    assert_eq!(status(&server, "GET", &id, "").await, 410);
    assert_eq!(status(&server, "POST", &id, r#"{"event":"shouted"}"#).await, 410);
}

#[tokio::test]
async fn a_post_to_the_former_id_of_a_session_arrives() {
    let server = Server::start().await;
    let (client, former) = connect(&server).await;
    drop(client);
    let (mut client, id) = connect(&server).await;
    assert_eq!(status(&server, "POST", &former, r#"{"event":"shouted"}"#).await, 200);
    assert_eq!(client.next().await, json!({"seq": 1, "event": "shouted"}));
    server.app.closing.notified().await;
    assert_eq!(status(&server, "GET", &former, "").await, 410, "its row has ended");
    assert_eq!(status(&server, "GET", &id, "").await, 200);
}

#[tokio::test]
async fn a_session_without_a_socket_can_be_ended() {
    let server = Server::start().await;
    let (client, former) = connect(&server).await;
    drop(client);
    let (client, id) = connect(&server).await;
    drop(client);
    server.app.closing.notified().await; // the former one
    assert_eq!(status(&server, "DELETE", &id, "").await, 204);
    server.app.closing.notified().await;
    for id in [former, id] {
        assert_eq!(status(&server, "POST", &id, r#"{"event":"shouted"}"#).await, 410);
    }
}
