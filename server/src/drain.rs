//! The end of a process: stop taking, tell, answer, leave.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt};
use gatewire::CloseCode;
use tokio::{
    net::TcpListener,
    time::{Instant, timeout, timeout_at},
};

use crate::{Running, departure, mailbox::End, node::Node};

/// How long a drain may take; [`serve`] returns within a second more. Ours: under the 5 s that
/// supervisors commonly wait between TERM and KILL, with room to spare.
pub const DRAIN: Duration = Duration::from_secs(4);

/// Serves an Axum app with its gateway until `shutdown` resolves, then drains the gateway.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    gateway: &Running,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
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
    let (drained, served) = tokio::join!(gateway.drain(DRAIN), timeout(DRAIN, serving));
    tracing::info!(drained, "stopped");
    served.unwrap_or(Ok(())) // an HTTP request that takes longer than the drain is cut off
}

/// Resolves when the process is asked to end: SIGTERM or Ctrl-C.
pub async fn shutdown_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

pub(crate) async fn drain(node: &Arc<Node>, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    node.stop.cancel();
    node.relay.end_all(&goodbye());
    node.tasks.close();
    let finished = timeout_at(deadline, node.tasks.wait()).await.is_ok();
    departure::close_sessions(node, deadline).await && finished
}

/// How a draining server ends a connection.
pub(crate) fn goodbye() -> End {
    End { code: CloseCode::SERVICE_RESTART, reason: "the server restarts", drain: true }
}
