//! `[server]`: the process.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use super::{
    Located, Stage, Tls,
    reader::{self, Address, File, Table, TextLike},
    stages::DOMAIN,
    tls::hosts,
};

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

impl Server {
    /// `stages`: whose domains a certificate is for unless the file says otherwise.
    pub(super) fn read(mut table: Table<'_>, stages: &BTreeMap<String, Stage>) -> Self {
        let drain = reader::Duration(Duration::ZERO..=Duration::from_hours(1));
        let domain_name = table.optional("domain_name", HOST).map(Located::into_value);
        let hosts = hosts(domain_name.as_deref(), stages);
        let server = Self {
            listen: table.or("listen", "127.0.0.1:8080", Address).into_value(),
            data: table.or("data", ".gatewire", File(table.folder())).into_value(),
            drain: table.or("drain", "10s", drain).into_value(),
            domain_name,
            tls: table.table("tls").and_then(|table| Tls::read(table, &hosts)),
        };
        table.finish();
        server
    }
}

/// A host, and a port if it is not the usual one.
const HOST: TextLike = TextLike {
    form: "a host such as \"chat.example.com\" or \"localhost:8080\"",
    fits: |text| {
        let (host, port) = text.split_once(':').unwrap_or((text, "1"));
        (DOMAIN.fits)(host) && port.parse::<u16>().is_ok()
    },
};
