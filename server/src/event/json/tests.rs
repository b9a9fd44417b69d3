//! The events of the specification's samples, to the byte, and read by the types that Lambda
//! functions in Rust have.

use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use gatewire::{CloseCode, ConnectionId, Principal};
use serde_json::json;

use super::*;
use crate::{
    authorize::Handshake,
    connection::Closed,
    event::{Message, Request},
    integration::{Caller, ReplyTo},
    route::tests::Nowhere,
    stage::Stage,
};

fn id(text: &str) -> ConnectionId {
    text.parse().unwrap()
}

pub(crate) fn call(route: &str, event: Event) -> Call {
    let opened = Opened {
        connected_at: 1_795_341_600_123,
        domain_name: "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com".to_owned(),
        source_ip: Some([203, 0, 113, 9].into()),
        user_agent: "Mozilla/5.0".to_owned(),
        trace: None,
    };
    let stage = Stage {
        api_id: "a1b2c3d4e5".to_owned(),
        name: "prod".to_owned(),
        tls: true,
        ..Stage::default()
    };
    Call {
        route: route.into(),
        event,
        caller: Caller {
            connection: id("Yk3nQcX9IAMCJ2g="),
            opened: Arc::new(opened),
            stage: Arc::new(stage),
            principal: Arc::default(),
            outbox: Arc::new(Nowhere),
            reply_to: ReplyTo::Nobody,
            delivery: None,
        },
        request: Request::known(1_795_341_605_456, id("Yk3pTE7zIAMF9vA="), id("Yk3pTcX9IAMCJ2g=")),
        trace: None,
    }
}

fn handshake() -> Handshake {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("origin", "https://app.example"),
        ("sec-websocket-key", "q2J0bW5vcHFyc3R1dnd4eQ=="),
        ("sec-websocket-version", "13"),
        ("user-agent", "Mozilla/5.0"),
        ("x-api-key", "k3y"),
        ("x-forwarded-for", "198.51.100.7"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Handshake::new(headers, vec![pair("room", "a"), pair("room", "b")])
}

pub(crate) fn connect() -> Call {
    call("$connect", Event::Connect(Arc::new(handshake())))
}

pub(crate) fn message() -> Call {
    let text = r#"{"action":"sendmessage","data":"hi"}"#;
    call("sendmessage", Event::Message(Message::whole(text.into())))
}

pub(crate) fn disconnect() -> Call {
    let reason = "Client-side close frame status not set".to_owned();
    let closed = Closed { code: CloseCode::NO_STATUS, reason, successor: None };
    call("$disconnect", Event::Disconnect(closed))
}

fn value(call: &Call) -> Value {
    serde_json::from_str(&call.to_json(EventStyle::default())).unwrap()
}

#[test]
fn a_message_is_the_recorded_event_to_the_byte() {
    assert_eq!(
        message().to_json(EventStyle::default()),
        r#"{"requestContext":{"routeKey":"sendmessage","messageId":"Yk3pTcX9IAMCJ2g=","eventType":"MESSAGE","extendedRequestId":"Yk3pTE7zIAMF9vA=","requestTime":"22/Nov/2026:10:00:05 +0000","messageDirection":"IN","stage":"prod","connectedAt":1795341600123,"requestTimeEpoch":1795341605456,"identity":{"userAgent":"Mozilla/5.0","sourceIp":"203.0.113.9"},"requestId":"Yk3pTE7zIAMF9vA=","domainName":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com","connectionId":"Yk3nQcX9IAMCJ2g=","apiId":"a1b2c3d4e5"},"body":"{\"action\":\"sendmessage\",\"data\":\"hi\"}","isBase64Encoded":false}"#
    );
}

#[test]
fn a_binary_message_is_marked_as_base64() {
    let message = Message::of_bytes(bytes::Bytes::from_static(&[0, 255]));
    let event = value(&call("$default", Event::Message(message)));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
}

#[test]
fn a_handshake_has_its_headers_in_the_usual_case_and_those_of_the_gateway() {
    let event = value(&connect());
    assert_eq!(
        event["headers"],
        json!({
            "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "Origin": "https://app.example",
            "Sec-WebSocket-Key": "q2J0bW5vcHFyc3R1dnd4eQ==",
            "Sec-WebSocket-Version": "13",
            "User-Agent": "Mozilla/5.0",
            "X-Amzn-Trace-Id": "Root=1-6b02bd25-596b33705445377a49414d46",
            "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
            "x-api-key": "k3y",
        })
    );
    assert_eq!(event["multiValueHeaders"]["Origin"], json!(["https://app.example"]));
    assert_eq!(event["queryStringParameters"], json!({ "room": "b" }));
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "room": ["a", "b"] }));
    assert_eq!(event["requestContext"]["routeKey"], "$connect");
    assert_eq!(event.get("body"), None);
}

