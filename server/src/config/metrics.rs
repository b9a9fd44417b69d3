//! `[metrics]`: figures for Prometheus.

use std::net::SocketAddr;

/// Figures for Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Where `GET /metrics` is answered.
    pub listen: SocketAddr,
}
