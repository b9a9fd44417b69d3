//! Why `gatewire serve` does not start, or does not take a changed file.

use std::{
    fmt::Display,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    config::Located, gateway::StartError, queue::QueueError, store::StoreError,
    tls::CertificateError,
};

/// Why a configuration that can be read cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A value is of the right form and wrong.
    #[error("{key}: {problem}")]
    Value {
        /// The key in the file.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// A stage does not start.
    #[error("the stage {stage} does not start: {source}")]
    Stage {
        /// Which.
        stage: String,
        /// Why.
        source: StartError,
    },
    /// The folder of the data cannot be made.
    #[error("the folder {folder} cannot be made: {source}")]
    Data {
        /// `server.data`.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the data folder cannot be opened.
    #[error("{file} cannot be opened: {source}")]
    Store {
        /// Which.
        file: PathBuf,
        /// Why; another process may have it open.
        source: StoreError,
    },
    /// A queue cannot be opened.
    #[error("the queue {queue} cannot be opened: {source}")]
    Queue {
        /// Which.
        queue: String,
        /// Why.
        source: QueueError,
    },
    /// An access log cannot be opened, or its writer not started.
    #[error("the access log {} cannot be opened: {source}", name(file.as_deref()))]
    AccessLog {
        /// `stages.NAME.access_log.file`; absent: standard output.
        file: Option<PathBuf>,
        /// Why.
        source: io::Error,
    },
    /// The figures cannot be kept.
    #[error("there can be no metrics: {0}")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The address is taken, or not ours.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// `server.listen` or `metrics.listen`.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The certificate cannot be had.
    #[error(transparent)]
    Certificate(CertificateError),
    /// The file of trusted certificates cannot be written.
    #[error("the certificates that functions trust cannot be written: {0}")]
    Trust(#[source] io::Error),
    /// No HTTP client can be made.
    #[error("no HTTP client can be made: {0}")]
    HttpClient(#[source] reqwest::Error),
}

impl ServeError {
    /// What is wrong with a value of the file.
    pub(super) fn at<T>(value: &Located<T>, problem: impl Display) -> Self {
        Self::Value { key: value.key().to_owned(), problem: problem.to_string() }
    }
}

fn name(file: Option<&Path>) -> String {
    file.map_or_else(|| "on standard output".to_owned(), |file| file.display().to_string())
}
