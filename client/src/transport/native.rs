//! A program on tokio: tungstenite's sockets, tokio's timers and clock.

mod connect;
mod socket;

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

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
    http::{
        HeaderName, HeaderValue,
        header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    },
};

pub(crate) use self::connect::Trust;
use self::{
    connect::Connector,
    socket::{Order, Orders, Waiting},
};
use super::{Dial, SocketEvent};
use crate::{driver::Life, options::millis, session::Millis, sharing::TokenError};

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
        dial: &Dial,
        tell: impl Fn(SocketEvent) + Send + Sync + 'static,
    ) -> Result<Socket, String> {
        let request = request(dial)?;
        #[cfg(feature = "tls")]
        self.connector.check()?;
        let connector = self.connector.clone();
        let (socket, orders) = mpsc::unbounded_channel();
        let waiting = Waiting::default();
        let orders = Orders::new(orders, waiting.clone());
        self.runtime.spawn(socket::run(request, connector, orders, tell));
        Ok(Socket { orders: socket, waiting })
    }

    /// A program has no page.
    #[expect(clippy::unused_self, reason = "there is one page; here is none")]
    pub(crate) fn watch(&self, _: impl Fn(Life) + Send + Sync + 'static) -> Watch {
        Watch(())
    }

    /// Rings in `delay` milliseconds.
    pub(crate) fn ring_in(&self, delay: Millis, ring: impl FnOnce() + Send + 'static) -> Timer {
        let task = self.runtime.spawn(async move {
            // This is the session's one timer: its deadline has come, and nothing else tells of that.
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
pub(crate) struct Socket {
    orders: mpsc::UnboundedSender<Order>,
    waiting: Waiting,
}

impl Socket {
    /// Writes a text. A socket that has ended drops it without a word, and tells its end.
    pub(crate) fn send(&self, text: String) {
        self.waiting.add(text.len());
        let _ = self.orders.send(Order::Write(text.into()));
    }

    /// How many bytes wait to be written.
    pub(crate) fn buffered(&self) -> usize {
        self.waiting.bytes()
    }

    /// Closes the socket, which tells nothing more.
    pub(crate) fn close(self, code: CloseCode) {
        let _ = self.orders.send(Order::Close(code));
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

/// Nothing is watched.
pub(crate) struct Watch(());

/// Milliseconds since the Unix epoch; 0 before it.
pub(crate) fn unix_now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
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
fn request(dial: &Dial) -> Result<Request, String> {
    let refusal = |reason: &dyn fmt::Display| format!("the URL cannot be used: {reason}");
    let mut request = dial.url.as_str().into_client_request().map_err(|error| refusal(&error))?;
    match request.uri().scheme_str() {
        Some("ws") => {}
        Some("wss") if cfg!(feature = "tls") => {}
        Some("wss") => return Err(refusal(&"`wss://` takes the feature `tls`")),
        _ => return Err(refusal(&"it begins with neither `ws://` nor `wss://`")),
    }
    let mut set = |name, value: String| -> Result<(), String> {
        let mut value = HeaderValue::try_from(value).map_err(|_| unsayable(&name))?;
        value.set_sensitive(true); // the token is in it
        request.headers_mut().insert(name, value);
        Ok(())
    };
    if !dial.protocols.is_empty() {
        set(SEC_WEBSOCKET_PROTOCOL, dial.protocols.join(", "))?;
    }
    if let Some(token) = &dial.bearer {
        set(AUTHORIZATION, format!("Bearer {token}"))?;
    }
    Ok(request)
}

fn unsayable(header: &HeaderName) -> String {
    format!("the token has characters that the header {header} cannot carry")
}
