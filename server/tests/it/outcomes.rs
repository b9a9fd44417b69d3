//! What the answers of services behind `$connect` and behind messages lead to, as on API Gateway.

use futures_util::future::{BoxFuture, ready};
use gatewire::{Error, Result};
use gatewire_server::{
    Gateway,
    event::Event,
    integration::{Call, Frame, Integration, Outcome, Response, from_fn},
    route::Route,
};
use serde_json::json;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::Server;

/// A service that answers everything in one way.
struct Always(fn(&Call) -> Result<Response>);

impl Integration for Always {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        Box::pin(ready((self.0)(&call).map(Outcome::Response)))
    }
}

fn status(status: u16) -> Response {
    Response { status, ..Response::default() }
}

fn body(text: &str) -> Response {
    Response { status: 500, body: text.to_owned().into(), ..Response::default() }
}

async fn refused(answer: fn(&Call) -> Result<Response>) -> Option<u16> {
    let server = Server::start_with(|gateway| gateway.route("$connect", Always(answer))).await;
    server.connect("/ws", &[]).await.err().map(|status| status.as_u16())
}

#[tokio::test]
async fn the_status_of_connect_decides_over_the_handshake() {
    assert_eq!(refused(|_| Ok(status(200))).await, None);
    assert_eq!(refused(|_| Ok(status(299))).await, None);
    assert_eq!(refused(|_| Ok(status(301))).await, Some(301));
    assert_eq!(refused(|_| Ok(status(401))).await, Some(401));
    assert_eq!(refused(|_| Ok(status(501))).await, Some(501));
    assert_eq!(refused(|_| Ok(status(100))).await, Some(502), "no answer to a handshake");
    assert_eq!(refused(|_| Err(Error::internal("thrown"))).await, Some(502));
    assert_eq!(refused(|_| Err(Error::new(Error::TIMED_OUT, "29 s"))).await, Some(504));
}

#[tokio::test]
async fn a_gatewire_client_is_closed_with_what_the_status_means() {
    for (answer, code) in [
        (Always(|_| Ok(status(401))), 4401),
        (Always(|_| Ok(status(400))), 4403),
        (Always(|_| Ok(status(429))), 4429),
        (Always(|_| Ok(status(500))), 1013),
    ] {
        let server = Server::start_with(|gateway| gateway.route("$connect", answer)).await;
        assert_eq!(u16::from(server.v1().await.closed().await.code), code);
    }
}

#[tokio::test]
async fn a_subprotocol_is_told_when_it_was_offered_and_chosen_in_whatever_case() {
    let choose = Always(|_| {
        let headers = vec![("sec-websocket-PROTOCOL".to_owned(), "chat.v2".to_owned())];
        Ok(Response { status: 200, headers, ..Response::default() })
    });
    let server = Server::start_with(|gateway| gateway.route("$connect", choose)).await;
    let url = format!("ws://{}/ws", server.address);
    let mut request = url.as_str().into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "chat.v1, chat.v2".parse().unwrap());
    let (_socket, response) = connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat.v2");
    let (_socket, response) = connect_async(url).await.unwrap();
    assert!(!response.headers().contains_key("sec-websocket-protocol"), "nothing was offered");
}

