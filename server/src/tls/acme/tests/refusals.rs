//! What goes wrong between the gateway and the server.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, SystemTime},
};

use axum::serve::Listener;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use tempfile::TempDir;
use tokio::{io::AsyncReadExt, net::TcpListener, sync::mpsc};

use super::{
    DAY, Log, aged, connect, look,
    pebble::{Door, Pebble},
};
use crate::tls::{
    Certificate, TlsListener,
    acme::{
        Acme, AcmeSettings,
        challenge::{self, PROTOCOL},
        schedule::Schedule,
        store::{Kept, KeptAccount},
    },
    certificate::Source,
};

type Entered = mpsc::UnboundedReceiver<SocketAddr>;

/// Impatient, as a test is.
const SCHEDULE: Schedule =
    Schedule { shortest: Duration::from_millis(100), longest: Duration::from_secs(1) };

/// TLS at a free port with the certificate of these settings. Told is who got past the listener.
async fn serve(settings: AcmeSettings) -> (SocketAddr, Certificate, Entered) {
    let source = Source::Acme(Acme::with_schedule(settings, SCHEDULE));
    let certificate = Certificate::load(source).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut listener = TlsListener::new(listener, &certificate);
    let (told, entered) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (_, peer) = Listener::accept(&mut listener).await;
            // Not every test listens.
            let _told = told.send(peer);
        }
    });
    (address, certificate, entered)
}

fn nowhere(folder: &Path) -> AcmeSettings {
    AcmeSettings {
        domains: vec!["chat.example".to_owned()],
        contact: Vec::new(),
        directory: "https://acme.example/dir".to_owned(),
        directory_ca: None,
        folder: folder.to_owned(),
    }
}

fn settings(folder: &Path, pebble: &Pebble) -> AcmeSettings {
    AcmeSettings {
        directory: pebble.directory(),
        directory_ca: Some(pebble.own_certificate()),
        ..nowhere(folder)
    }
}

fn keep(certificate: &Certificate) {
    let certificate = certificate.clone();
    tokio::spawn(async move { certificate.keep().await });
}

#[tokio::test]
async fn what_the_server_finds_wrong_is_logged_and_it_is_asked_again() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let (address, certificate, _) = serve(settings(folder.path(), &pebble)).await;
    keep(&certificate);
    for failures in ["failures=1", "failures=2"] {
        let line = log.line_with("no certificate by ACME").await;
        assert!(line.contains("the server did not find us at chat.example: "), "{line}");
        assert!(line.contains("(urn:ietf:params:acme:error:"), "{line}");
        assert!(line.contains(failures) && line.contains("next_attempt_in="), "{line}");
    }
    door.open(address);
    log.line_with("there is a new certificate").await;
    let root = pebble.root().await;
    connect(address, &root, "chat.example").await.unwrap();
}

#[tokio::test]
async fn an_account_that_the_server_does_not_know_is_made_again() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let key = rcgen::KeyPair::generate().unwrap().serialize_der();
    let directory = pebble.directory();
    Kept::of(folder.path(), &directory)
        .keep_account(&KeptAccount {
            contact: Vec::new(),
            credentials: json!({
                "id": directory.replace("/dir", "/my-account/1"),
                "key_pkcs8": BASE64_URL_SAFE_NO_PAD.encode(key),
                "directory": directory,
            }),
        })
        .unwrap();
    let (address, certificate, _) = serve(settings(folder.path(), &pebble)).await;
    door.open(address);
    keep(&certificate);
    log.line_with("urn:ietf:params:acme:error:accountDoesNotExist").await;
    log.line_with("made an ACME account").await;
    log.line_with("there is a new certificate").await;
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_told_nothing() {
    let mut log = Log::listen();
    let (folder, door) = (TempDir::new().unwrap(), Door::closed().await);
    let pebble = Pebble::start(&door).await;
    let settings = AcmeSettings { directory_ca: None, ..settings(folder.path(), &pebble) };
    let (_, certificate, _) = serve(settings).await;
    keep(&certificate);
    let line = log.line_with("no certificate by ACME").await;
    assert!(line.contains("certificate") && line.contains(&pebble.directory()), "{line}");
}

#[tokio::test]
async fn without_a_certificate_handshakes_are_refused_but_for_the_proof() {
    let folder = TempDir::new().unwrap();
    let settings = nowhere(folder.path());
    // One that has ended is none.
    let ended = aged(&["chat.example"], SystemTime::now() - DAY);
    Kept::of(&settings.folder, &settings.directory).keep_certificate(&ended).unwrap();
    let (address, certificate, mut entered) = serve(settings).await;
    let look = |name, protocols| look(address, name, protocols);
    let refused = async || {
        for protocols in [&[PROTOCOL][..], &[b"http/1.1"], &[PROTOCOL, b"http/1.1"]] {
            let refusal = look("chat.example", protocols).await.unwrap_err().to_string();
            assert!(refusal.contains("fatal alert"), "{refusal}");
        }
    };
    refused().await;

    let answer = challenge::answer("chat.example", &[7; 32]).unwrap();
    let shown = answer.cert.clone();
    let answering = certificate.resolver.answer("chat.example".to_owned(), answer);
    let mut seen = look("CHAT.example", &[PROTOCOL]).await.unwrap();
    assert_eq!(seen.get_ref().1.peer_certificates(), Some(&*shown));
    assert_eq!(seen.get_ref().1.alpn_protocol(), Some(PROTOCOL));
    assert_eq!(seen.read(&mut [0]).await.unwrap(), 0, "there is nothing more to be had");
    assert!(look("other.example", &[PROTOCOL]).await.is_err());
    assert!(look("chat.example", &[b"http/1.1"]).await.is_err());
    drop(answering);
    refused().await;
    assert!(entered.try_recv().is_err(), "nobody got past the listener");
}
