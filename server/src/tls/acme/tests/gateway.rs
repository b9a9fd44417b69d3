//! A whole gateway: its first certificate, its next, and a restart.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::SystemTime};

use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::{net::TcpStream, sync::oneshot, task::JoinHandle};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{
    DAY, Log, aged, connect,
    pebble::{Door, Pebble},
};
use crate::{app::Process, config::Config, tls::acme::store::Kept};

const NEW: &str = "there is a new certificate";

struct Served {
    process: Arc<Process>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// A gateway at `api.example`, with a stage at `chat.example`.
fn config(folder: &Path, pebble: &Pebble) -> Config {
    changed(folder, pebble, |text| text)
}

fn changed(folder: &Path, pebble: &Pebble, change: impl Fn(String) -> String) -> Config {
    let (directory, authority) = (pebble.directory(), pebble.own_certificate());
    let text = format!(
        "
        [server]
        listen = '127.0.0.1:0'
        drain = '1s'
        domain_name = 'api.example'
        [server.tls]
        mode = 'acme'
        terms_agreed = true
        contact = ['mailto:admin@chat.example']
        directory = '{directory}'
        directory_ca = '{}'
        [stages.prod]
        domains = ['chat.example']",
        authority.display()
    );
    let read = Config::from_toml(&change(text), &folder.join("gateway.toml"), &BTreeMap::new());
    read.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

impl Served {
    async fn start(config: Config, door: &Door) -> Self {
        let process = Arc::new(Process::start(config).await.unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn({
            let process = process.clone();
            async move { process.serve(async { drop(stopped.await) }).await.unwrap() }
        });
        let served = Self { process, stop, serving };
        door.open(served.address());
        served
    }

    fn address(&self) -> SocketAddr {
        let summary = self.process.to_string();
        let (_, rest) = summary.split_once("wss://").unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    async fn socket(&self, authority: &[u8], host: &'static str) -> Socket {
        let stream = connect(self.address(), authority, host).await.unwrap();
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        let (socket, _) = client_async(format!("wss://{host}/prod"), stream).await.unwrap();
        Socket { socket, certificate: certificate.into_owned() }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}

struct Socket {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    /// What the gateway showed.
    certificate: CertificateDer<'static>,
}

impl Socket {
    /// Asserts that the gateway answers on it.
    async fn assert_open(&mut self) {
        self.socket.send(Message::text("{}")).await.unwrap();
        let answer = self.socket.next().await.unwrap().unwrap();
        assert!(answer.to_text().unwrap().contains("Forbidden"), "{answer}");
    }
}

#[tokio::test]
async fn a_gateway_gets_a_certificate_for_all_its_names_and_a_restart_keeps_it() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let served = Served::start(config(folder.path(), &pebble), &door).await;
    log.line_with("there is no certificate yet").await;
    log.line_with(NEW).await;
    let root = pebble.root().await;
    let mut socket = served.socket(&root, "chat.example").await;
    socket.assert_open().await;
    assert_eq!(served.socket(&root, "api.example").await.certificate, socket.certificate);
    let first = socket.certificate;

    served.stop().await;
    let config = config(folder.path(), &pebble);
    pebble.stop().await;
    let served = Served::start(config, &door).await;
    assert_eq!(served.socket(&root, "chat.example").await.certificate, first);
    served.stop().await;
    assert!(!log.had("ertificate"), "nobody was asked for another");
}

#[tokio::test]
async fn a_certificate_that_grows_old_is_replaced_and_sockets_stay_open() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let config = config(folder.path(), &pebble);
    let old = aged(&["chat.example", "api.example"], SystemTime::now() + 10 * DAY);
    let kept = Kept::of(&config.server.data.join("tls/acme"), &pebble.directory());
    kept.keep_certificate(&old).unwrap();
    let served = Served::start(config, &door).await;
    let mut socket = served.socket(old.as_bytes(), "chat.example").await;
    log.line_with(NEW).await;
    let root = pebble.root().await;
    let mut next = served.socket(&root, "chat.example").await;
    assert_ne!(next.certificate, socket.certificate);
    socket.assert_open().await;
    next.assert_open().await;
    served.stop().await;
}

#[tokio::test]
async fn what_a_changed_file_adds_gets_into_the_certificate() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let served = Served::start(config(folder.path(), &pebble), &door).await;
    log.line_with(NEW).await;
    let root = pebble.root().await;
    let mut socket = served.socket(&root, "chat.example").await;
    let more = changed(folder.path(), &pebble, |text| {
        text.replace("['chat.example']", "['chat.example', 'new.example']")
            .replace("admin", "other")
    });
    served.process.reload(more).await;
    log.line_with("the certificate is not for all names").await;
    log.line_with("told the new contact").await;
    log.line_with(NEW).await;
    served.socket(&root, "new.example").await.assert_open().await;
    served.socket(&root, "api.example").await.assert_open().await;
    socket.assert_open().await;
    served.stop().await;
}
