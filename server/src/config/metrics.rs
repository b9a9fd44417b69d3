//! `[metrics]`: figures for Prometheus.

use std::net::SocketAddr;

use super::reader::{Address, Table};

/// Figures for Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Where `GET /metrics` is answered.
    pub listen: SocketAddr,
}

impl Metrics {
    /// `api`: where the API listens.
    pub(super) fn read(mut table: Table<'_>, api: SocketAddr) -> Option<Self> {
        let listen = table.required("listen", Address);
        if let Some(listen) =
            listen.as_ref().filter(|listen| *listen.value() == api && api.port() != 0)
        {
            table.mistake_at(listen, "server.listen has this address already");
        }
        table.finish();
        Some(Self { listen: listen?.into_value() })
    }
}
