//! Against a service of our own on a free port.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Path},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect},
    routing::{any, get},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::{
    authorize::Handshake,
    event::{
        Message,
        json::tests::{call, connect, message},
    },
};

/// Serves `/mirror/…`, which answers what it was asked, and what else the tests need.
async fn service() -> SocketAddr {
    let status = async |Path(status): Path<u16>| {
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("x-room", "lobby")], r#"{"reason":"closed"}"#)
    };
    let router = Router::new()
        .route("/mirror", any(mirror))
        .route("/mirror/{*rest}", any(mirror))
        .route("/status/{status}", any(status))
        .route("/away", any(async || Redirect::temporary("/mirror")))
        .route("/large", any(async || "x".repeat(2000)))
        .route("/silent", any(std::future::pending::<StatusCode>))
        .route("/only-get", get(async || "got"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    address
}

async fn mirror(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> impl IntoResponse {
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    Json(json!({
        "peer": peer.port(),
        "method": method.as_str(),
        "uri": uri.to_string(),
        "headers": headers,
        "body": body,
    }))
}

async fn integration(path: &str) -> HttpIntegration {
    let address = service().await;
    HttpIntegration::new(http_client().unwrap(), &format!("http://{address}{path}")).unwrap()
}

async fn answer(integration: &HttpIntegration, call: Call) -> Result<Response> {
    integration.call(call).await.map(|outcome| match outcome {
        Outcome::Response(response) => response,
        other => panic!("{other:?}"),
    })
}

async fn mirrored(integration: &HttpIntegration, call: Call) -> Value {
    let response = answer(integration, call).await.map_err(|error| error.to_string()).unwrap();
    assert_eq!(response.status, 200);
    serde_json::from_slice(&response.body).unwrap()
}

async fn failure(integration: &HttpIntegration, call: Call) -> Error {
    answer(integration, call).await.unwrap_err()
}

/// The values of a header that the service got.
fn header<'a>(mirrored: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mirrored["headers"].as_array().unwrap().iter();
    headers.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap()).collect()
}

fn text(text: &str) -> Call {
    call("sendmessage", Event::Message(Message::whole(text.into())))
}

fn mappings(pairs: &[(&str, &str)]) -> Mappings {
    Mappings::parse(pairs.iter().copied()).unwrap()
}

fn templates(text: &str) -> Templates {
    Templates::default().with("$default", text.parse().unwrap())
}

