//! One trace from a client's frame to a service, and through a queue to its consumer.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::http::StatusCode;
use gatewire_server::{Store, app::Process, config::Config, trace::Otlp};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest};

use crate::support::{Client, Server};
use collector::{World, hex};

mod collector;

const SESSION: &str = "0123456789abcdef0123";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// What a client says of its trace.
fn trace(flags: &str) -> Value {
    json!({ "traceparent": format!("00-{TRACE}-{SPAN}-{flags}"), "tracestate": "vendor=1" })
}

/// The process of a file.
struct Served {
    clients: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn start(folder: &Path, text: &str) -> Self {
        let config = Config::from_toml(text, &folder.join("gateway.toml"), &BTreeMap::new());
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let process = Arc::new(Process::start(config).await.unwrap());
        let summary = process.to_string();
        let clients = summary.lines().find_map(|line| line.trim_start().strip_prefix("clients"));
        let clients = clients.unwrap().trim().to_owned();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            process.serve(async { drop(stopped.await) }).await.unwrap();
        });
        Self { clients, stop, serving }
    }

    async fn connect(&self, headers: &[(&'static str, &str)]) -> Client {
        let mut request = self.clients.as_str().into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        Client::new(connect_async(request).await.unwrap().0)
    }

    async fn session(&self) -> Client {
        let mut client = self.connect(&[("sec-websocket-protocol", "gatewire.v1")]).await;
        client.hello(SESSION).await;
        client
    }

    /// Ends it. Its last spans have arrived then.
    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}

/// A service, a mock and a queue; `traces` is the table of that name.
fn file(world: &World, traces: &str) -> String {
    let address = world.address;
    format!(
        r#"
        {traces}
        [server]
        listen = "127.0.0.1:0"
        drain = "200ms"
        [stages.prod]
        [routes.ask]
        integration = "service"
        reply = true
        [routes.mock]
        integration = "mock"
        reply = true
        [routes.later]
        integration = "queue"
        reply = true
        [integrations.mock]
        type = "mock"
        [integrations.service]
        type = "http"
        url = "http://{address}/service"
        [integrations.queue]
        type = "queue"
        queue = "jobs"
        [queues.jobs]
        deliver_to = {{ url = "http://{address}/consumer" }}
        "#
    )
}

fn traced(world: &World, sample: f64) -> String {
    let address = world.address;
    file(
        world,
        &format!(
            r#"
            [traces]
            endpoint = "http://{address}/v1/traces"
            headers = {{ x-key = "secret" }}
            sample = {sample}
            service_name = "chat"
            "#
        ),
    )
}

#[tokio::test]
async fn a_trace_goes_from_the_frame_to_the_service() {
    let mut world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let mut client = served.session().await;
    let reply =
        client.ask(json!({"action": "ask", "id": 1, "data": {}, "trace": trace("01")})).await;
    assert_eq!(reply, json!({"id": 1, "data": "served"}));
    let asked = world.asked().await.trace.unwrap();
    assert_eq!(client.ask(json!({"action": "none", "id": 2, "trace": trace("01")})).await["id"], 2);
    served.stop().await;

    let (receive, call) = (world.span("receive ask"), world.span("POST"));
    assert_eq!((&*receive.trace, &*receive.parent, receive.kind), (TRACE, SPAN, 2));
    assert_eq!((&*call.trace, &call.parent, call.kind), (TRACE, &receive.id, 3));
    assert_eq!(
        (hex(&asked.trace_id()), hex(&asked.span_id())),
        (call.trace.clone(), call.id.clone())
    );
    assert_eq!((asked.is_sampled(), asked.state()), (true, Some("vendor=1")));
    assert_eq!(receive.service, "chat");
    for (name, value) in [
        ("messaging.destination.name", "ask"),
        ("network.protocol.name", "websocket"),
        ("client.address", "127.0.0.1"),
        ("gatewire.stage", "prod"),
    ] {
        assert_eq!(receive.attribute(name).as_deref(), Some(value), "{name}");
    }
    let port = world.address.port().to_string();
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("server.port", &*port),
    ] {
        assert_eq!(call.attribute(name).as_deref(), Some(value), "{name}");
    }
    let unknown = world.span("receive unknown route");
    assert_eq!(unknown.attribute("error.type").as_deref(), Some("unknownAction"));
    assert!(!unknown.failed, "that is the client's mistake");
    let handshake = world.span("GET $connect");
    assert_eq!(handshake.attribute("http.response.status_code").as_deref(), Some("101"));
    assert_ne!(handshake.trace, TRACE);
}

