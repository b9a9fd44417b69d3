//! What a gateway from a file tells of its work: its access log and its figures.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    sync::LazyLock,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{
    served::{Served, read},
    support::Client,
};

/// The process of a file, in a folder of its own.
struct Observed {
    folder: TempDir,
    served: Served,
}

impl Observed {
    async fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = Served::start(folder.path(), text).await;
        Self { folder, served }
    }

    async fn connect(&self, query: &str) -> Result<Client, u16> {
        match connect_async(format!("{}{query}", self.served.address("clients"))).await {
            Ok((socket, _)) => Ok(Client::new(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn scrape(&self) -> String {
        let response = reqwest::get(self.served.address("metrics")).await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
        response.text().await.unwrap()
    }

    /// Reads a file of the folder, once everything is over.
    async fn stop(self, file: &str) -> String {
        self.served.stop().await;
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
async fn traffic(observed: &Observed) {
    assert_eq!(observed.connect("").await.err(), Some(400));
    let mut client = observed.connect("?who=ada").await.unwrap();
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
    let observed =
        Observed::start(&file(&format!("format = '{format}'\nfile = \"access.log\""))).await;
    traffic(&observed).await;
    let log = observed.stop("access.log").await;
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
    let observed = Observed::start(&file("format = \"json\"\nfile = \"access.log\"")).await;
    traffic(&observed).await;
    let log = observed.stop("access.log").await;
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
    let observed = Observed::start(&text).await;
    drop(observed.connect("?who=ada").await.unwrap());
    let (log, moved) =
        (observed.folder.path().join("access.log"), observed.folder.path().join("1.log"));
    fs::rename(&log, &moved).unwrap();
    observed.served.process.reload(read(observed.folder.path(), &text)).await;
    let mut client = observed.connect("?who=ada").await.unwrap();
    client.send_text(r#"{"action":"hello"}"#).await;
    assert_eq!(client.next_text().await, "hello");
    let log = observed.stop("access.log").await;
    assert!(log.contains("\nhello "), "{log}");
}

#[tokio::test]
async fn prometheus_finds_what_has_happened() {
    let observed = Observed::start(&file("format = \"json\"\nfile = \"access.log\"")).await;
    traffic(&observed).await;
    let closed = r#"CloseCount{api="local00000",stage="prod",code="1000"} 1"#;
    let mut text = observed.scrape().await;
    // The close may not be counted yet, nor the message be on its way.
    let in_flight = r#"QueueInFlight{api="local00000",queue="jobs"} 1"#;
    while !text.contains(closed) || !text.contains(in_flight) {
        text = observed.scrape().await;
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
    let elsewhere = observed.served.address("metrics").replace("/metrics", "/");
    assert_eq!(reqwest::get(elsewhere).await.unwrap().status(), 404);
    observed.stop("access.log").await;
}
