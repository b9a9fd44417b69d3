//! Spans to a collector, by OTLP over HTTP.
//!
//! The exporter has a thread of its own that gathers and sends, and a blocking client in it; connections
//! only put their spans into its queue. What does not fit there is dropped. Its sizes and times are
//! those of OpenTelemetry, and so are the variables that change them (`OTEL_BSP_*`).

use std::{collections::HashMap, fmt, thread, time::Duration};

use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{
        Link, Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _,
        TraceState, Tracer as _, TracerProvider as _,
    },
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};

use super::{Kind, NewSpan, Span, TraceContext, Tracer, Value};
use crate::tls::install_provider;

/// What the spans are said to be made by.
const SCOPE: &str = "gatewire";

/// How long a collector may take for one batch (OTLP's default).
const LONGEST_EXPORT: Duration = Duration::from_secs(10);

/// How long the last spans may take when a process ends. Ours: a collector that is away must not keep
/// a process.
const LONGEST_FLUSH: Duration = Duration::from_secs(5);

/// Which collector gets the spans, and which of them.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use gatewire_server::{Gateway, trace::Otlp};
///
/// let exporting = Otlp::new("http://127.0.0.1:4318/v1/traces").service_name("chat").start()?;
/// let running = Gateway::without_contract().tracer(exporting.tracer()).start()?;
/// // … and when it has drained:
/// exporting.finish().await;
/// # drop(running);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Otlp {
    endpoint: String,
    headers: HashMap<String, String>,
    sample: f64,
    service_name: String,
}

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// There is no HTTP client.
    #[error("no HTTP client can be made: {0}")]
    Client(#[source] reqwest::Error),
    /// The endpoint or a header is wrong.
    #[error(transparent)]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

impl Otlp {
    /// Every span goes to this URL, `http://127.0.0.1:4318/v1/traces` for a collector on this machine,
    /// as the service `gatewire`.
    #[must_use]
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            headers: HashMap::new(),
            sample: 1.0,
            service_name: "gatewire".to_owned(),
        }
    }

    /// Sends this header with the spans.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Records this part of the traces that begin here, from 0 to 1. A trace that comes from somewhere
    /// else is recorded if it is there.
    #[must_use]
    pub fn sample(mut self, part: f64) -> Self {
        self.sample = part;
        self
    }

    /// What the spans say is their service.
    #[must_use]
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = name.into();
        self
    }

    /// Starts the exporter. Only at its first batch does it find out whether the collector is there.
    pub fn start(self) -> Result<Exporting, OtlpError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(self.endpoint)
            .with_headers(self.headers)
            .with_http_client(blocking_client().map_err(OtlpError::Client)?)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(self.sample))))
            .with_resource(Resource::builder().with_service_name(self.service_name).build())
            .build();
        Ok(Exporting { provider })
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// An exporter that runs. Cheap to clone; all clones are the same exporter.
#[derive(Clone, Debug)]
pub struct Exporting {
    provider: SdkTracerProvider,
}

impl Exporting {
    /// What a gateway is given, or several.
    #[must_use]
    pub fn tracer(&self) -> OtlpTracer {
        OtlpTracer { tracer: self.provider.tracer(SCOPE) }
    }

    /// Sends what is left, and ends. Spans that begin later are not recorded.
    pub async fn finish(&self) {
        let provider = self.provider.clone();
        let flush = move || provider.shutdown_with_timeout(LONGEST_FLUSH);
        match tokio::task::spawn_blocking(flush).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans may be lost"),
            Err(error) => tracing::warn!(%error, "the last spans may be lost"),
        }
    }
}

/// Hands spans to the exporter.
#[derive(Clone, Debug)]
pub struct OtlpTracer {
    tracer: SdkTracer,
}

impl Tracer for OtlpTracer {
    fn begin(&self, span: NewSpan) -> Box<dyn Span> {
        let builder = SpanBuilder::from_name(span.name)
            .with_kind(kind(span.kind))
            .with_start_time(span.begun)
            .with_attributes(span.attributes.into_iter().map(|(name, value)| pair(name, value)))
            .with_links(
                span.links.iter().map(|link| Link::with_context(outward(link, true))).collect(),
            );
        let root = Context::new();
        let parent = match &span.parent {
            None => root,
            Some(super::Parent::Remote(parent)) => {
                root.with_remote_span_context(outward(parent, true))
            }
            Some(super::Parent::Local(parent)) => {
                root.with_remote_span_context(outward(parent, false))
            }
        };
        let span = self.tracer.build_with_context(builder, &parent);
        let context = inward(span.span_context());
        Box::new(OtlpSpan { span, context })
    }
}

struct OtlpSpan {
    span: opentelemetry_sdk::trace::Span,
    context: Option<TraceContext>,
}

impl Span for OtlpSpan {
    fn context(&self) -> Option<&TraceContext> {
        self.context.as_ref()
    }

    fn set(&mut self, name: &'static str, value: Value) {
        self.span.set_attribute(pair(name, value));
    }

    fn fail(&mut self, reason: &str) {
        self.span.set_status(Status::error(reason.to_owned()));
    }
}

/// A blocking client is made, and later dropped, outside of the runtime's threads.
fn blocking_client() -> reqwest::Result<reqwest::blocking::Client> {
    install_provider();
    let build = || reqwest::blocking::Client::builder().timeout(LONGEST_EXPORT).build();
    thread::spawn(build).join().expect("making a client does not panic")
}

fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        Kind::Internal => SpanKind::Internal,
    }
}

fn pair(name: &'static str, value: Value) -> KeyValue {
    match value {
        Value::Text(text) => KeyValue::new(name, text),
        Value::Number(number) => KeyValue::new(name, number),
    }
}

fn outward(context: &TraceContext, is_remote: bool) -> SpanContext {
    let state = context.state().and_then(|state| state.parse().ok());
    SpanContext::new(
        TraceId::from_bytes(context.trace_id()),
        SpanId::from_bytes(context.span_id()),
        TraceFlags::new(context.flags()),
        is_remote,
        state.unwrap_or(TraceState::NONE),
    )
}

fn inward(context: &SpanContext) -> Option<TraceContext> {
    let state = context.trace_state().header();
    let state = Some(&*state).filter(|state| !state.is_empty());
    let (trace, span) = (context.trace_id().to_bytes(), context.span_id().to_bytes());
    TraceContext::new(trace, span, context.trace_flags().to_u8(), state)
}