#[tokio::test]
async fn a_message_is_the_body_and_the_answer_comes_back_whatever_its_status() {
    let seen = mirrored(&integration("/mirror").await, text(" not { JSON")).await;
    assert_eq!((&seen["method"], &seen["uri"]), (&json!("POST"), &json!("/mirror")));
    assert_eq!(seen["body"], " not { JSON");
    assert_eq!(header(&seen, "content-type"), ["application/json"]);

    let response = answer(&integration("/status/418").await, message()).await.unwrap();
    assert_eq!((response.status, response.header("X-Room")), (418, Some("lobby")));
    assert_eq!(response.body, r#"{"reason":"closed"}"#);
}

#[tokio::test]
async fn the_method_is_chosen() {
    let integration = integration("/only-get").await;
    assert_eq!(answer(&integration, message()).await.unwrap().status, 405);
    let integration = integration.method(Method::GET);
    assert_eq!(answer(&integration, message()).await.unwrap().body, "got");
}

#[tokio::test]
async fn a_connection_to_the_service_is_used_again() {
    let integration = integration("/mirror").await;
    let first = mirrored(&integration, message()).await;
    let second = mirrored(&integration, message()).await;
    assert_eq!(first["peer"], second["peer"]);
}

#[tokio::test]
async fn a_handshake_goes_along_without_what_is_of_its_connection() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "chat.example"),
        ("connection", "Upgrade, X-Hop"),
        ("upgrade", "websocket"),
        ("x-hop", "1"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("sec-websocket-key", "q2J0bW5vcHFyc3R1dnd4eQ=="),
        ("sec-websocket-version", "13"),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("sec-websocket-protocol", "chat.v1"),
        ("authorization", "Bearer t"),
        ("x-tenant", "of the client"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers.append("cookie", "a=1".parse().unwrap());
    headers.append("cookie", "b=2".parse().unwrap());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let query = vec![pair("room", "a b"), pair("room", "c"), pair("token", "t")];
    let connect = call("$connect", Event::Connect(Arc::new(Handshake::new(headers, query))));
    let integration = integration("/mirror?fixed=1").await.request_parameters(mappings(&[
        ("integration.request.header.X-Tenant", "'ours'"),
        ("integration.request.header.connectionId", "context.connectionId"),
        ("integration.request.querystring.token", "'redacted'"),
    ]));
    let seen = mirrored(&integration, connect).await;
    for (name, values) in [
        ("authorization", ["Bearer t"].as_slice()),
        ("cookie", &["a=1", "b=2"]),
        ("sec-websocket-protocol", &["chat.v1"]),
        ("x-forwarded-for", &["203.0.113.9"]),
        ("x-tenant", &["ours"]),
        ("connectionid", &["Yk3nQcX9IAMCJ2g="]),
    ] {
        assert_eq!(header(&seen, name), values, "{name}");
    }
    for name in ["connection", "upgrade", "x-hop", "keep-alive", "te", "transfer-encoding"] {
        assert!(header(&seen, name).is_empty(), "{name}");
    }
    for name in ["sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"] {
        assert!(header(&seen, name).is_empty(), "{name}");
    }
    assert!(header(&seen, "host")[0].starts_with("127.0.0.1:"), "the service has its own name");
    assert_eq!(seen["uri"], "/mirror?fixed=1&room=a+b&room=c&token=redacted");
    assert_eq!(seen["body"], "");
}

#[tokio::test]
async fn a_mapped_request_has_what_is_mapped_and_nothing_else() {
    let integration = integration("/mirror/{table}/{who}").await;
    assert_eq!(integration.unmapped(), ["table", "who"]);
    let integration = integration
        .request_parameters(mappings(&[
            ("integration.request.path.table", "context.routeKey"),
            ("integration.request.path.who", "context.identity.userAgent"),
            ("integration.request.header.Content-Type", "'text/plain'"),
            ("integration.request.querystring.said", "route.request.body.data"),
        ]))
        .request_templates(templates("$context.connectionId says $input.path('$.data')"));
    assert!(integration.unmapped().is_empty());
    let seen = mirrored(&integration, message()).await;
    assert_eq!(seen["uri"], "/mirror/sendmessage/Mozilla%2F5.0?said=hi");
    assert_eq!(seen["body"], "Yk3nQcX9IAMCJ2g= says hi");
    assert_eq!(header(&seen, "content-type"), ["text/plain"]);
    let seen = mirrored(&integration, connect()).await;
    assert!(header(&seen, "x-api-key").is_empty(), "{seen}");
}

#[tokio::test]
async fn stage_variables_are_read_when_it_is_asked() {
    let address = service().await;
    let text = "http://${stageVariables.service}/mirror";
    let integration = HttpIntegration::new(http_client().unwrap(), text).unwrap();
    let mut call = message();
    let variables = [("service".to_owned(), address.to_string())].into();
    call.caller.stage = Arc::new(crate::Stage { variables, ..crate::Stage::default() });
    assert_eq!(mirrored(&integration, call).await["uri"], "/mirror");
    assert_eq!(failure(&integration, message()).await.code(), Error::INTERNAL);
}

#[tokio::test]
async fn the_first_response_whose_pattern_fits_the_status_shapes_the_answer() {
    let shaped = |integration: HttpIntegration| {
        let by_room = Templates::default()
            .with(
                "lobby",
                "the lobby is $input.path('$.reason') for $context.connectionId".parse().unwrap(),
            )
            .select_by(
                crate::expression::Expression::parse(
                    "${integration.response.header.x-room}",
                    crate::expression::Use::ResponseTemplate,
                )
                .unwrap(),
            );
        integration
            .response(IntegrationResponse::new(r"/4\d\d/".parse().unwrap()).templates(by_room))
            .response(IntegrationResponse::new("/201/".parse().unwrap()))
    };
    let refused = answer(&shaped(integration("/status/404").await), message()).await.unwrap();
    assert_eq!(refused.status, 404);
    assert_eq!(refused.body, "the lobby is closed for Yk3nQcX9IAMCJ2g=");
    let created = answer(&shaped(integration("/status/201").await), message()).await.unwrap();
    assert_eq!(created.body, r#"{"reason":"closed"}"#);

    let unexpected = shaped(integration("/status/500").await);
    assert_eq!(failure(&unexpected, message()).await.code(), Error::INTERNAL);
    assert_eq!(answer(&unexpected, connect()).await.unwrap().status, 500);
}

#[tokio::test]
async fn a_service_that_is_silent_or_away_is_an_error() {
    let silent = integration("/silent").await.timeout(Duration::ZERO);
    let error = failure(&silent, message()).await;
    assert_eq!(
        (error.code(), error.message()),
        (Error::TIMED_OUT, "the integration took longer than 50ms")
    );

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let away = format!("http://{nobody}/?token=secret");
    let away = HttpIntegration::new(http_client().unwrap(), &away).unwrap();
    let error = failure(&away, message()).await;
    assert_eq!(error.code(), Error::INTERNAL);
    let logged = format!("{:?}", error.source().unwrap());
    assert!(!logged.contains("secret"), "{logged}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_others() {
    let response = answer(&integration("/away").await, message()).await.unwrap();
    assert_eq!((response.status, response.header("location")), (307, Some("/mirror")));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error_where_it_is_read() {
    let enough = integration("/large").await.response_limit(2000);
    assert_eq!(answer(&enough, message()).await.unwrap().body.len(), 2000);
    let little = integration("/large").await.response_limit(1999);
    assert_eq!(failure(&little, message()).await.code(), Error::INTERNAL);
    assert_eq!(answer(&little, connect()).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_client_cannot_say_what_no_request_can_have() {
    let in_path = integration("/mirror/{room}").await.request_parameters(mappings(&[(
        "integration.request.path.room",
        "route.request.body.room",
    )]));
    for body in [r#"{"room":".."}"#, r#"{"room":""}"#, "{}"] {
        assert_eq!(failure(&in_path, text(body)).await.code(), Error::INVALID, "{body}");
    }
    let in_header = integration("/mirror").await.request_parameters(mappings(&[(
        "integration.request.header.room",
        "route.request.body.room",
    )]));
    let split = text(r#"{"room":"a\r\nx-admin: 1"}"#);
    assert_eq!(failure(&in_header, split).await.code(), Error::INVALID);
}
