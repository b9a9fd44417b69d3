//! Traces: who records the spans of all stages, and the end of that.

use super::ServeError;
use crate::{config::Config, trace::Traced};

/// What the configuration says of traces, running.
#[derive(Clone, Default)]
pub(super) struct Traces {
    #[cfg(feature = "otel")]
    exporting: Option<crate::trace::Exporting>,
}

#[cfg(feature = "otel")]
impl Traces {
    /// Starts the exporter, where the configuration asks for one.
    pub(super) fn start(config: &Config) -> Result<Self, ServeError> {
        let Some(traces) = &config.traces else { return Ok(Self::default()) };
        let otlp = crate::trace::Otlp::new(traces.endpoint.value())
            .sample(traces.sample)
            .service_name(&traces.service_name);
        let headers = traces.headers.iter();
        let otlp = headers.fold(otlp, |otlp, (name, value)| otlp.header(name, value.expose()));
        let exporting = otlp.start().map_err(|error| ServeError::at(&traces.endpoint, error))?;
        Ok(Self { exporting: Some(exporting) })
    }

    /// Who records.
    pub(super) fn tracer(&self) -> Traced {
        let exporting = self.exporting.as_ref()?;
        Some(std::sync::Arc::new(exporting.tracer()))
    }

    /// Sends what is left.
    pub(super) async fn finish(&self) {
        if let Some(exporting) = &self.exporting {
            exporting.finish().await;
        }
    }
}

/// The reader of the file refuses one that asks for traces.
#[cfg(not(feature = "otel"))]
#[expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    clippy::unused_async,
    reason = "what the rest of the app sees is the same with the feature and without it"
)]
impl Traces {
    pub(super) fn start(_: &Config) -> Result<Self, ServeError> {
        Ok(Self::default())
    }

    pub(super) fn tracer(&self) -> Traced {
        None
    }

    pub(super) async fn finish(&self) {}
}
