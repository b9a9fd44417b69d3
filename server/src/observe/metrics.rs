//! Figures for Prometheus, under the names that API Gateway gives them on `CloudWatch` (Developer
//! Guide, "Monitoring WebSocket API execution"), and a few that it has not.
//!
//! Labels are the API, the stage, the route where the configuration bounds it, the queue and the
//! close code; never a connection, a group or a person.

use std::{sync::Arc, time::Duration};

use gatewire::CloseCode;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::{
    BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::{Answered, Ended};
use crate::{
    event::Event,
    queue::{Counts, Queue},
    route::CONNECT,
    stage::Stage,
};

/// What a histogram of latencies tells apart, in milliseconds; the last is the longest timeout.
const LATENCIES: [f64; 14] = [
    1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0,
    29_000.0,
];

/// How often recorded latencies are sorted into their buckets when nobody scrapes.
pub(crate) const UPKEEP: Duration = Duration::from_secs(5);

const METADATA: Metadata<'static> = Metadata::new("gatewire", Level::INFO, None);

/// What counts up, and what it says.
const COUNTERS: [(&str, &str); 8] = [
    ("ConnectCount", "Handshakes sent to the $connect integration"),
    ("MessageCount", "Messages from clients (in) and to clients (out)"),
    ("IntegrationError", "Requests that an integration answered with 4xx or 5xx"),
    ("ClientError", "Requests that the gateway refused before an integration saw them"),
    ("ExecutionError", "Requests whose integration could not be asked or did not answer"),
    ("CloseCount", "Connections that have closed, by close code"),
    ("AccessLogDropped", "Lines that the access log had no room for"),
    ("HandshakeRefused", "Handshakes that were refused, by the gateway or by $connect"),
];
/// What goes up and down, and what it says.
const GAUGES: [(&str, &str); 4] = [
    ("Connections", "Open connections"),
    ("QueueVisible", "Messages of a queue that are with no receiver"),
    ("QueueInFlight", "Messages of a queue that are delivered and not yet deleted"),
    ("QueueDeadLetters", "Messages in the queue's dead-letter queue"),
];

/// All figures of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

/// The figures of one stage.
pub(crate) struct StageMetrics {
    metrics: Metrics,
    labels: Vec<Label>,
    connections: Gauge,
    sent: Counter,
    dropped: Counter,
}

impl Metrics {
    /// Figures that are read here alone: nothing of it is global.
    pub(crate) fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(&LATENCIES)?.build_recorder();
        for (name, says) in COUNTERS {
            recorder.describe_counter(name.into(), None, says.into());
        }
        for (name, says) in GAUGES {
            recorder.describe_gauge(name.into(), None, says.into());
        }
        let says = "How long integrations took to answer, in milliseconds";
        recorder.describe_histogram(
            "IntegrationLatency".into(),
            Some(Unit::Milliseconds),
            says.into(),
        );
        let handle = recorder.handle();
        Ok(Self { recorder: Arc::new(recorder), handle })
    }

    /// The figures of this stage.
    pub(crate) fn stage(&self, stage: &Stage) -> StageMetrics {
        let labels =
            vec![Label::new("api", stage.api_id.clone()), Label::new("stage", stage.name.clone())];
        StageMetrics {
            connections: self.gauge("Connections", labels.clone()),
            sent: self.counter("MessageCount", with(&labels, "direction", "out")),
            dropped: self.counter("AccessLogDropped", labels.clone()),
            metrics: self.clone(),
            labels,
        }
    }

    /// Reads how full this queue is.
    pub(crate) async fn read_queue(&self, api: &str, name: &str, queue: &dyn Queue) {
        let labels = vec![Label::new("api", api.to_owned()), Label::new("queue", name.to_owned())];
        match queue.counts().await {
            Ok(Counts { visible, in_flight, dead_letters }) => {
                self.gauge("QueueVisible", labels.clone()).set(figure(visible));
                self.gauge("QueueInFlight", labels.clone()).set(figure(in_flight));
                if let Some(dead_letters) = dead_letters {
                    self.gauge("QueueDeadLetters", labels).set(figure(dead_letters));
                }
            }
            Err(error) => tracing::error!(queue = name, %error, "a queue cannot be counted"),
        }
    }

    /// Everything, in Prometheus's text format.
    pub(crate) fn render(&self) -> String {
        self.handle.render()
    }

    /// Sorts what was recorded into its buckets, so that it takes no more memory; see [`UPKEEP`].
    pub(crate) fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }

    fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }
}

impl StageMetrics {
    /// A request has ended.
    pub(crate) fn ended(&self, ended: &Ended<'_>) {
        let labels = with(&self.labels, "route", &ended.call.route);
        let count = |name, labels| self.metrics.counter(name, labels).increment(1);
        match &ended.call.event {
            Event::Message(_) => count("MessageCount", with(&labels, "direction", "in")),
            Event::Connect(_) if ended.failure.is_some() => {
                count("HandshakeRefused", self.labels.clone());
            }
            Event::Connect(_) | Event::Disconnect(_) => {}
        }
        let Some(integration) = &ended.integration else {
            if ended.failure.is_some() {
                count("ClientError", labels);
            }
            return;
        };
        if *ended.call.route == *CONNECT {
            count("ConnectCount", labels.clone());
        }
        if let Some(latency) = integration.latency {
            let latency = latency.as_secs_f64() * 1_000.0;
            self.metrics.histogram("IntegrationLatency", labels.clone()).record(latency);
        }
        match integration.answer {
            Answered::Status(..400) => {}
            Answered::Status(_) | Answered::Error(_) => count("IntegrationError", labels),
            Answered::Failed(_) => count("ExecutionError", labels),
        }
    }

    pub(crate) fn opened(&self) {
        self.connections.increment(1.0);
    }

    pub(crate) fn closed(&self, code: CloseCode) {
        self.connections.decrement(1.0);
        let labels = with(&self.labels, "code", &bounded(code));
        self.metrics.counter("CloseCount", labels).increment(1);
    }

    pub(crate) fn sent(&self, messages: usize) {
        self.sent.increment(messages as u64);
    }

    pub(crate) fn line_dropped(&self) {
        self.dropped.increment(1);
    }
}

/// A client may close with any code from 3000 to 4999; those that mean something to nobody here are
/// counted as one.
fn bounded(code: CloseCode) -> String {
    match code.0 {
        code @ (1000..=1015 | 4400..=4499) => code.to_string(),
        _ => "other".to_owned(),
    }
}

fn with(labels: &[Label], name: &'static str, value: &str) -> Vec<Label> {
    let mut labels = labels.to_vec();
    labels.push(Label::new(name, value.to_owned()));
    labels
}

#[expect(clippy::cast_precision_loss, reason = "no queue holds 2^53 messages")]
fn figure(count: u64) -> f64 {
    count as f64
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_cannot_make_up_labels() {
        let metrics = Metrics::new().unwrap();
        let stage = metrics.stage(&Stage::default());
        for code in [1000, 3001, 3002, 4999, 4401] {
            stage.opened();
            stage.closed(CloseCode(code));
        }
        let text = metrics.render();
        let closed = text.lines().filter(|line| line.starts_with("CloseCount{"));
        assert_eq!(closed.count(), 3, "{text}");
        assert!(text.contains(r#"code="other"} 3"#), "{text}");
    }
}