#[test]
fn a_handshake_without_parameters_has_no_member_for_them() {
    let bare = Handshake::new(handshake().headers, Vec::new());
    let event = value(&call("$connect", Event::Connect(Arc::new(bare))));
    assert_eq!(event.get("queryStringParameters"), None);
    assert_eq!(event.get("multiValueQueryStringParameters"), None);
}

#[test]
fn an_end_has_its_code_its_reason_and_the_recorded_headers() {
    let event = value(&disconnect());
    let context = &event["requestContext"];
    assert_eq!(context["eventType"], "DISCONNECT");
    assert_eq!(context["disconnectStatusCode"], 1005);
    assert_eq!(context["disconnectReason"], "Client-side close frame status not set");
    assert_eq!(
        event["headers"],
        json!({
            "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "x-api-key": "",
            "X-Forwarded-For": "",
            "x-restapi": "",
        })
    );
}

#[test]
fn what_the_authorizer_found_is_text_and_a_stage_has_its_variables() {
    let mut call = message();
    let claims = json!({ "tenant": "t1", "plan": 2, "beta": true });
    let claims = claims.as_object().unwrap().clone();
    call.caller.principal = Arc::new(Principal { id: "user-42".to_owned(), claims });
    let mut stage = Stage::clone(&call.caller.stage);
    stage.variables.insert("table".to_owned(), "chat".to_owned());
    call.caller.stage = Arc::new(stage);
    let event = value(&call);
    assert_eq!(
        event["requestContext"]["authorizer"],
        json!({ "tenant": "t1", "plan": "2", "beta": "true", "principalId": "user-42" })
    );
    assert_eq!(event["stageVariables"], json!({ "table": "chat" }));
    assert_eq!(value(&message()).get("stageVariables"), None);
}

#[test]
fn legacy_events_spell_what_is_unknown_as_null() {
    let style = EventStyle { legacy_nulls: true };
    let event: Value = serde_json::from_str(&connect().to_json(style)).unwrap();
    let context = event["requestContext"].as_object().unwrap();
    assert_eq!(context.get("messageId"), Some(&Value::Null));
    assert_eq!(context["identity"].get("cognitoIdentityId"), Some(&Value::Null));
    assert_eq!(context["identity"]["sourceIp"], "203.0.113.9");
}

#[test]
fn the_types_of_rust_functions_read_every_event_and_lose_nothing() {
    for call in [connect(), message(), disconnect()] {
        let text = call.to_json(EventStyle::default());
        let event: ApiGatewayWebsocketProxyRequest = serde_json::from_str(&text).unwrap();
        let context = &event.request_context;
        let lost = [&event.other, &context.other, &context.identity.other];
        assert!(lost.iter().all(|members| members.is_empty()), "{lost:?}");
        let expected: Value = serde_json::from_str(&text).unwrap();
        let read = serde_json::to_value(&event).unwrap();
        assert_eq!(missing(&expected, &read), Vec::<String>::new(), "{text}");
    }
}

/// The members of one value that another lacks or has otherwise. Header names are compared without
/// their case, because Rust's header maps have none.
fn missing(expected: &Value, read: &Value) -> Vec<String> {
    let Value::Object(members) = expected else {
        // Their parameters are lists, and one value is a list of one.
        let is_read = expected == read || read == &json!([expected]);
        return if is_read { Vec::new() } else { vec![format!("{expected} != {read}")] };
    };
    members
        .iter()
        .flat_map(|(name, value)| {
            let found = read.get(name).or_else(|| read.get(name.to_lowercase()));
            match found {
                Some(found) => missing(value, found),
                None => vec![name.clone()],
            }
        })
        .collect()
}
