//! Traces: how one message is followed from its client to the consumer of a queue.
//!
//! What travels is [W3C Trace Context](https://www.w3.org/TR/trace-context/). It comes with an action
//! (the member `trace`) or with the handshake (the header `traceparent`), and goes on to services,
//! functions and queues, whether or not anybody records it here. A gateway with a [`Tracer`]
//! ([`Gateway::tracer`](crate::Gateway::tracer)) adds its own spans, named as OpenTelemetry's semantic
//! conventions say.
//!
//! | module | does |
//! |---|---|
//! | here | [`Tracer`] and [`Span`]: where spans go |
//! | `context` | a place in a trace as it travels: read and written |
//! | `description` | what a span is when it begins |
//! | `trail` | the spans of one request |
//! | `consumption` | the spans of a queue's messages |
//! | `otlp` | spans to a collector (feature `otel`) |

use std::sync::Arc;

mod consumption;
mod context;
mod description;
#[cfg(feature = "otel")]
mod otlp;
mod trail;

#[cfg(feature = "serve")]
pub(crate) use consumption::Batch;
pub(crate) use consumption::Consumption;
pub use context::TraceContext;
pub use description::{Kind, NewSpan, Parent, Value};
#[cfg(feature = "otel")]
pub use otlp::{Exporting, Otlp, OtlpError, OtlpTracer};
pub(crate) use trail::{Trail, refused};

/// Where spans go. The methods run on the tasks of connections: they must not block.
pub trait Tracer: Send + Sync + 'static {
    /// Begins a span. Whether it is recorded is the tracer's to decide; what it decided is in the
    /// context of the span, and travels on.
    fn begin(&self, span: NewSpan) -> Box<dyn Span>;
}

/// A span that has begun. It ends when it is dropped.
pub trait Span: Send + Sync {
    /// The place in the trace that this span is, for those that come after it. `None` from a tracer
    /// that has ended.
    fn context(&self) -> Option<&TraceContext>;

    /// Says something about what the span is about.
    fn set(&mut self, name: &'static str, value: Value);

    /// Says that it has failed, for this reason.
    fn fail(&mut self, reason: &str);
}

impl<T: Tracer + ?Sized> Tracer for Arc<T> {
    fn begin(&self, span: NewSpan) -> Box<dyn Span> {
        (**self).begin(span)
    }
}

/// Who records, if anybody does.
pub(crate) type Traced = Option<Arc<dyn Tracer>>;
