//! `/@connections` over plain HTTP, as curl and the SDKs use it.

use crate::{
    http::{Response, request},
    support::{Client, Server},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

fn error_type(response: &Response) -> &str {
    response.header("x-amzn-errortype").unwrap_or_default()
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
        assert!(response.head.contains("x-amzn-requestid: "), "{}", response.head);
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
    let closed = client.closed().await;
    assert_eq!(closed.code, CloseCode::Normal);
    assert_eq!(closed.reason.as_str(), "Connection Closed Normally");
    server.app.closing.notified().await;
    for method in ["POST", "GET", "DELETE"] {
        let response = request(&server, &format!("{method} /@connections/{id} HTTP/1.1"), "").await;
        assert_eq!((response.status, error_type(&response)), (410, "GoneException"), "{method}");
        assert_eq!(response.body, "");
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
    assert!(response.body.contains("131072"), "{}", response.body);
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
