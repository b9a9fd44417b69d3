//! A Lambda function behind a gateway: what its answers and its failures mean to a client.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use gatewire_server::{
    Gateway,
    integration::Lambda,
    lambda::{Function, Invocation, InvokeError, response::NullAnswer},
    route::Route,
};
use serde_json::{Value, json};

use super::Hosted;
use crate::support::Server;

/// A function in this process.
struct Fake<F>(F);

impl<F> Function for Fake<F>
where
    F: Fn(Value, Invocation) -> Result<Value, InvokeError> + Send + Sync + 'static,
{
    fn invoke(
        &self,
        event: Bytes,
        invocation: Invocation,
    ) -> BoxFuture<'_, Result<Bytes, InvokeError>> {
        let event = serde_json::from_slice(&event).unwrap();
        let answer = (self.0)(event, invocation);
        Box::pin(ready(answer.map(|answer| answer.to_string().into())))
    }
}

fn lambda(
    answer: impl Fn(Value, Invocation) -> Result<Value, InvokeError> + Send + Sync + 'static,
) -> Lambda {
    Lambda::new(Arc::new(Fake(answer)))
}

fn thrown() -> InvokeError {
    InvokeError::Refused { status: 500, message: "ServiceException".into() }
}

/// The status that a handshake is refused with.
async fn refused(answer: fn() -> Result<Value, InvokeError>) -> Option<u16> {
    let connect = lambda(move |_, _| answer());
    let server = Server::start_with(|gateway| gateway.route("$connect", connect)).await;
    server.connect("/ws", &[]).await.err().map(|status| status.as_u16())
}

#[tokio::test]
async fn connect_decides_with_its_status_and_its_failures() {
    assert_eq!(refused(|| Ok(json!({"statusCode": 200}))).await, None);
    assert_eq!(refused(|| Ok(json!({"statusCode": 401, "body": "no"}))).await, Some(401));
    assert_eq!(refused(|| Ok(json!({"statusCode": 200, "extra": 1}))).await, Some(502));
    assert_eq!(refused(|| Ok(json!(null))).await, Some(502), "who says nothing lets nobody in");
    assert_eq!(refused(|| Err(InvokeError::Denied("no permission".into()))).await, Some(500));
    assert_eq!(refused(|| Err(thrown())).await, Some(500));
    assert_eq!(refused(|| Err(InvokeError::TimedOut(Duration::from_secs(29)))).await, Some(504));
}

#[tokio::test]
async fn messages_get_the_body_of_the_answer_on_two_way_routes() {
    let echo = |event: Value, invocation: Invocation| {
        assert_eq!(invocation.timeout(), Duration::from_secs(29));
        assert_eq!(event["requestContext"]["eventType"], "MESSAGE");
        Ok(json!({"statusCode": 500, "body": event["body"]}))
    };
    let routes = |gateway: Gateway<_>| {
        gateway
            .add_route(Route::new("told", lambda(echo)).two_way())
            .route("silent", lambda(echo))
            .add_route(Route::new("null", lambda(|_, _| Ok(json!(null)))).two_way())
    };
    let server = Server::start_with(routes).await;
    let mut client = server.plain().await;
    for action in ["silent", "null", "told"] {
        client.send_text(&format!(r#"{{ "action": "{action}" }}"#)).await;
    }
    assert_eq!(client.next_text().await, r#"{ "action": "told" }"#, "and nothing before it");
}

#[tokio::test]
async fn what_fails_is_a_frame_and_the_connection_stays_open() {
    let strict = lambda(|_, _| Ok(json!(null))).null_answer(NullAnswer::Refuse);
    let slow = lambda(|_, invocation| Err(InvokeError::TimedOut(invocation.timeout())));
    let routes = |gateway: Gateway<_>| {
        gateway
            .error_detail(false)
            .route("fails", lambda(|_, _| Err(thrown())))
            .route("malformed", lambda(|_, _| Ok(json!({"statusCode": 200, "message": "hi"}))))
            .route("strict", strict)
            .route("slow", slow.timeout(Duration::from_millis(50)).unwrap())
    };
    let server = Server::start_with(routes).await;
    let mut client = server.plain().await;
    for (action, message) in [
        ("fails", "Internal server error"),
        ("malformed", "Internal server error"),
        ("strict", "Internal server error"),
        ("slow", "Endpoint request timed out"),
    ] {
        client.send(json!({"action": action})).await;
        let frame = client.next_text().await;
        assert!(frame.starts_with(&format!(r#"{{"message": "{message}", "#)), "{frame}");
    }
}

#[tokio::test]
async fn a_process_that_fails_is_a_frame_and_other_routes_do_not_feel_it() {
    let good = Hosted::start(|_| {});
    let bad = Hosted::start(|settings| settings.timeout = Duration::from_millis(300));
    let routes = |gateway: Gateway<_>| {
        gateway
            .error_detail(false)
            .add_route(Route::new("good", Lambda::new(good.function.clone())).two_way())
            .add_route(Route::new("bad", Lambda::new(bad.function.clone())).two_way())
    };
    let server = Server::start_with(routes).await;
    let (mut client, mut other) = (server.plain().await, server.plain().await);
    for mode in ["throw", "exit", "killed", "hang", "late", "large"] {
        client.send(json!({"action": "bad", "do": mode})).await;
        other.send(json!({"action": "good", "do": "ok"})).await;
        assert_eq!(other.next_text().await, r#"{"action":"good","do":"ok"}"#);
        let frame = client.next_text().await;
        assert!(frame.starts_with(r#"{"message": "Internal server error", "#), "{mode}: {frame}");
        client.send(json!({"action": "bad", "do": "garbage"})).await;
        let answer = client.next_text().await;
        assert_eq!(answer, r#"{"action":"bad","do":"garbage"}"#, "after {mode}");
    }
}

#[tokio::test]
async fn a_timeout_is_within_the_limits_of_api_gateway() {
    let integration = || lambda(|_, _| Ok(json!(null)));
    for (timeout, fits) in [(49, false), (50, true), (29_000, true), (29_001, false)] {
        let timeout = Duration::from_millis(timeout);
        assert_eq!(integration().timeout(timeout).is_ok(), fits, "{timeout:?}");
    }
}
