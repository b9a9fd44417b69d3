//! What a WebSocket client that is not ours gets for good frames and bad ones.

use crate::support::Server;
use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{Frame, FrameHeader, coding::CloseCode},
};

const SESSION: &str = "0123456789abcdef0123";

#[tokio::test]
async fn hello_is_answered_with_who_you_are_and_what_you_may_do() {
    let server = Server::start().await;
    let mut client = server.v1().await;
    let welcome = client.ask(json!({"hello": {"session": SESSION}})).await;
    let welcome = &welcome["welcome"];
    assert_eq!(welcome["connectionId"].as_str().unwrap().len(), 16);
    assert_eq!(welcome["resumed"], false);
    assert_eq!(welcome["heartbeat"], 25_000);
    assert_eq!(welcome["seen"], 0);
    assert!(welcome.get("gap").is_none() && welcome.get("lastId").is_none(), "{welcome}");
    assert_eq!(welcome["limits"], json!({"message": 131_072, "inFlight": 256}));
}

#[tokio::test]
async fn every_action_gets_its_answer_in_the_order_it_was_sent() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    for id in 1..=100 {
        client
            .send(json!({"action": "echo", "id": id, "data": {"text": "hi", "number": id}}))
            .await;
    }
    for id in 1..=100 {
        let expected = json!({"id": id, "data": {"text": "hi", "number": id}});
        assert_eq!(client.next().await, expected);
    }
}

#[tokio::test]
async fn an_action_without_an_id_is_run_and_not_answered() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    client.send(json!({"action": "join", "data": {"room": "r"}})).await;
    let heard =
        client.ask(json!({"action": "shout", "id": 1, "data": {"room": "r", "text": "x"}})).await;
    assert_eq!(heard, json!({"seq": 1, "event": "shouted", "data": {"from": "", "text": "x"}}));
    assert_eq!(client.next().await, json!({"id": 1, "data": {"by": 1}}));
}

