//! `[server]`: the process.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{
    Located,
    reader::{self, Address, Choice, ExistingFile, File, Table, TextLike},
    stages::DOMAIN,
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
}

impl Server {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let drain = reader::Duration(Duration::ZERO..=Duration::from_hours(1));
        let server = Self {
            listen: table.or("listen", "127.0.0.1:8080", Address).into_value(),
            data: table.or("data", ".gatewire", File(table.folder())).into_value(),
            drain: table.or("drain", "10s", drain).into_value(),
            domain_name: table.optional("domain_name", HOST).map(Located::into_value),
            tls: table.table("tls").and_then(Tls::read),
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

#[derive(Clone, Copy)]
enum Mode {
    Development,
    Files,
}

impl Tls {
    fn read(mut table: Table<'_>) -> Option<Self> {
        const MODES: Choice<Mode> =
            Choice(&[("development", Mode::Development), ("files", Mode::Files)]);
        let Some(mode) = table.required("mode", MODES) else {
            table.abandon();
            return None;
        };
        let tls = match mode.into_value() {
            Mode::Development => Some(Self::Development),
            Mode::Files => Self::read_files(&mut table),
        };
        table.finish();
        tls
    }

    fn read_files(table: &mut Table<'_>) -> Option<Self> {
        table.variant("mode = \"files\"");
        let certificate = table.required("certificate", ExistingFile(table.folder()));
        let key = table.required("key", ExistingFile(table.folder()));
        Some(Self::Files { certificate: certificate?.into_value(), key: key?.into_value() })
    }
}
