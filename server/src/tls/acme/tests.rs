//! Certificates from a real ACME server, Pebble.

mod gateway;
mod pebble;
mod refusals;

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tracing::subscriber::DefaultGuard;

use crate::tls::provider;

const DAY: Duration = Duration::from_hours(24);

/// A connection that trusts this authority (PEM) alone, under this name.
async fn connect(
    address: SocketAddr,
    authority: &[u8],
    name: &'static str,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority).unwrap()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider());
    connect_with(address, name, &[b"http/1.1"], verifier.build().unwrap()).await
}

/// A connection as an ACME server makes it to look at a certificate: it is for nobody to trust.
async fn look(
    address: SocketAddr,
    name: &'static str,
    protocols: &[&[u8]],
) -> io::Result<TlsStream<TcpStream>> {
    connect_with(address, name, protocols, Arc::new(Onlooker)).await
}

async fn connect_with(
    address: SocketAddr,
    name: &'static str,
    protocols: &[&[u8]],
    verifier: Arc<dyn ServerCertVerifier>,
) -> io::Result<TlsStream<TcpStream>> {
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().unwrap().dangerous();
    let mut config = config.with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let socket = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), socket).await
}

/// Takes every certificate.
#[derive(Debug)]
struct Onlooker;

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate with its key that began eighty days ago, and ends at this moment.
fn aged(names: &[&str], until: SystemTime) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().copied().map(Into::into).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params.not_before = (SystemTime::now() - 80 * DAY).into();
    params.not_after = until.into();
    key.serialize_pem() + &params.self_signed(&key).unwrap().pem()
}

/// What this thread logs.
struct Log {
    lines: mpsc::UnboundedReceiver<String>,
    _listening: DefaultGuard,
}

impl Log {
    fn listen() -> Self {
        let (told, lines) = mpsc::unbounded_channel();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Writer(told.clone()))
            .finish();
        Self { lines, _listening: tracing::subscriber::set_default(subscriber) }
    }

    /// The next line with these words.
    async fn line_with(&mut self, words: &str) -> String {
        loop {
            let line = self.lines.recv().await.expect("the subscriber is there");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Whether there was a line with these words.
    fn had(&mut self, words: &str) -> bool {
        std::iter::from_fn(|| self.lines.try_recv().ok()).any(|line| line.contains(words))
    }
}

/// Each event is written at once.
struct Writer(mpsc::UnboundedSender<String>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A test may have ended that this is told.
        let _told = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