#[tokio::test]
async fn a_trace_goes_through_a_queue_to_its_consumer_over_a_restart() {
    let mut world = World::start().await;
    world.consumer_answers(StatusCode::SERVICE_UNAVAILABLE);
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let mut client = served.session().await;
    let frame = json!({"action": "later", "id": 1, "data": {"n": 1}, "trace": trace("01")});
    assert!(client.ask(frame).await["data"]["messageId"].is_string());
    world.asked().await;
    served.stop().await;
    let send = world.span("send jobs");
    assert_eq!(
        (&*send.trace, &send.parent, send.kind),
        (TRACE, &world.span("receive later").id, 4)
    );
    let tries: Vec<_> =
        world.spans().into_iter().filter(|span| span.name == "process jobs").collect();
    assert!(!tries.is_empty());
    assert!(tries.iter().all(|span| span.failed && span.parent == send.id), "{tries:#?}");

    world.consumer_answers(StatusCode::OK);
    while world.asked.try_recv().is_ok() {}
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let delivered = world.asked().await;
    served.stop().await;
    let done: Vec<_> = world
        .spans()
        .into_iter()
        .filter(|span| span.name == "process jobs" && !span.failed)
        .collect();
    let [process] = &*done else { panic!("one success: {done:#?}") };
    assert_eq!((&*process.trace, &process.parent, process.kind), (TRACE, &send.id, 5));
    assert_eq!(hex(&delivered.trace.unwrap().span_id()), process.id);
    let record = &delivered.body["Records"][0];
    assert_eq!(process.attribute("messaging.message.id").as_deref(), record["messageId"].as_str());
    assert_eq!(
        record["messageAttributes"]["traceparent"]["stringValue"],
        format!("00-{TRACE}-{}-01", send.id)
    );
    let x_ray = format!("Root=1-{}-{};Parent={};Sampled=1", &TRACE[..8], &TRACE[8..], send.id);
    assert_eq!(record["attributes"]["AWSTraceHeader"], x_ray);
}

#[tokio::test]
async fn messages_that_are_delivered_together_keep_their_traces() {
    let mut world = World::start().await;
    world.consumer_answers(StatusCode::SERVICE_UNAVAILABLE);
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let mut client = served.session().await;
    // The first is in flight or waits for its next try, and the others wait behind it.
    for id in 1..=3 {
        let trace = json!({ "traceparent": format!("00-{id:032x}-{SPAN}-01") });
        client.ask(json!({"action": "later", "id": id, "data": {}, "trace": trace})).await;
    }
    world.consumer_answers(StatusCode::OK);
    let together = loop {
        let asked = world.asked().await;
        if asked.body["Records"].as_array().unwrap().len() > 1 {
            break asked;
        }
    };
    served.stop().await;
    let spans = world.spans();
    let whole = hex(&together.trace.unwrap().span_id());
    let whole = spans.iter().find(|span| span.id == whole).unwrap();
    assert_eq!((&*whole.parent, &*whole.name), ("", "process jobs"));
    let sent = |id: &String| spans.iter().any(|span| span.id == *id && span.name == "send jobs");
    assert!(whole.links.len() > 1 && whole.links.iter().all(sent), "{whole:#?}");
    let of_batch = spans.iter().filter(|span| span.links == [whole.id.clone()]);
    assert!(of_batch.clone().all(|span| whole.links.contains(&span.parent)));
    assert_eq!(of_batch.count(), whole.links.len());
}

#[tokio::test]
async fn what_a_client_does_not_record_nobody_does() {
    let mut world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let mut client = served.session().await;
    client.ask(json!({"action": "ask", "id": 1, "trace": trace("00")})).await;
    let asked = world.asked().await.trace.unwrap();
    assert_eq!((&*hex(&asked.trace_id()), asked.is_sampled()), (TRACE, false));
    client.ask(json!({"action": "mock", "id": 2})).await;
    served.stop().await;
    assert!(world.spans().iter().all(|span| span.trace != TRACE), "{:#?}", world.spans());
    world.span("mock mock");
}

