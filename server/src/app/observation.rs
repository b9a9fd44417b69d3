//! What the stages tell, and where it goes: access logs and figures.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwapOption;
use axum::{
    Router,
    http::{HeaderName, header},
    routing::get,
};
use gatewire::ConnectionId;

use super::{ServeError, queues::Queues, stage};
use crate::{
    Closed,
    config::{self, AccessLogFormat, Config},
    observe::{
        Ended, Observer,
        format::Format,
        log::{AccessLog, Lines, Writer},
        metrics::{Metrics, StageMetrics, UPKEEP},
    },
};

/// What Prometheus's text format is called.
const TEXT_FORMAT: (HeaderName, &str) =
    (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");

/// What all stages tell.
pub(super) struct Observation {
    stages: BTreeMap<String, StageObserver>,
    metrics: Option<Metrics>,
    writers: Mutex<Vec<Writer>>,
}

/// What one stage tells. Cheap to clone.
#[derive(Clone)]
pub(super) struct StageObserver {
    log: Arc<ArcSwapOption<AccessLog>>,
    metrics: Option<Arc<StageMetrics>>,
}

/// The access logs of a configuration, opened.
pub(super) struct Logs {
    by_stage: BTreeMap<String, AccessLog>,
    writers: Vec<Writer>,
}

impl Observation {
    /// Opens the access logs and begins to count.
    pub(super) fn start(config: &Config) -> Result<Self, ServeError> {
        let metrics = config.metrics.as_ref().map(|_| Metrics::new()).transpose();
        let metrics = metrics.map_err(ServeError::Metrics)?;
        let observer = |name: &String| {
            let figures = metrics.as_ref();
            let figures = figures.map(|it| Arc::new(it.stage(&stage::stage(config, name))));
            (name.clone(), StageObserver { log: Arc::default(), metrics: figures })
        };
        let stages = config.stages.keys().map(observer).collect();
        let observation = Self { stages, metrics, writers: Mutex::default() };
        observation.adopt(Logs::open(config)?);
        Ok(observation)
    }

    /// Who hears of this stage.
    pub(super) fn of(&self, stage: &str) -> StageObserver {
        self.stages.get(stage).expect("observers are made for the stages there are").clone()
    }

    /// Writes to these logs from here on. What the former ones still have to write, they do.
    pub(super) fn adopt(&self, mut logs: Logs) {
        for (name, observer) in &self.stages {
            observer.log.store(logs.by_stage.remove(name).map(Arc::new));
        }
        let mut writers = self.writers();
        writers.retain(|writer| !writer.is_finished());
        writers.append(&mut logs.writers);
    }

    fn writers(&self) -> MutexGuard<'_, Vec<Writer>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is left. What happens later is not logged.
    pub(super) async fn finish(&self) {
        for observer in self.stages.values() {
            observer.log.store(None);
        }
        let writers = std::mem::take(&mut *self.writers());
        let written = move || writers.into_iter().for_each(Writer::finish);
        if let Err(error) = tokio::task::spawn_blocking(written).await {
            tracing::error!(%error, "an access log may lack its last lines");
        }
    }

    /// `GET /metrics`, if the configuration has any. The queues are counted when it is asked.
    pub(super) fn router(&self, api: String, queues: &Queues) -> Option<Router> {
        let metrics = self.metrics.clone()?;
        let queues = queues.clone();
        let scrape = move || async move {
            for (name, queue) in queues.all() {
                metrics.read_queue(&api, name, &**queue).await;
            }
            ([TEXT_FORMAT], metrics.render())
        };
        Some(Router::new().route("/metrics", get(scrape)))
    }

    /// Keeps the figures small while nobody reads them. Never ends.
    pub(super) fn upkeep(&self) -> Option<impl Future<Output = ()> + Send + 'static + use<>> {
        let metrics = self.metrics.clone()?;
        Some(async move {
            let mut ticks = tokio::time::interval(UPKEEP);
            loop {
                ticks.tick().await;
                metrics.run_upkeep();
            }
        })
    }
}

impl Logs {
    /// Opens every file that the configuration names, each once. Files are opened anew although they
    /// are open: that is how logs are rotated.
    pub(super) fn open(config: &Config) -> Result<Self, ServeError> {
        let mut open: BTreeMap<Option<PathBuf>, Lines> = BTreeMap::new();
        let mut logs = Self { by_stage: BTreeMap::new(), writers: Vec::new() };
        for (name, stage) in &config.stages {
            let Some(config::AccessLog { format, file }) = &stage.access_log else { continue };
            let lines = if let Some(lines) = open.get(file) {
                lines.clone()
            } else {
                let failed = |source| ServeError::AccessLog { file: file.clone(), source };
                let (lines, writer) = Writer::open(file.as_deref()).map_err(failed)?;
                logs.writers.push(writer);
                open.insert(file.clone(), lines.clone());
                lines
            };
            let log = AccessLog::new(read_format(format)?, lines);
            logs.by_stage.insert(name.clone(), log);
        }
        Ok(logs)
    }
}

fn read_format(format: &AccessLogFormat) -> Result<Format, ServeError> {
    match format {
        AccessLogFormat::Json => Ok(Format::Json),
        AccessLogFormat::Text(text) => {
            Format::text(text.value()).map_err(|error| ServeError::at(text, error))
        }
    }
}

impl Observer for StageObserver {
    fn ended(&self, ended: &Ended<'_>) {
        let taken = self.log.load().as_ref().is_none_or(|log| log.log(ended));
        if let Some(metrics) = &self.metrics {
            metrics.ended(ended);
            if !taken {
                metrics.line_dropped();
            }
        }
    }

    fn opened(&self, _: ConnectionId) {
        if let Some(metrics) = &self.metrics {
            metrics.opened();
        }
    }

    fn closed(&self, _: ConnectionId, closed: &Closed) {
        if let Some(metrics) = &self.metrics {
            metrics.closed(closed.code);
        }
    }

    fn sent(&self, _: ConnectionId, messages: usize) {
        if let Some(metrics) = &self.metrics {
            metrics.sent(messages);
        }
    }
}

impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation").field("stages", &self.stages.keys()).finish_non_exhaustive()
    }
}