#[tokio::test]
async fn an_answer_goes_out_on_a_two_way_route_alone_whatever_its_status() {
    let told = Always(|call| Ok(body(&format!("got {}", call.body()))));
    let server = Server::start_with(|gateway| {
        gateway
            .route("silent", Always(|_| Ok(body("for nobody"))))
            .add_route(Route::new("told", told).two_way())
            .add_route(Route::new("empty", Always(|_| Ok(status(200)))).two_way())
    })
    .await;
    let mut plain = server.plain().await;
    for action in ["silent", "empty"] {
        plain.send(json!({"action": action})).await;
    }
    plain.send_text(r#"{ "action": "told" }"#).await;
    assert_eq!(plain.next_text().await, r#"got { "action": "told" }"#, "and nothing before it");

    let mut v1 = server.session("0123456789abcdef").await;
    for (id, action, data) in [
        (1, "silent", json!(null)),
        (2, "empty", json!(null)),
        (3, "told", json!(r#"got {"action":"told","data":{"n":1}}"#)),
    ] {
        let answer = v1.ask(json!({"action": action, "id": id, "data": {"n": 1}})).await;
        assert_eq!(answer, json!({"id": id, "data": data}));
    }
}

#[tokio::test]
async fn failures_are_the_frames_of_api_gateway_and_the_connection_stays_open() {
    let server = Server::start_with(|gateway| {
        gateway
            .error_detail(false)
            .route("throws", Always(|_| Err(Error::internal("thrown"))))
            .route("slow", Always(|_| Err(Error::new(Error::TIMED_OUT, "after 29 s"))))
    })
    .await;
    let mut client = server.plain().await;
    for (text, message) in [
        (r#"{"action":"throws"}"#, "Internal server error"),
        (r#"{"action":"slow"}"#, "Endpoint request timed out"),
        (r#"{"action":"nobody"}"#, "Forbidden"),
        (r#"{"action":"$connect"}"#, "Forbidden"),
        ("no JSON", "Forbidden"),
    ] {
        client.send_text(text).await;
        let frame = client.next_text().await;
        let begin = format!(r#"{{"message": "{message}", "connectionId":""#);
        let rest = frame.strip_prefix(&begin).unwrap_or_else(|| panic!("{frame}"));
        let ids: Vec<_> = rest.split(r#"", "requestId":""#).collect();
        assert_eq!(ids.len(), 2, "{frame}");
        assert!(ids[1].ends_with(r#"="}"#) && ids[1].len() == 18, "{frame}");
    }
}

#[tokio::test]
async fn a_check_comes_before_the_integration() {
    let refuse = |call: &Call| {
        let is_bad = call.body().contains("bad");
        if is_bad { Err(Error::new(Error::INVALID, "bad: as told")) } else { Ok(()) }
    };
    let route = Route::new("checked", Always(|_| Ok(body("through")))).two_way().check(refuse);
    let connect = Route::new("$connect", Always(|_| Ok(status(200)))).check(|call| {
        let Event::Connect(handshake) = &call.event else { return Ok(()) };
        let token = handshake.query_parameter("token");
        token.map(drop).ok_or_else(|| Error::new(Error::INVALID, "token: required"))
    });
    let server = Server::start_with(|gateway| gateway.add_route(route).add_route(connect)).await;
    assert_eq!(server.connect("/ws", &[]).await.err().unwrap(), 400);
    let mut client = server.connect("/ws?token=x", &[]).await.unwrap();
    client.send_text(r#"{"action":"checked","bad":1}"#).await;
    assert_eq!(client.next().await["message"], "Invalid request body");
    client.send_text(r#"{"action":"checked"}"#).await;
    assert_eq!(client.next_text().await, "through");
}

#[tokio::test]
async fn messages_of_an_unordered_route_overtake_each_other() {
    let (go, gone) = tokio::sync::watch::channel(false);
    let wait = from_fn(move |call: Call| {
        let mut gone = gone.clone();
        async move {
            if call.body().contains("first") {
                gone.wait_for(|gone| *gone).await.map_err(Error::internal)?;
            }
            Ok(call.body().len())
        }
    });
    let server =
        Server::start_with(|gateway| gateway.add_route(Route::new("wait", wait).unordered())).await;
    let mut client = server.plain().await;
    client.send_text(r#"{"action":"wait","text":"first"}"#).await;
    client.send_text(r#"{"action":"wait"}"#).await;
    assert_eq!(client.next_text().await, "17", "the second does not wait");
    go.send(true).unwrap();
    assert_eq!(client.next_text().await, "32");
}

/// Sends back what it got, as it is.
struct Echo;

impl Integration for Echo {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let frame = match call.binary() {
            Some(bytes) => Frame::Binary(bytes.clone()),
            None => Frame::Text(call.body().into_owned().into()),
        };
        Box::pin(ready(Ok(Outcome::Frame(frame))))
    }
}

#[tokio::test]
async fn a_frame_goes_out_as_it_is() {
    let server = Server::start_with(|gateway| gateway.route("$default", Echo)).await;
    let mut plain = server.plain().await;
    for text in ["no JSON", "", r#"{ "n": 1 }"#] {
        plain.send_text(text).await;
        assert_eq!(plain.next_text().await, text);
    }
    let mut v1 = server.session("0123456789abcdef").await;
    let answer = v1.ask(json!({"action": "nope", "id": 1, "data": 2})).await;
    assert_eq!(answer, json!({"id": 1, "data": {"action": "nope", "data": 2}}));
}

#[tokio::test]
async fn binary_messages_go_to_default_where_they_are_taken() {
    let server = Server::start_with(|gateway| gateway.binary(true).route("$default", Echo)).await;
    let mut plain = server.plain().await;
    for bytes in [&[0, 159, 146, 150][..], &[]] {
        plain.send_message(Message::binary(bytes.to_vec())).await;
        assert_eq!(plain.next_message().await, Message::binary(bytes.to_vec()));
    }
    let mut v1 = server.v1().await;
    v1.send_message(Message::binary(vec![1])).await;
    assert_eq!(u16::from(v1.closed().await.code), 1003, "the frames of gatewire.v1 are texts");
}

#[tokio::test]
async fn a_response_of_bytes_is_a_binary_frame_where_those_are_taken() {
    for (binary, expected) in
        [(true, Message::binary(vec![0x61, 0x62])), (false, Message::text("ab"))]
    {
        let bytes = Always(|_| Ok(Response { binary: true, ..body("ab") }));
        let route = Route::new("bytes", bytes).two_way();
        let server = Server::start_with(|gateway| gateway.binary(binary).add_route(route)).await;
        let mut plain = server.plain().await;
        plain.send(json!({"action": "bytes"})).await;
        assert_eq!(plain.next_message().await, expected);
        let mut v1 = server.session("0123456789abcdef").await;
        let answer = v1.ask(json!({"action": "bytes", "id": 1})).await;
        assert_eq!(answer, json!({"id": 1, "data": "ab"}), "there is nothing but text");
    }
}

#[tokio::test]
async fn a_binary_message_without_a_default_route_is_told_so() {
    let server = Server::start_with(|gateway| gateway.binary(true)).await;
    let mut plain = server.plain().await;
    plain.send_message(Message::binary(vec![1])).await;
    let answer = plain.next().await;
    assert_eq!(answer["message"], "Forbidden");
    assert_eq!(answer["detail"], "no $default route answers binary messages");
}

#[tokio::test]
async fn routes_change_under_an_open_connection() {
    let server =
        Server::start_with(|gateway| gateway.route("answer", from_fn(|_| async { Ok("old") })))
            .await;
    let mut client = server.plain().await;
    client.send_text(r#"{"action":"answer"}"#).await;
    assert_eq!(client.next_text().await, r#""old""#);
    let newer = || Gateway::without_contract().route("answer", from_fn(|_| async { Ok("new") }));
    server.gateway.adopt(newer().route_selection("$request.body.kind")).unwrap();
    client.send_text(r#"{"kind":"answer"}"#).await;
    assert_eq!(client.next_text().await, r#""new""#);
    server.gateway.adopt(newer().route_selection("$nonsense")).unwrap_err();
    client.send_text(r#"{"kind":"answer"}"#).await;
    assert_eq!(client.next_text().await, r#""new""#, "nothing has changed");
}
