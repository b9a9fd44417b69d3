//! `gatewire serve`: a gateway from its file, without a line of Rust.

use std::{fs, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Bytes, routing::post};
use gatewire_server::{app::App, serve_all};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};

use crate::{served::read, support::Client};

/// The app of a file within another program, in a folder of its own.
struct Served {
    folder: TempDir,
    address: SocketAddr,
    app: Arc<App>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = Arc::new(App::start(read(folder.path(), text), None).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn({
            let app = app.clone();
            async move {
                let gateways: Vec<_> = app.stages().values().cloned().collect();
                let stopped = async { drop(stopped.await) };
                serve_all(listener, app.router(), &gateways, stopped).await.unwrap();
                assert!(app.finish().await, "everything ends in its time");
            }
        });
        Self { folder, address, app, stop, serving }
    }

    async fn connect(&self, path: &str) -> Result<Client, u16> {
        match connect_async(format!("ws://{}{path}", self.address)).await {
            Ok((socket, _)) => Ok(Client::new(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn stop(self) -> TempDir {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.folder
    }
}

/// The function of `fixtures/gateway.py`, behind two stages.
fn with_function() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/gateway.py");
    format!(
        r#"
        [server]
        drain = "2s"
        [stages.prod]
        variables = {{ table = "chat" }}
        domains = ["chat.example"]
        [stages.test]
        [routes."$connect"]
        integration = "function"
        [routes.echo]
        integration = "function"
        reply = true
        [routes.silent]
        integration = "function"
        [routes.boom]
        integration = "function"
        [integrations.function]
        type = "lambda"
        function = "chat"
        [functions.chat]
        command = ["python3", "{script}"]
        concurrency = 1
        timeout = "20s"
        "#
    )
}

#[tokio::test]
async fn a_function_answers_by_stage_and_route() {
    let served = Served::start(&with_function()).await;
    assert_eq!(served.connect("/prod?who=nobody").await.err(), Some(403));
    assert_eq!(served.connect("/elsewhere").await.err(), Some(403));
    for (path, stage, variables) in
        [("/prod", "prod", json!({"table": "chat"})), ("/test/", "test", Value::Null)]
    {
        let mut client = served.connect(path).await.unwrap();
        client.send_text(r#"{"action":"silent"}"#).await;
        client.send_text(r#"{"action":"echo"}"#).await;
        let expected = json!({
            "route": "echo", "stage": stage, "variables": variables, "body": r#"{"action":"echo"}"#,
        });
        assert_eq!(client.next().await, expected);
        client.send_text(r#"{"action":"boom"}"#).await;
        assert_eq!(client.next().await["message"], "Internal server error");
        client.send_text(r#"{"action":"nobody"}"#).await;
        assert_eq!(client.next().await["message"], "Forbidden");
    }
    served.stop().await;
}

#[tokio::test]
async fn an_http_service_and_a_mock_answer_and_a_queue_delivers_in_order() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let upper = post(|body: String| async move { body.to_uppercase() });
    let deliver = post(move |event: Bytes| async move {
        let event: Value = serde_json::from_slice(&event).unwrap();
        for record in event["Records"].as_array().unwrap() {
            told.send(record.clone()).unwrap();
        }
    });
    let backend = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = backend.local_addr().unwrap();
    let router = Router::new().route("/upper", upper).route("/deliver", deliver);
    tokio::spawn(async move { axum::serve(backend, router).await.unwrap() });
    let served = Served::start(&format!(
        r#"
        [server]
        drain = "2s"
        [stages.prod]
        [routes."$connect"]
        integration = "mock"
        [routes.upper]
        integration = "backend"
        reply = true
        [routes.later]
        integration = "queue"
        reply = true
        [integrations.mock]
        type = "mock"
        [integrations.backend]
        type = "http"
        url = "http://{address}/upper"
        [integrations.queue]
        type = "queue"
        queue = "jobs"
        message_group_id = "${{request.body.room}}"
        [queues.jobs]
        deliver_to = {{ url = "http://{address}/deliver" }}
        "#
    ))
    .await;
    let mut client = served.connect("/prod").await.unwrap();
    client.send_text(r#"{"action":"upper"}"#).await;
    assert_eq!(client.next_text().await, r#"{"ACTION":"UPPER"}"#);
    for number in 0..5 {
        let message = json!({"action": "later", "room": "lobby", "number": number});
        client.send_text(&message.to_string()).await;
        assert!(client.next().await["messageId"].is_string(), "it is on disk");
    }
    for number in 0..5 {
        let record: Value = heard.recv().await.unwrap();
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["number"], number);
        assert_eq!(record["attributes"]["MessageGroupId"], "lobby");
        assert!(record["messageAttributes"]["connectionId"]["stringValue"].is_string());
    }
    served.stop().await;
}

/// A service that answers what it is sent, and a file that has it answer.
async fn with_echo(binary: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", post(async |body: Bytes| body));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!(
        r#"
        [api]
        binary = {binary}
        [stages.prod]
        [routes."$default"]
        integration = "echo"
        reply = true
        [routes.decode]
        integration = "decode"
        reply = true
        [routes.encode]
        integration = "encode"
        reply = true
        [integrations.echo]
        type = "http"
        url = "http://{address}/"
        [integrations.decode]
        type = "http"
        url = "http://{address}/"
        content_handling = "CONVERT_TO_BINARY"
        request_templates = {{ "$default" = "$input.path('$.data')" }}
        [integrations.encode]
        type = "http"
        url = "http://{address}/"
        [[integrations.encode.responses]]
        key = "$default"
        content_handling = "CONVERT_TO_TEXT"
        templates = {{ "$default" = "base64: $input.body" }}
        "#
    )
}

#[tokio::test]
async fn bytes_are_answered_with_bytes_where_they_are_taken() {
    let served = Served::start(&with_echo(true).await).await;
    let mut client = served.connect("/prod").await.unwrap();
    for message in [Message::binary(vec![0, 159, 146, 150]), Message::text("no JSON")] {
        client.send_message(message.clone()).await;
        assert_eq!(client.next_message().await, message);
    }
    served.stop().await;
    let served = Served::start(&with_echo(false).await).await;
    let mut client = served.connect("/prod").await.unwrap();
    client.send_message(Message::binary(vec![1])).await;
    assert_eq!(u16::from(client.closed().await.code), 1003);
    served.stop().await;
}

#[tokio::test]
async fn content_is_converted_between_base64_and_bytes() {
    let served = Served::start(&with_echo(false).await).await;
    let mut client = served.connect("/prod").await.unwrap();
    client.send_text(r#"{"action":"decode","data":"aGVsbG8="}"#).await;
    assert_eq!(client.next_text().await, "hello");
    client.send_text(r#"{"action":"decode","data":"?"}"#).await;
    assert_eq!(client.next().await["message"], "Invalid request body");
    client.send_text(r#"{"action":"encode"}"#).await;
    assert_eq!(client.next_text().await, "base64: eyJhY3Rpb24iOiJlbmNvZGUifQ==");
    served.stop().await;
}

#[tokio::test]
async fn a_changed_file_is_taken_over_without_closing_a_socket() {
    let file = |status: u16| {
        format!(
            r#"
            [server]
            drain = "2s"
            [stages.prod]
            [routes.answer]
            integration = "mock"
            reply = true
            [integrations.mock]
            type = "mock"
            request_templates = {{ "$default" = '{{"statusCode":{status}}}' }}
            [[integrations.mock.responses]]
            key = "/4../"
            templates = {{ "$default" = "refused" }}
            [[integrations.mock.responses]]
            key = "$default"
            templates = {{ "$default" = "taken" }}
            "#
        )
    };
    let served = Served::start(&file(200)).await;
    let mut client = served.connect("/prod").await.unwrap();
    client.send_text(r#"{"action":"answer"}"#).await;
    assert_eq!(client.next_text().await, "taken");
    let changed = read(served.folder.path(), &file(404));
    served.app.reload(changed).await.unwrap();
    client.send_text(r#"{"action":"answer"}"#).await;
    assert_eq!(client.next_text().await, "refused");
    served.stop().await;
}

#[tokio::test]
async fn changed_numbers_hold_for_connections_from_then_on() {
    let text = with_echo(false).await;
    let served = Served::start(&text).await;
    let mut older = served.connect("/prod").await.unwrap();
    let changed = text.replace("binary = false", "binary = true\nmax_message = \"1KiB\"");
    served.app.reload(read(served.folder.path(), &changed)).await.unwrap();
    let mut newer = served.connect("/prod").await.unwrap();
    newer.send_message(Message::binary(vec![1; 1024])).await;
    assert_eq!(newer.next_message().await.len(), 1024);
    newer.send_message(Message::binary(vec![1; 1025])).await;
    assert_eq!(u16::from(newer.closed().await.code), 1009);
    older.send_text(&"x".repeat(1025)).await;
    assert_eq!(older.next_text().await.len(), 1025);
    older.send_message(Message::binary(vec![1])).await;
    assert_eq!(u16::from(older.closed().await.code), 1003);
    served.stop().await;
}

#[tokio::test]
async fn a_queue_keeps_what_its_function_has_not_taken_over_a_restart() {
    let with_queue = with_function()
        + r#"
        [routes.later]
        integration = "queue"
        reply = true
        [integrations.queue]
        type = "queue"
        queue = "jobs"
        [queues.jobs]
        deliver_to = { function = "chat" }
        "#;
    let served = Served::start(&with_queue).await;
    let mut client = served.connect("/prod").await.unwrap();
    client.send_text(r#"{"action":"later"}"#).await;
    assert!(client.next().await["sequenceNumber"].is_string());
    let folder = served.stop().await;
    let served = App::start(read(folder.path(), &with_queue), None).unwrap();
    let delivered = folder.path().join("delivered");
    tokio::time::timeout(Duration::from_secs(20), async {
        while fs::read_to_string(&delivered).unwrap_or_default().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the message is delivered, before the restart or after it");
    assert_eq!(fs::read_to_string(&delivered).unwrap(), "{\"action\":\"later\"}\n");
    assert!(served.finish().await);
}

#[tokio::test]
async fn a_function_that_has_changed_takes_over_its_queue() {
    let with_queue = with_function()
        + r#"
        [routes.later]
        integration = "queue"
        [integrations.queue]
        type = "queue"
        queue = "jobs"
        [queues.jobs]
        deliver_to = { function = "chat" }
        "#;
    let served = Served::start(&with_queue).await;
    let mut client = served.connect("/prod").await.unwrap();
    let changed = with_queue.replace("concurrency = 1", "concurrency = 2");
    served.app.reload(read(served.folder.path(), &changed)).await.unwrap();
    client.send_text(r#"{"action":"later"}"#).await;
    let delivered = served.folder.path().join("delivered");
    tokio::time::timeout(Duration::from_secs(20), async {
        while fs::read_to_string(&delivered).unwrap_or_default().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the newer function gets the message");
    served.stop().await;
}