#[tokio::test]
async fn a_bad_frame_is_told_what_is_wrong_and_the_connection_lives() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    for (frame, id, code, names) in [
        ("hello", json!(null), "malformed", "line 1 column 1"),
        ("[]", json!(null), "malformed", "not a frame"),
        ("{}", json!(null), "malformed", "action, hello, ping, pong, token"),
        (r#"{"id":5,"data":{}}"#, json!(5), "malformed", "action"),
        (r#"{"action":7}"#, json!(null), "malformed", "expected a string"),
        (r#"{"action":"nope","id":6,"data":{}}"#, json!(6), "unknownAction", "\"nope\""),
        (r#"{"action":"$connect","id":7}"#, json!(7), "unknownAction", "$connect"),
        (r#"{"action":"echo","id":8,"data":{}}"#, json!(8), "invalid", "echo.text"),
        (r#"{"action":"echo","id":9,"data":{"text":1}}"#, json!(9), "invalid", "echo.text"),
        (r#"{"action":"echo","id":10}"#, json!(10), "invalid", "echo"),
        (r#"{"action":"note","id":11,"data":{"book":"b"}}"#, json!(11), "invalid", "note.text"),
        (r#"{"hello":{"session":"short"}}"#, json!(null), "malformed", "16 to 64"),
    ] {
        client.send_text(frame).await;
        let answer = client.next().await;
        assert_eq!(answer["id"], id, "{frame}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{frame}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(names), "{frame}: {message}");
    }
    let echo =
        client.ask(json!({"action": "echo", "id": 12, "data": {"text": "still here"}})).await;
    assert_eq!(echo["data"]["text"], "still here");
}

#[tokio::test]
async fn a_plain_client_gets_api_gateways_frames_and_the_detail() {
    let server = Server::start().await;
    let mut client = server.plain().await;
    for (frame, message, names) in [
        ("hello", "Forbidden", "not JSON"),
        (r#"{"action":"nope"}"#, "Forbidden", "\"nope\""),
        (r#"{"action":"$disconnect"}"#, "Forbidden", "$disconnect"),
        (r#"{"action":"echo"}"#, "Invalid request body", "echo.text"),
        (r#"{"action":"echo","text":["x"]}"#, "Invalid request body", "echo.text"),
    ] {
        client.send_text(frame).await;
        let text = client.next_text().await;
        let start = format!(r#"{{"message": "{message}", "connectionId":""#);
        assert!(text.starts_with(&start), "{frame}: {text}");
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["requestId"].as_str().unwrap().len(), 16);
        assert!(answer["detail"].as_str().unwrap().contains(names), "{frame}: {text}");
    }
    let echo = client.ask(json!({"action": "echo", "text": "flat"})).await;
    assert_eq!(echo, json!({"text": "flat", "number": 0}));
    let echo = client.ask(json!({"action": "echo", "data": {"text": "in data"}})).await;
    assert_eq!(echo, json!({"text": "in data", "number": 0}));
}

#[tokio::test]
async fn a_handlers_error_is_the_answer_and_its_source_stays_at_home() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    let mut fail = async |id: u64, how: &str| {
        client.ask(json!({"action": "fail", "id": id, "data": {"how": how}})).await["error"].clone()
    };
    let expected = json!({"code": "full", "message": "the room is full", "temporary": false});
    assert_eq!(fail(1, "refuse").await, expected);
    let expected = json!({"code": "internal", "message": "internal error", "temporary": true});
    assert_eq!(fail(2, "internal").await, expected);
    assert_eq!(fail(3, "panic").await, expected);
    assert_eq!(fail(4, "refuse").await["code"], "full", "the connection lives");
}

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009_and_names_the_limit() {
    let server = Server::start().await;
    for mut client in [server.session(SESSION).await, server.plain().await] {
        client
            .send(json!({"action": "echo", "id": 1, "data": {"text": "x".repeat(131_072)}}))
            .await;
        let closed = client.closed().await;
        assert_eq!(closed.code, CloseCode::Size);
        assert!(closed.reason.contains("limit of 131072"), "{closed:?}");
    }
    let mut client = server.session(SESSION).await;
    let text = "x".repeat(130_000);
    let echo = client.ask(json!({"action": "echo", "id": 2, "data": {"text": text}})).await;
    assert_eq!(echo["data"]["text"].as_str().unwrap().len(), 130_000, "just under it is fine");
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let server = Server::start().await;
    let mut client = server.plain().await;
    client.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(client.closed().await.code, CloseCode::Unsupported);
}

#[tokio::test]
async fn what_came_before_a_bad_frame_is_answered_before_the_close() {
    let reserved = FrameHeader { rsv1: true, ..FrameHeader::default() };
    let broken = Message::Frame(Frame::from_payload(reserved, "x".into()));
    for (bad, code) in [
        (Message::binary(vec![1]), CloseCode::Unsupported),
        (broken, CloseCode::Protocol),
        (Message::text("x".repeat(131_073)), CloseCode::Size),
    ] {
        let server = Server::start().await;
        let mut client = server.plain().await;
        let good = json!({"action": "echo", "text": "first"});
        // Written at once, so that the server finds them together.
        client.socket.feed(Message::text(good.to_string())).await.unwrap();
        client.socket.feed(bad).await.unwrap();
        client.socket.flush().await.unwrap();
        assert_eq!(client.next().await, json!({"text": "first", "number": 0}), "then {code}");
        assert_eq!(client.closed().await.code, code);
    }
}

#[tokio::test]
async fn an_application_ping_is_answered() {
    let server = Server::start().await;
    let mut client = server.session(SESSION).await;
    assert_eq!(client.ask(json!({"ping": 41})).await, json!({"pong": 41}));
}

#[tokio::test]
async fn messages_choose_their_route_by_the_selection_expression() {
    let server =
        Server::start_with(|gateway| gateway.route_selection("${request.body.kind}")).await;
    let mut client = server.plain().await;
    let echo = client.ask(json!({"kind": "echo", "text": "x"})).await;
    assert_eq!(echo, json!({"text": "x", "number": 0}));
}

#[tokio::test]
async fn what_matches_no_route_goes_to_default() {
    let server = Server::start_with(|gateway| {
        gateway.on_default(|message, _| async move { Ok(json!({ "got": message })) })
    })
    .await;
    let mut plain = server.plain().await;
    assert_eq!(plain.ask(json!({"x": 1})).await, json!({"got": {"x": 1}}));
    plain.send_text("not json").await;
    assert_eq!(plain.next().await, json!({"got": "not json"}));
    let mut v1 = server.session(SESSION).await;
    let answer = v1.ask(json!({"action": "nope", "id": 1, "data": 2})).await;
    assert_eq!(answer, json!({"id": 1, "data": {"got": {"action": "nope", "data": 2}}}));
}

#[tokio::test]
async fn the_disconnect_hook_learns_the_close_code() {
    let server = Server::start().await;
    let mut client = server.plain().await;
    client.ask(json!({"action": "echo", "text": "x"})).await;
    client.socket.close(None).await.unwrap();
    server.app.closing.notified().await;
    drop(server.plain().await);
    server.app.closing.notified().await;
    assert_eq!(*server.app.closed.lock().unwrap(), [1005, 1006]);
}
