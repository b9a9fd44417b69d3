//! Handshakes with a rustls client.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Router, extract::ConnectInfo, routing::get, serve::ListenerExt};
use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Certificate, TlsListener, development::Development, listener::Limits, provider};

type Client = TlsStream<TcpStream>;

const BOTH: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];

/// An app that says who is asking, over TLS.
async fn serve(certificate: &Certificate, limits: Option<Limits>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = match limits {
        Some(limits) => TlsListener::with_limits(listener, certificate, limits),
        None => TlsListener::new(listener, certificate),
    };
    let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let app = Router::new().route("/", get(who));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener.tap_io(|_| ()), service).await });
    address
}

/// A client that trusts this authority alone.
async fn connect(
    address: SocketAddr,
    authority: &Path,
    name: &'static str,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<Client> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()];
    let socket = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

/// The body of the answer to a request on an open connection.
async fn ask(client: &mut Client) -> String {
    client.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut chunk = [0; 1024];
        let length = client.read(&mut chunk).await.unwrap();
        assert_ne!(length, 0, "the answer ends early: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&chunk[..length]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && head.contains(&format!("content-length: {}", body.len()))
        {
            return body.to_owned();
        }
    }
}

fn serial(client: &Client) -> CertificateDer<'static> {
    client.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test]
async fn a_client_is_served_over_both_versions_and_known_by_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::development(folder.path(), ["api.example:8443"]).unwrap();
    let authority = certificate.authority().unwrap();
    let address = serve(&certificate, None).await;
    for (version, spoken) in
        [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)]
    {
        for name in ["localhost", "127.0.0.1", "::1", "api.example"] {
            let mut client = connect(address, &authority, name, &[version]).await.unwrap();
            assert_eq!(client.get_ref().1.protocol_version(), Some(spoken));
            assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            let own = client.get_ref().0.local_addr().unwrap();
            assert_eq!(ask(&mut client).await, own.to_string());
        }
    }
    let stranger = connect(address, &authority, "other.example", BOTH).await.unwrap_err();
    assert!(stranger.to_string().contains("not valid for name"), "{stranger}");
}

#[tokio::test]
async fn silent_clients_hold_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::development(folder.path(), [""; 0]).unwrap();
    let authority = certificate.authority().unwrap();
    // They take all places, for longer than the test may last.
    let limits = Limits {
        at_once: 3,
        time: Duration::from_hours(1),
        time_when_full: Duration::from_millis(200),
    };
    let address = serve(&certificate, Some(limits)).await;
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let mut client = connect(address, &authority, "localhost", BOTH).await.unwrap();
    ask(&mut client).await;
    let mut nothing = [0];
    let ended = silent[0].read(&mut nothing).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "the oldest had to make room: {ended:?}");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_dropped_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::development(folder.path(), [""; 0]).unwrap();
    let time = Duration::from_millis(50);
    let limits = Limits { at_once: 8, time, time_when_full: time };
    let address = serve(&certificate, Some(limits)).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut nothing = [0];
    let ended = silent.read(&mut nothing).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[tokio::test]
async fn a_reload_changes_new_handshakes_and_no_open_connection() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let former = Certificate::development(old.path(), [""; 0]).unwrap().authority().unwrap();
    let next = Certificate::development(new.path(), [""; 0]).unwrap().authority().unwrap();
    let (chain, key) = (old.path().join("certificate.pem"), old.path().join("key.pem"));
    let certificate = Certificate::files(&chain, &key).unwrap();
    assert_eq!(certificate.authority(), None);
    let address = serve(&certificate, None).await;
    let mut open = connect(address, &former, "localhost", BOTH).await.unwrap();
    ask(&mut open).await;

    fs::copy(new.path().join("certificate.pem"), &chain).unwrap();
    let error = certificate.reload().unwrap_err().to_string();
    assert!(error.starts_with("the key in ") && error.contains("key.pem"), "{error}");
    let same = connect(address, &former, "localhost", BOTH).await.unwrap();
    assert_eq!(serial(&same), serial(&open), "a bad one replaces nothing");

    fs::copy(new.path().join("key.pem"), &key).unwrap();
    certificate.reload().unwrap();
    let other = connect(address, &next, "localhost", BOTH).await.unwrap();
    assert_ne!(serial(&other), serial(&open));
    ask(&mut open).await;
}

/// The clock of the runtime stands for the hours between two looks; the certificate is old by the
/// clock of the machine.
#[tokio::test(start_paused = true)]
async fn a_development_certificate_is_renewed_while_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::development(folder.path(), [""; 0]).unwrap();
    let young = certificate.resolver.current().unwrap().cert.clone();
    let day = Duration::from_hours(24);
    fs::remove_file(folder.path().join("certificate.pem")).unwrap();
    let development = Development::new(folder.path().into(), [""; 0]);
    let old = development.read(SystemTime::now() - 300 * day).unwrap();
    certificate.resolver.replace(old.into());
    let shown = || certificate.resolver.current().unwrap().cert.clone();
    let old = shown();
    assert_ne!(old, young);

    assert!(tokio::time::timeout(day, certificate.keep()).await.is_err());
    assert_ne!(shown(), old);
    let renewed = shown();
    assert!(tokio::time::timeout(day, certificate.keep()).await.is_err());
    assert_eq!(shown(), renewed, "once is enough");
}

#[test]
fn an_error_names_the_file_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    Certificate::development(folder.path(), [""; 0]).unwrap();
    let (chain, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "nothing here").unwrap();
    let damaged = folder.path().join("damaged.pem");
    fs::write(&damaged, "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n").unwrap();
    let missing = folder.path().join("missing.pem");
    for (chain, key, expected) in [
        (&missing, &key, "missing.pem cannot be read"),
        (&chain, &missing, "missing.pem cannot be read"),
        (&empty, &key, "empty.pem has no certificate in it"),
        (&damaged, &key, "damaged.pem is no PEM file"),
        (&chain, &empty, "empty.pem has no private key in it"),
        (&chain, &chain, "certificate.pem has no private key in it"),
    ] {
        let error = Certificate::files(chain, key).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    let error = Certificate::development(folder.path(), ["ä.example"]).unwrap_err().to_string();
    assert!(error.starts_with("no certificate can be made for localhost"), "{error}");
}
