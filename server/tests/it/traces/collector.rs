//! A collector of spans, by OTLP over HTTP, and services that remember which trace they were asked in.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use gatewire_server::trace::TraceContext;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
};
use prost::Message;
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

/// A span as the collector got it.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) name: String,
    /// As OTLP numbers it: 2 server, 3 client, 4 producer, 5 consumer, 1 internal.
    pub(super) kind: i32,
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: String,
    /// The spans it is linked with.
    pub(super) links: Vec<String>,
    pub(super) failed: bool,
    pub(super) service: String,
    attributes: Vec<KeyValue>,
}

impl Span {
    /// What an attribute is worth, as a text.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        text(&self.attributes, name)
    }
}

/// What a service was asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// The trace that the headers name.
    pub(super) trace: Option<TraceContext>,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// All of it on one address: `/v1/traces`, `/service`, which answers by 200, `/consumer`, which answers
/// by the status that the test says, and Lambda's Invoke API.
pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) asked: mpsc::UnboundedReceiver<Asked>,
    spans: Arc<Mutex<Vec<Span>>>,
    consumer: Arc<Mutex<StatusCode>>,
}

#[derive(Clone)]
struct Shared {
    spans: Arc<Mutex<Vec<Span>>>,
    consumer: Arc<Mutex<StatusCode>>,
    asked: mpsc::UnboundedSender<Asked>,
}

impl World {
    pub(super) async fn start() -> Self {
        let (told, asked) = mpsc::unbounded_channel();
        let (spans, consumer) = (Arc::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let shared =
            Shared { spans: Arc::clone(&spans), consumer: Arc::clone(&consumer), asked: told };
        let router = Router::new()
            .route("/v1/traces", post(collect))
            .route("/service", post(serve))
            .route("/consumer", post(consume))
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked, spans, consumer }
    }

    /// What the consumer answers from here on.
    pub(super) fn consumer_answers(&self, status: StatusCode) {
        *self.consumer.lock().unwrap() = status;
    }

    /// What the next request to a service was.
    pub(super) async fn asked(&mut self) -> Asked {
        self.asked.recv().await.unwrap()
    }

    /// The spans that have arrived, in the order of their ends.
    pub(super) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }

    /// The one span with this name.
    #[track_caller]
    pub(super) fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let mut named = spans.iter().filter(|span| span.name == name);
        match (named.next(), named.next()) {
            (Some(span), None) => span.clone(),
            _ => panic!("not one {name:?} in {spans:#?}"),
        }
    }
}

async fn collect(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    if headers["x-key"] != "secret" {
        return StatusCode::UNAUTHORIZED;
    }
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for resource in request.resource_spans {
        let about = resource.resource.unwrap().attributes;
        let service = text(&about, "service.name").unwrap();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        let spans = spans.map(|span| Span {
            name: span.name,
            kind: span.kind,
            trace: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            links: span.links.iter().map(|link| hex(&link.span_id)).collect(),
            failed: span.status.is_some_and(|status| status.code == 2),
            service: service.clone(),
            attributes: span.attributes,
        });
        shared.spans.lock().unwrap().extend(spans);
    }
    StatusCode::OK
}

async fn serve(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> &'static str {
    remember(&shared, headers, &body);
    "served"
}

async fn invoke(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> &'static str {
    remember(&shared, headers, &body);
    r#"{"statusCode":200,"body":"invoked"}"#
}

async fn consume(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let status = *shared.consumer.lock().unwrap();
    remember(&shared, headers, &body);
    status
}

/// Nobody may be listening any more.
fn remember(shared: &Shared, headers: HeaderMap, body: &[u8]) {
    let body = serde_json::from_slice(body).unwrap();
    let trace = TraceContext::from_headers(&headers);
    let _ = shared.asked.send(Asked { trace, headers, body });
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let pair = attributes.iter().find(|pair| pair.key == name)?;
    match pair.value.clone()? {
        AnyValue { value: Some(any_value::Value::StringValue(text)) } => Some(text),
        AnyValue { value: Some(any_value::Value::IntValue(number)) } => Some(number.to_string()),
        other => panic!("{name} is {other:?}"),
    }
}

/// An id in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
