//! The end of a process: stop taking, tell, serve on until the clients have left, answer, leave.
//!
//! A gatewire client that is told `goaway` opens its next connection beside the old one, so that
//! nothing is lost in between: the old one serves on until the client leaves it. Where no other
//! node takes the client, it stays until it is closed.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use futures_util::future::join_all;
use gatewire::CloseCode;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use crate::{Running, departure, id, mailbox::End, node::Node};

/// How long a drain may take unless [`Gateway::drain_window`](crate::Gateway::drain_window) asks
/// for more; [`serve`] returns within a second after it. Ours: under the 5 s that supervisors
/// commonly wait between TERM and KILL, with room to spare.
pub const DRAIN: Duration = Duration::from_secs(4);

/// Over how long clients are asked to leave unless told: half of [`DRAIN`].
pub(crate) const WINDOW: Duration = Duration::from_secs(2);

/// A stream that travels over TCP: the socket itself, or TLS on one.
pub trait OverTcp {
    /// The socket underneath.
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

/// Serves an Axum app with its gateway until `shutdown` resolves, then drains the gateway. The
/// listener is a [`TcpListener`](tokio::net::TcpListener), or a `TlsListener` (feature `serve`).
pub async fn serve<L>(
    listener: L,
    app: Router,
    gateway: &Running,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()>
where
    L: Listener<Io: OverTcp, Addr = SocketAddr>,
{
    serve_all(listener, app, std::slice::from_ref(gateway), shutdown).await
}

/// Serves an app with several gateways, as [`serve`] does with one.
pub async fn serve_all<L>(
    listener: L,
    app: Router,
    gateways: &[Running],
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()>
where
    L: Listener<Io: OverTcp, Addr = SocketAddr>,
{
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.tcp().set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
    });
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopped);
    let mut serving = Box::pin(async move { serving.await });
    tokio::select! {
        ended = &mut serving => return ended,
        () = shutdown => {}
    }
    tracing::info!("draining");
    stop.cancel();
    let within = gateways.iter().map(Running::drain_time).max().unwrap_or(DRAIN);
    let deadline = Instant::now() + within;
    let leaving = join_all(gateways.iter().map(|gateway| leave(gateway.node(), deadline)));
    let (left, served) = tokio::join!(leaving, timeout_at(deadline, serving));
    // Last of all, so that no request posts to a session that was kept already.
    let keeping = gateways.iter().map(|it| departure::close_sessions(it.node(), deadline));
    let kept = join_all(keeping).await;
    let drained = left.into_iter().chain(kept).all(|done| done);
    tracing::info!(drained, "stopped");
    served.unwrap_or(Ok(())) // an HTTP request that takes longer than the drain is cut off
}

/// Resolves when the process is asked to end: SIGTERM or Ctrl-C. Signals count from the call on, not
/// from the first poll, so that none ends the process in between. Call it inside a tokio runtime.
pub fn shutdown_signal() -> impl Future<Output = io::Result<()>> + Send {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (terminate, interrupt) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        async move {
            let (mut terminate, mut interrupt) = (terminate?, interrupt?);
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            Ok(())
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
}

pub(crate) async fn drain(node: &Arc<Node>, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    let left = leave(node, deadline).await;
    departure::close_sessions(node, deadline).await && left
}

/// Ends every connection, in its time. Returns whether all had ended by then.
async fn leave(node: &Arc<Node>, deadline: Instant) -> bool {
    let within = deadline.saturating_duration_since(Instant::now());
    node.stop.cancel();
    node.tasks.close();
    let window = node.settings.load().drain_window.min(within / 2);
    for mailbox in node.relay.sockets() {
        mailbox.leave(id::random_within(window));
    }
    let leaving = if window.is_zero() { Duration::ZERO } else { within / 4 * 3 };
    let mut finished = timeout(leaving, node.tasks.wait()).await.is_ok();
    if !finished {
        for mailbox in node.relay.sockets() {
            mailbox.end(goodbye());
        }
        finished = timeout_at(deadline, node.tasks.wait()).await.is_ok();
    }
    finished
}

/// How a draining server ends a connection.
pub(crate) fn goodbye() -> End {
    End { code: CloseCode::SERVICE_RESTART, reason: "the server restarts".into(), drain: true }
}
