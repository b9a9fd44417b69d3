//! One trace from a client's frame to a service, and through a queue to its consumer.

use gatewire_server::trace::{Exporting, Otlp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest};

use crate::{
    served::Served,
    support::{Client, Server},
};
use collector::{World, hex};

mod collector;
mod queue;

const SESSION: &str = "0123456789abcdef0123";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// What an application gives its gateway.
fn exporter(world: &World) -> Exporting {
    let otlp = Otlp::new(format!("http://{}/v1/traces", world.address));
    otlp.header("x-key", "secret").start().unwrap()
}

/// What a client says of its trace.
fn trace(flags: &str) -> Value {
    json!({ "traceparent": format!("00-{TRACE}-{SPAN}-{flags}"), "tracestate": "vendor=1" })
}

/// The process of a file in its folder, and its clients.
struct Traced {
    served: Served,
    folder: TempDir,
}

impl Traced {
    async fn start(text: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), text).await
    }

    async fn start_in(folder: TempDir, text: &str) -> Self {
        Self { served: Served::start(folder.path(), text).await, folder }
    }

    async fn connect(&self, headers: &[(&'static str, &str)]) -> Client {
        let mut request = self.served.address("clients").into_client_request().unwrap();
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

    /// Ends it once its client has gone. Its last spans have arrived then. Returns the folder, in which
    /// another may go on.
    async fn stop(self, client: Client) -> TempDir {
        drop(client);
        self.served.stop().await;
        self.folder
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
        [routes.invoke]
        integration = "function"
        reply = true
        [routes.later]
        integration = "queue"
        reply = true
        [integrations.mock]
        type = "mock"
        [integrations.service]
        type = "http"
        url = "http://{address}/service"
        [integrations.function]
        type = "lambda"
        uri = "arn:aws:lambda:us-east-1:000000000000:function:chat"
        endpoint = "http://{address}"
        credentials = {{ access_key_id = "a", secret_access_key = "b" }}
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
    let served = Traced::start(&traced(&world, 1.0)).await;
    let mut client = served.session().await;
    let reply =
        client.ask(json!({"action": "ask", "id": 1, "data": {}, "trace": trace("01")})).await;
    assert_eq!(reply, json!({"id": 1, "data": "served"}));
    let asked = world.asked().await.trace.unwrap();
    assert_eq!(client.ask(json!({"action": "none", "id": 2, "trace": trace("01")})).await["id"], 2);
    served.stop(client).await;

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
async fn a_function_is_told_the_trace_as_x_ray_has_it() {
    let mut world = World::start().await;
    let served = Traced::start(&traced(&world, 1.0)).await;
    let mut client = served.session().await;
    let frame = json!({"action": "invoke", "id": 1, "data": {}, "trace": trace("01")});
    assert_eq!(client.ask(frame).await["data"], "invoked");
    let told = world.asked().await.headers["x-amzn-trace-id"].clone();
    served.stop(client).await;
    let invoke = world.span("invoke chat");
    assert_eq!((&invoke.parent, invoke.kind), (&world.span("receive invoke").id, 3));
    assert_eq!(invoke.attribute("faas.invoked_name").as_deref(), Some("chat"));
    let (seconds, random) = TRACE.split_at(8);
    assert_eq!(told, format!("Root=1-{seconds}-{random};Parent={};Sampled=1", invoke.id));
}

#[tokio::test]
async fn what_a_client_does_not_record_nobody_does() {
    let mut world = World::start().await;
    let served = Traced::start(&traced(&world, 1.0)).await;
    let mut client = served.session().await;
    client.ask(json!({"action": "ask", "id": 1, "trace": trace("00")})).await;
    let asked = world.asked().await.trace.unwrap();
    assert_eq!((&*hex(&asked.trace_id()), asked.is_sampled()), (TRACE, false));
    client.ask(json!({"action": "mock", "id": 2})).await;
    served.stop(client).await;
    assert!(world.spans().iter().all(|span| span.trace != TRACE), "{:#?}", world.spans());
    world.span("mock mock");
}

#[tokio::test]
async fn without_samples_of_its_own_the_gateway_records_what_its_clients_do() {
    let world = World::start().await;
    let served = Traced::start(&traced(&world, 0.0)).await;
    let mut client = served.session().await;
    client.ask(json!({"action": "mock", "id": 1})).await;
    client.ask(json!({"action": "mock", "id": 2, "trace": trace("01")})).await;
    served.stop(client).await;
    let names: Vec<String> = world.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["mock mock", "receive mock"]);
}

#[tokio::test]
async fn a_gateway_that_records_nothing_passes_traces_on() {
    let mut world = World::start().await;
    let served = Traced::start(&file(&world, "")).await;
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
    served.stop(client).await;
}

#[tokio::test]
async fn a_plain_client_is_part_of_the_trace_of_its_handshake() {
    let mut world = World::start().await;
    let served = Traced::start(&traced(&world, 1.0)).await;
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let mut client = served.connect(&[("traceparent", &parent)]).await;
    let body = json!({"action": "ask", "traceparent": "00-1", "trace": {"traceparent": "00-2"}});
    client.send_text(&body.to_string()).await;
    assert_eq!(client.next_text().await, "served");
    let asked = world.asked().await;
    assert_eq!(asked.body, body, "its body is its own");
    served.stop(client).await;
    for name in ["GET $connect", "receive ask"] {
        let span = world.span(name);
        assert_eq!((&*span.trace, &*span.parent), (TRACE, SPAN), "{name}");
    }
    assert_eq!(hex(&asked.trace.unwrap().span_id()), world.span("POST").id);
}

#[tokio::test]
async fn a_handler_is_told_the_trace_to_pass_on() {
    let world = World::start().await;
    let exporting = exporter(&world);
    let server = Server::start_with(|gateway| {
        gateway
            .tracer(exporting.tracer())
            .on_default(|_, cx| async move { Ok(cx.trace().map(|it| it.traceparent.clone())) })
    })
    .await;
    let mut client = server.session(SESSION).await;
    let told = client.ask(json!({"action": "other", "id": 1, "trace": trace("01")})).await;
    drop(client);
    server.stop().await;
    exporting.finish().await;
    let handle = world.span("handle $default");
    assert_eq!(told["data"], format!("00-{TRACE}-{}-01", handle.id));
    assert_eq!((handle.kind, &*handle.trace), (1, TRACE));
}
