//! A program on tokio: tungstenite's sockets, tokio's timers and clock.

mod connect;
mod socket;

use std::{fmt, time::Duration};

use gatewire_core::CloseCode;
use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep},
};
use tokio_tungstenite::tungstenite::{
    client::IntoClientRequest,
    handshake::client::Request,
    http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
};

pub(crate) use self::connect::Trust;
use self::{connect::Connector, socket::Order};
use super::SocketEvent;
use crate::{options::millis, session::Millis, sharing::TokenError};

/// A tokio runtime, kept so that handles may be used outside of it, too.
pub(crate) struct Place {
    runtime: Handle,
    began: Instant,
    connector: Connector,
}

impl Place {
    /// The runtime of the caller, who panics without one.
    pub(crate) fn here(trust: &Trust) -> Self {
        let connector = Connector::new(trust.clone());
        Self { runtime: Handle::current(), began: Instant::now(), connector }
    }

    /// Begins to open a socket. The error says why it can never be one.
    pub(crate) fn open(
        &self,
        url: &str,
        protocols: &[String],
        tell: impl Fn(SocketEvent) + Send + Sync + 'static,
    ) -> Result<Socket, String> {
        let request = request(url, protocols)?;
        self.connector.check()?;
        let connector = self.connector.clone();
        let (socket, orders) = mpsc::unbounded_channel();
        self.runtime.spawn(socket::run(request, connector, orders, tell));
        Ok(Socket(socket))
    }

    /// Rings in `delay` milliseconds.
    pub(crate) fn ring_in(&self, delay: Millis, ring: impl FnOnce() + Send + 'static) -> Timer {
        let task = self.runtime.spawn(async move {
            sleep(Duration::from_millis(delay)).await;
            ring();
        });
        Timer(task.abort_handle())
    }

    /// Milliseconds since the session began, on tokio's monotonic clock.
    pub(crate) fn now(&self) -> Millis {
        millis(self.began.elapsed())
    }

    /// Runs a future to its end.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(future);
    }
}

/// A task that has a socket, which tells what happens to it for as long as somebody holds this.
///
/// What waits to be written has no bound of its own: it is what the server lets a session have in
/// flight, and a few frames that answer what was read; nothing is read while much waits.
pub(crate) struct Socket(mpsc::UnboundedSender<Order>);

impl Socket {
    /// Writes a text. A socket that has ended drops it without a word, and tells its end.
    pub(crate) fn send(&self, text: &str) {
        let _ = self.0.send(Order::Write(text.into()));
    }

    /// Closes the socket, which tells nothing more.
    pub(crate) fn close(self, code: CloseCode) {
        let _ = self.0.send(Order::Close(code));
    }
}

/// Rings once, unless it is dropped before.
pub(crate) struct Timer(AbortHandle);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a future of the application gives. One that panics is an error like any other.
pub(crate) async fn attempt<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Result<T, TokenError> {
    Ok(tokio::spawn(future).await?)
}

/// Random bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system has randomness to give");
    bytes
}

/// Tells the developer: in the log.
pub(crate) fn complain(message: &str) {
    tracing::error!("{message}");
}

/// The reasons do not repeat the URL, which may have a ticket in it.
fn request(url: &str, protocols: &[String]) -> Result<Request, String> {
    let refusal = |reason: &dyn fmt::Display| format!("the URL cannot be used: {reason}");
    let mut request = url.into_client_request().map_err(|error| refusal(&error))?;
    match request.uri().scheme_str() {
        Some("ws") => {}
        Some("wss") if cfg!(feature = "tls") => {}
        Some("wss") => return Err(refusal(&"`wss://` takes the feature `tls`")),
        _ => return Err(refusal(&"it begins with neither `ws://` nor `wss://`")),
    }
    let mut offer = HeaderValue::try_from(protocols.join(", ")).map_err(|error| refusal(&error))?;
    offer.set_sensitive(true); // the token is in it
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offer);
    Ok(request)
}
