//! A listener whose connections have finished their TLS handshake.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

#[cfg(feature = "acme")]
use super::acme::challenge::PROTOCOL;
use super::{Certificate, provider};
use crate::OverTcp;

/// Accepts TCP connections and answers with those that speak TLS. Handshakes run beside each other,
/// so that a client that says nothing holds up nobody.
pub struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    limits: Limits,
    handshakes: JoinSet<Option<Accepted>>, // of those that failed, nothing
    /// Handshakes that began before this moment make room for others.
    make_room: watch::Sender<Instant>,
}

type Accepted = (TlsStream<TcpStream>, SocketAddr);

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many handshakes are under way at most.
    pub(super) at_once: usize,
    /// How long one may take.
    pub(super) time: Duration,
    /// How long one may take when others wait for its place.
    pub(super) time_when_full: Duration,
}

/// Ours: more at once would wait for the processor anyway, and a handshake is done within a few
/// round trips.
const LIMITS: Limits =
    Limits { at_once: 1024, time: Duration::from_secs(10), time_when_full: Duration::from_secs(1) };

impl TlsListener {
    /// TLS on this listener, with this certificate and whatever it is reloaded to.
    pub fn new(listener: TcpListener, certificate: &Certificate) -> Self {
        Self::with_limits(listener, certificate, LIMITS)
    }

    pub(super) fn with_limits(
        listener: TcpListener,
        certificate: &Certificate,
        limits: Limits,
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(config(certificate)));
        let (make_room, _) = watch::channel(Instant::now());
        Self { listener, acceptor, limits, handshakes: JoinSet::new(), make_room }
    }

    fn begin(&mut self, (socket, peer): (TcpStream, SocketAddr)) {
        let (acceptor, limit) = (self.acceptor.clone(), self.limits.time);
        let mut room = self.make_room.subscribe();
        let began = Instant::now();
        self.handshakes.spawn(async move {
            let stream = tokio::select! {
                done = timeout(limit, shake(acceptor, socket)) => match done {
                    Ok(done) => done,
                    Err(late) => Err(late.into()),
                },
                _ = room.wait_for(|before| began < *before) => {
                    Err(io::Error::other("others waited for its place"))
                }
            };
            match stream {
                Ok(stream) => Some((stream, peer)),
                Err(error) => {
                    tracing::debug!(%peer, %error, "no TLS handshake");
                    None
                }
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let full = self.handshakes.len() >= self.limits.at_once;
            tokio::select! {
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(accepted)) = done {
                        return accepted;
                    }
                }
                accepted = Listener::accept(&mut self.listener), if !full => self.begin(accepted),
                () = sleep(CROWDED), if full => {
                    if let Some(before) = Instant::now().checked_sub(self.limits.time_when_full) {
                        self.make_room.send_replace(before);
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// For how long no place has to become free before old handshakes are ended. Ours.
const CROWDED: Duration = Duration::from_millis(100);

async fn shake(acceptor: TlsAcceptor, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    socket.set_nodelay(true)?;
    let stream = acceptor.accept(socket).await?;
    #[cfg(feature = "acme")]
    let stream = end_if_challenge(stream).await?;
    Ok(stream)
}

/// An ACME server has seen what it came for when the handshake is done (RFC 8737, section 3).
#[cfg(feature = "acme")]
async fn end_if_challenge(mut stream: TlsStream<TcpStream>) -> io::Result<TlsStream<TcpStream>> {
    if stream.get_ref().1.alpn_protocol() != Some(PROTOCOL) {
        return Ok(stream);
    }
    tokio::io::AsyncWriteExt::shutdown(&mut stream).await?;
    Err(io::Error::other("an ACME server looked at our answer"))
}

fn config(certificate: &Certificate) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has cipher suites for TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_cert_resolver(certificate.resolver.clone());
    config.alpn_protocols = vec![b"http/1.1".into()];
    // The resolver refuses it unless an answer is there.
    #[cfg(feature = "acme")]
    config.alpn_protocols.push(PROTOCOL.into());
    config
}

impl OverTcp for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

impl fmt::Debug for TlsListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("listener", &self.listener)
            .field("handshakes", &self.handshakes.len())
            .finish_non_exhaustive()
    }
}
