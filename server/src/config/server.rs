//! `[server]`: the process.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// The process: where it listens, where it keeps things, how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// The folder of queues, sessions and certificates. It may not exist yet.
    pub data: PathBuf,
    /// How long open connections are given to leave when the process ends.
    pub drain: Duration,
    /// What handlers are told when the client sent no `Host`, with the port if it is not the usual
    /// one. Absent: `listen`.
    pub domain_name: Option<String>,
    /// Absent: plain HTTP and WebSocket.
    pub tls: Option<Tls>,
}

/// `[server.tls]`: where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A self-signed one, made on first start and kept in the data folder.
    Development,
    /// From files, in PEM.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// From an ACME authority, kept in the data folder and renewed.
    Acme {
        /// The names the certificate is for; at least one.
        domains: Vec<String>,
        /// Where the authority writes to, as a URL: `mailto:ops@example.com`.
        contact: Option<String>,
        /// The authority.
        directory: String,
    },
}
