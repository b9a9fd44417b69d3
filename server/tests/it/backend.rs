//! A gateway in front of an HTTP service and of mocks: what a client gets of their answers.

use std::net::SocketAddr;

use axum::{Router, extract::Path, http::StatusCode, routing::any};
use gatewire_server::integration::{
    HttpIntegration, IntegrationResponse, MockIntegration, Passthrough, Templates,
    http::http_client,
};
use gatewire_server::route::Route;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::Server;

async fn service() -> SocketAddr {
    let answer = async |Path(status): Path<u16>, body: String| {
        (StatusCode::from_u16(status).unwrap(), format!("{status} for {body}"))
    };
    let router = Router::new().route("/{status}", any(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn proxy(address: SocketAddr, status: u16) -> HttpIntegration {
    let address = format!("http://{address}/{status}");
    HttpIntegration::new(http_client().unwrap(), &address).unwrap()
}

#[tokio::test]
async fn the_status_of_the_service_decides_over_the_handshake() {
    let address = service().await;
    for (status, refused) in [(200, None), (401, Some(401)), (307, Some(307)), (503, Some(503))] {
        let connect = proxy(address, status);
        let server = Server::start_with(|gateway| gateway.route("$connect", connect)).await;
        assert_eq!(server.connect("/ws", &[]).await.err().map(|it| it.as_u16()), refused);
    }
}

#[tokio::test]
async fn answers_go_out_on_two_way_routes_alone() {
    let address = service().await;
    let ok = IntegrationResponse::new("$default".parse().unwrap()).templates(
        Templates::default().with("$default", "pong of $context.stage".parse().unwrap()),
    );
    let server = Server::start_with(|gateway| {
        gateway
            .route("one", proxy(address, 500))
            .add_route(Route::new("two", proxy(address, 404)).two_way())
            .add_route(Route::new("ping", MockIntegration::new().response(ok)).two_way())
    })
    .await;
    let mut client = server.plain().await;
    client.send(json!({"action": "one"})).await;
    client.send_text(r#"{ "action":"two" }"#).await;
    assert_eq!(client.next_text().await, r#"404 for { "action":"two" }"#, "and nothing before it");
    client.send(json!({"action": "ping"})).await;
    assert_eq!(client.next_text().await, "pong of default");
}

#[tokio::test]
async fn a_service_that_is_away_is_an_error_frame() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let away = proxy(listener.local_addr().unwrap(), 200);
    drop(listener);
    let never = MockIntegration::new().passthrough(Passthrough::Never);
    let server =
        Server::start_with(|gateway| gateway.route("away", away.clone()).route("never", never))
            .await;
    let mut client = server.plain().await;
    for (action, message) in
        [("away", "Internal server error"), ("never", "Unsupported Media Type")]
    {
        assert_eq!(client.ask(json!({"action": action})).await["message"], message);
    }
    let server = Server::start_with(|gateway| gateway.route("$connect", away)).await;
    assert_eq!(server.connect("/ws", &[]).await.err().map(|it| it.as_u16()), Some(502));
}
