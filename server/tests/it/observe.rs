//! What a gateway from a file tells of its work: its access log and its figures.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, LazyLock},
};

use gatewire_server::{app::Process, config::Config};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::support::Client;

/// The process of a file, in a folder of its own.
struct Served {
    folder: TempDir,
    process: Arc<Process>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

fn read(folder: &Path, text: &str) -> Config {
    let path = folder.join("gateway.toml");
    Config::from_toml(text, &path, &BTreeMap::new()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

impl Served {
    async fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Arc::new(Process::start(read(folder.path(), text)).await.unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn({
            let process = process.clone();
            async move { process.serve(async { drop(stopped.await) }).await.unwrap() }
        });
        Self { folder, process, stop, serving }
    }

    /// An address that the process tells: of its `clients`, of its `metrics`.
    fn address(&self, of: &str) -> String {
        let summary = self.process.to_string();
        let told = summary.lines().find_map(|line| line.trim_start().strip_prefix(of));
        told.unwrap_or_else(|| panic!("no {of} in {summary}")).trim().to_owned()
    }

    async fn connect(&self, query: &str) -> Result<Client, u16> {
        match connect_async(format!("{}{query}", self.address("clients"))).await {
            Ok((socket, _)) => Ok(Client::new(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn scrape(&self) -> String {
        let response = reqwest::get(self.address("metrics")).await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
        response.text().await.unwrap()
    }

    /// Reads a file of the folder, once everything is over.
    async fn stop(self, file: &str) -> String {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

/// Where connections wait for somebody to accept them: what is delivered there stays in flight.
static NEVER_ANSWERS: LazyLock<SocketAddr> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::mem::forget(listener);
    address
});

/// A mock that lets those in who say who they are, one that answers by 404, and a queue.
fn file(access_log: &str) -> String {
    let service = &*NEVER_ANSWERS;
    format!(
        r#"
        [server]
        listen = "127.0.0.1:0"
        drain = "2s"
        [metrics]
        listen = "127.0.0.1:0"
        [stages.prod]
        [stages.prod.access_log]
        {access_log}
        [routes."$connect"]
        integration = "mock"
        request_parameters = {{ "route.request.querystring.who" = {{ required = true }} }}
        [routes."$disconnect"]
        integration = "mock"
        [routes.hello]
        integration = "mock"
        reply = true
        [routes.missing]
        integration = "broken"
        reply = true
        [routes.later]
        integration = "queue"
        reply = true
        [integrations.mock]
        type = "mock"
        request_templates = {{ "$default" = '{{"statusCode":200}}' }}
        [[integrations.mock.responses]]
        key = "$default"
        templates = {{ "$default" = "hello" }}
        [integrations.broken]
        type = "mock"
        request_templates = {{ "$default" = '{{"statusCode":404}}' }}
        [[integrations.broken.responses]]
        key = "$default"
        templates = {{ "$default" = "none" }}
        [integrations.queue]
        type = "queue"
        queue = "jobs"
        on_missing_group = "connectionId"
        [queues.jobs]
        deliver_to = {{ url = "http://{service}/" }}
        "#
    )
}

/// One refused handshake, one connection with four messages, and its end.
async fn traffic(served: &Served) {
    assert_eq!(served.connect("").await.err(), Some(400));
    let mut client = served.connect("?who=ada").await.unwrap();
    client.send_text(r#"{"action":"hello"}"#).await;
    assert_eq!(client.next_text().await, "hello");
    client.send_text(r#"{"action":"missing"}"#).await;
    assert_eq!(client.next_text().await, "none");
    client.send_text(r#"{"action":"later"}"#).await;
    assert!(client.next().await["sequenceNumber"].is_string());
    client.send_text(r#"{"action":"nobody"}"#).await;
    assert_eq!(client.next().await["message"], "Forbidden");
    let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    client.send_message(Message::Close(Some(goodbye))).await;
    client.closed().await;
}

#[tokio::test]
async fn every_request_is_a_line_of_the_format() {
    let format = "$context.eventType $context.routeKey $context.status \
                  $context.integration.status $context.error.message $context.waf.status";
    let served = Served::start(&file(&format!("format = '{format}'\nfile = \"access.log\""))).await;
    traffic(&served).await;
    let log = served.stop("access.log").await;
    let expected = "\
        CONNECT $connect 400 - Bad Request -\n\
        CONNECT $connect 200 200 - -\n\
        MESSAGE hello 200 200 - -\n\
        MESSAGE missing 200 404 - -\n\
        MESSAGE later 200 200 - -\n\
        MESSAGE - 403 - Forbidden -\n\
        DISCONNECT $disconnect 200 200 - -\n";
    assert_eq!(log, expected);
}

#[tokio::test]
async fn a_line_may_be_json_with_everything() {
    let served = Served::start(&file("format = \"json\"\nfile = \"access.log\"")).await;
    traffic(&served).await;
    let log = served.stop("access.log").await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 7);
    let (refused, hello, goodbye) = (&lines[0], &lines[2], &lines[6]);
    assert_eq!(
        refused["error"],
        json!({"message": "Bad Request", "responseType": "BAD_REQUEST_PARAMETERS"})
    );
    assert_eq!(hello["stage"], "prod");
    assert_eq!(hello["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(hello["connectionId"], goodbye["connectionId"]);
    assert_ne!(hello["requestId"], goodbye["requestId"]);
    assert_eq!(hello["integrationLatency"], Value::Null, "a mock has none");
    assert!(lines[4]["integrationLatency"].is_u64());
    assert_eq!(goodbye["disconnectStatusCode"], 1000);
}

#[tokio::test]
async fn a_log_that_was_moved_away_is_opened_anew_by_a_reload() {
    let text = file("format = '$context.routeKey $context.requestId'\nfile = \"access.log\"");
    let served = Served::start(&text).await;
    drop(served.connect("?who=ada").await.unwrap());
    let (log, moved) =
        (served.folder.path().join("access.log"), served.folder.path().join("1.log"));
    fs::rename(&log, &moved).unwrap();
    served.process.reload(read(served.folder.path(), &text)).await;
    let mut client = served.connect("?who=ada").await.unwrap();
    client.send_text(r#"{"action":"hello"}"#).await;
    assert_eq!(client.next_text().await, "hello");
    let log = served.stop("access.log").await;
    assert!(log.contains("\nhello "), "{log}");
}

#[tokio::test]
async fn prometheus_finds_what_has_happened() {
    let served = Served::start(&file("format = \"json\"\nfile = \"access.log\"")).await;
    traffic(&served).await;
    let closed = r#"CloseCount{api="local00000",stage="prod",code="1000"} 1"#;
    let mut text = served.scrape().await;
    // The close may not be counted yet, nor the message be on its way.
    let in_flight = r#"QueueInFlight{api="local00000",queue="jobs"} 1"#;
    while !text.contains(closed) || !text.contains(in_flight) {
        text = served.scrape().await;
    }
    let stage = r#"api="local00000",stage="prod""#;
    for expected in [
        format!("ConnectCount{{{stage},route=\"$connect\"}} 1"),
        format!("HandshakeRefused{{{stage}}} 1"),
        format!("MessageCount{{{stage},route=\"hello\",direction=\"in\"}} 1"),
        format!("MessageCount{{{stage},direction=\"out\"}} 4"),
        format!("IntegrationError{{{stage},route=\"missing\"}} 1"),
        format!("ClientError{{{stage},route=\"$connect\"}} 1"),
        format!("ClientError{{{stage},route=\"\"}} 1"),
        format!("IntegrationLatency_count{{{stage},route=\"later\"}} 1"),
        format!("IntegrationLatency_bucket{{{stage},route=\"later\",le=\"+Inf\"}} 1"),
        format!("Connections{{{stage}}} 0"),
        format!("AccessLogDropped{{{stage}}} 0"),
        r#"QueueVisible{api="local00000",queue="jobs"} 0"#.to_owned(),
        "# TYPE IntegrationLatency histogram".to_owned(),
    ] {
        assert!(text.lines().any(|line| line == expected), "no {expected} in\n{text}");
    }
    let of_mock = format!("IntegrationLatency_count{{{stage},route=\"hello\"}}");
    assert!(!text.contains(&of_mock), "a mock has no latency:\n{text}");
    let elsewhere = served.address("metrics").replace("/metrics", "/");
    assert_eq!(reqwest::get(elsewhere).await.unwrap().status(), 404);
    served.stop("access.log").await;
}
