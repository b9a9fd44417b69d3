//! The certificate of a process, and what a changed file makes of it.

use std::{fs, net::SocketAddr, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::Error;

use crate::served::{Served, read};

type Socket = TlsStream<TcpStream>;

const NAME: &str = "chat.example";

/// A process in a folder of its own, with two certificates to choose from.
struct Shown {
    folder: TempDir,
    served: Served,
}

impl Shown {
    async fn start(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["old", "new"] {
            let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
            fs::write(folder.path().join(format!("{name}.pem")), made.cert.pem()).unwrap();
            let key = made.signing_key.serialize_pem();
            fs::write(folder.path().join(format!("{name}.key.pem")), key).unwrap();
        }
        Self { served: Served::start(folder.path(), &file(server)).await, folder }
    }

    async fn reload(&self, server: &str) {
        self.served.process.reload(read(self.folder.path(), &file(server))).await;
    }

    fn address(&self) -> SocketAddr {
        let summary = self.served.process.to_string();
        let (_, rest) = summary.split_once("wss://").unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    /// A connection that trusts this file alone, under this name.
    async fn connect(&self, file: &str, name: &'static str) -> std::io::Result<Socket> {
        let mut roots = RootCertStore::empty();
        let file = self.folder.path().join(file);
        roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into());
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let socket = TcpStream::connect(self.address()).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, socket).await
    }

    async fn is_shown(&self, file: &str, name: &'static str) -> bool {
        self.connect(file, name).await.is_ok()
    }

    /// The status of a handshake at the root of this host.
    async fn handshake(&self, file: &str, host: &'static str) -> u16 {
        let socket = self.connect(file, host).await.unwrap();
        match tokio_tungstenite::client_async(format!("wss://{host}/"), socket).await {
            Ok((_, response)) => response.status().as_u16(),
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A file with this in `[server]`.
fn file(server: &str) -> String {
    format!("[server]\nlisten = '127.0.0.1:0'\n{server}")
}

fn files(name: &str) -> String {
    format!(
        "tls = {{ mode = 'files', certificate = '{name}.pem', key = '{name}.key.pem' }}\n\
         [stages.prod]"
    )
}

#[tokio::test]
async fn a_certificate_from_other_files_is_taken_over() {
    let shown = Shown::start(&files("old")).await;
    assert!(shown.is_shown("old.pem", NAME).await);
    shown.reload(&files("new")).await;
    assert!(shown.is_shown("new.pem", NAME).await);
    // From now on it is these that are read again.
    for file in ["pem", "key.pem"] {
        let [old, new] =
            ["old", "new"].map(|name| shown.folder.path().join(format!("{name}.{file}")));
        fs::copy(old, new).unwrap();
    }
    shown.reload(&files("new")).await;
    assert!(shown.is_shown("old.pem", NAME).await);
}

#[tokio::test]
async fn a_file_whose_certificate_is_bad_changes_nothing() {
    let shown = Shown::start(&files("old")).await;
    fs::copy(shown.folder.path().join("old.key.pem"), shown.folder.path().join("new.key.pem"))
        .unwrap();
    let domains = "\ndomains = ['chat.example']";
    shown.reload(&(files("new") + domains)).await;
    assert_eq!(shown.handshake("old.pem", NAME).await, 403, "the host is not taken over, either");
    shown.reload(&(files("old") + domains)).await;
    assert_eq!(shown.handshake("old.pem", NAME).await, 101);
}

#[tokio::test]
async fn a_development_certificate_gets_the_hosts_of_a_changed_file() {
    const AUTHORITY: &str = ".gatewire/tls/authority.pem";
    let development =
        "domain_name = 'old.example'\ntls = { mode = 'development' }\n[stages.prod]\n";
    let shown = Shown::start(development).await;
    assert!(shown.is_shown(AUTHORITY, "old.example").await);
    assert!(!shown.is_shown(AUTHORITY, NAME).await);
    let changed = development.replace("old.example", "new.example");
    shown.reload(&(changed + "domains = ['chat.example']")).await;
    assert!(shown.is_shown(AUTHORITY, NAME).await);
    assert!(shown.is_shown(AUTHORITY, "old.example").await, "handlers are still told this one");
}

#[tokio::test]
async fn another_mode_waits_for_a_restart_however_often_the_file_is_read() {
    let shown = Shown::start(&files("old")).await;
    for _ in 0..2 {
        shown.reload("tls = { mode = 'development' }\n[stages.prod]").await;
        assert!(shown.is_shown("old.pem", NAME).await);
        shown.reload("[stages.prod]").await;
        assert!(shown.is_shown("old.pem", NAME).await);
    }
    shown.reload(&files("new")).await;
    assert!(shown.is_shown("new.pem", NAME).await);
}