#[tokio::test]
async fn without_samples_of_its_own_the_gateway_records_what_its_clients_do() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 0.0)).await;
    let mut client = served.session().await;
    client.ask(json!({"action": "mock", "id": 1})).await;
    client.ask(json!({"action": "mock", "id": 2, "trace": trace("01")})).await;
    served.stop().await;
    let names: Vec<String> = world.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["mock mock", "receive mock"]);
}

#[tokio::test]
async fn a_gateway_that_records_nothing_passes_traces_on() {
    let mut world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &file(&world, "")).await;
    let mut client = served.session().await;
    for (id, given, expected) in [
        (1, trace("01"), Some(format!("00-{TRACE}-{SPAN}-01"))),
        (2, json!({"traceparent": "00-zz"}), None),
        (3, json!(7), None),
    ] {
        let reply =
            client.ask(json!({"action": "ask", "id": id, "data": {}, "trace": given})).await;
        assert_eq!(reply, json!({"id": id, "data": "served"}));
        let asked = world.asked().await;
        assert_eq!(asked.trace.map(|trace| trace.traceparent()), expected);
        assert_eq!(asked.headers.contains_key("tracestate"), expected.is_some());
    }
    client.ask(json!({"action": "later", "id": 4, "data": {}, "trace": trace("01")})).await;
    let delivered = world.asked().await;
    let expected = format!("00-{TRACE}-{SPAN}-01");
    assert_eq!(delivered.trace.map(|trace| trace.traceparent()), Some(expected));
    served.stop().await;
}

#[tokio::test]
async fn a_plain_client_is_part_of_the_trace_of_its_handshake() {
    let mut world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &traced(&world, 1.0)).await;
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let mut client = served.connect(&[("traceparent", &parent)]).await;
    let body = json!({"action": "ask", "traceparent": "00-1", "trace": {"traceparent": "00-2"}});
    client.send_text(&body.to_string()).await;
    assert_eq!(client.next_text().await, "served");
    let asked = world.asked().await;
    assert_eq!(asked.body, body, "its body is its own");
    served.stop().await;
    for name in ["GET $connect", "receive ask"] {
        let span = world.span(name);
        assert_eq!((&*span.trace, &*span.parent), (TRACE, SPAN), "{name}");
    }
    assert_eq!(hex(&asked.trace.unwrap().span_id()), world.span("POST").id);
}

#[tokio::test]
async fn a_worker_goes_on_with_the_trace_in_the_next_process() {
    let world = World::start().await;
    let exporter = || {
        let otlp = Otlp::new(format!("http://{}/v1/traces", world.address));
        otlp.header("x-key", "secret").start().unwrap()
    };
    let store = Store::in_memory().unwrap();
    let note = json!({
        "action": "note", "id": 1, "trace": trace("01"),
        "data": {"book": "diary", "text": "dear", "failures": 1},
    });
    let exporting = exporter();
    let server = Server::start_on(&store, |gateway| gateway.tracer(exporting.tracer())).await;
    let mut client = server.session(SESSION).await;
    assert!(client.ask(note).await["accepted"].is_object());
    server.stop().await;
    exporting.finish().await;
    let send = world.span("send notes");
    assert!(send.attribute("messaging.message.id").is_some());

    let exporting = exporter();
    let server = Server::start_on(&store, |gateway| gateway.tracer(exporting.tracer())).await;
    let mut client = server.session(SESSION).await;
    let echo = json!({"action": "echo", "id": 2, "data": {"text": "x"}, "trace": trace("01")});
    let mut answered = Vec::new();
    client.send(echo).await;
    while answered.len() < 2 {
        answered.push(client.next().await["id"].as_u64().unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, [1, 2]);
    server.stop().await;
    exporting.finish().await;
    let spans = world.spans();
    let process: Vec<_> = spans.iter().filter(|span| span.name == "process notes").collect();
    assert!(process.iter().all(|span| span.trace == TRACE && span.parent == send.id));
    let tries: Vec<_> = process.iter().map(|span| span.attribute("error.type").is_some()).collect();
    assert_eq!(tries, [true, false], "the first try fails, as asked");
    assert_eq!(world.span("handle echo").parent, world.span("receive echo").id);
}
