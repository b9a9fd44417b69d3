//! `wss://` natively: against the gateway behind something that ends TLS, with a certificate of the test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "these tests use a part of the chat")]
mod chat;

use std::{net::SocketAddr, sync::Arc};

use chat::{Chat, SendMessage, Server, told};
use gatewire_client::{Client, Options, State, connect};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// An authority of the test.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Ends TLS for `localhost` with a certificate of this authority, and hands on what is in it.
async fn listen(authority: &CertifiedIssuer<'static, KeyPair>, server: SocketAddr) -> u16 {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate goes.
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                let mut inside = TcpStream::connect(server).await.unwrap();
                let _ = copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

fn ada() -> Options {
    Options::default().token(|| async { Ok("ada".to_owned()) })
}

#[tokio::test]
async fn a_server_whose_root_is_trusted_is_talked_to() {
    let server = Server::start().await;
    let authority = authority();
    let port = listen(&authority, server.address).await;
    let options = ada().root_certificates(authority.pem());
    let url = format!("wss://localhost:{port}/ws");
    let session = connect::<Chat>(url, options).await.unwrap();
    let posted = session.send(SendMessage { text: "hi".to_owned() }).await.unwrap();
    assert_eq!(posted.by, "ada");
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_reported_and_not_talked_to() {
    let server = Server::start().await;
    let port = listen(&authority(), server.address).await;
    let (tell, mut problems) = told();
    let options = ada()
        .root_certificates(authority().pem())
        .on_problem(move |problem| tell(problem.to_string()));
    let session = Client::<Chat>::new(format!("wss://localhost:{port}/ws"), options);
    let problem = problems.recv().await.unwrap();
    assert!(problem.starts_with("no secure connection: invalid peer certificate"), "{problem}");
    assert_ne!(session.state(), State::Open);
}

#[tokio::test]
async fn a_server_under_another_name_is_not_talked_to() {
    let server = Server::start().await;
    let authority = authority();
    let port = listen(&authority, server.address).await;
    let (tell, mut problems) = told();
    let options = ada()
        .root_certificates(authority.pem())
        .on_problem(move |problem| tell(problem.to_string()));
    let _session = Client::<Chat>::new(format!("wss://127.0.0.1:{port}/ws"), options);
    let problem = problems.recv().await.unwrap();
    assert!(problem.contains("not valid for name"), "{problem}");
}

#[tokio::test]
async fn what_is_no_certificate_ends_the_session() {
    let options = Options::default().root_certificates("no certificate");
    let error = connect::<Chat>("wss://localhost:9/ws", options).await.unwrap_err();
    assert_eq!(error.code(), "unusable");
    assert!(error.to_string().contains("a root certificate cannot be used"), "{error}");
}
