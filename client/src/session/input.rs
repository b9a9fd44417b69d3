//! What a driver tells the session.

use gatewire_core::CloseCode;

use super::{ActionId, Millis};

/// What happened.
///
/// Everything about a socket is about the one that the last [`Output::OpenSocket`] opened. After
/// [`Output::CloseSocket`] the driver lets go of that socket and tells nothing more about it.
///
/// [`Output::OpenSocket`]: super::Output::OpenSocket
/// [`Output::CloseSocket`]: super::Output::CloseSocket
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The application wants a connection. Also ends a wait for the next attempt.
    Connect,
    /// The application is done.
    Close,
    /// The application no longer waits for this action, and has been told so by the driver.
    Cancel(ActionId),
    /// The token asked for is here, or none is needed.
    TokenReady,
    /// There is no token this time.
    TokenFailed,
    /// The socket is open; nothing was said yet.
    Opened,
    /// The socket ended, or never opened ([`CloseCode::ABNORMAL`]).
    Closed(CloseCode),
    /// The frame `welcome` came.
    Welcome(Welcome),
    /// The frame `accepted` came for this action.
    Accepted(ActionId),
    /// The reply to this action came, or its error.
    Answered(ActionId),
    /// The frame `ping` came, with this number.
    Ping(u64),
    /// The frame `goaway` came.
    GoAway {
        /// In how many milliseconds to reconnect.
        delay: Millis,
    },
    /// Any other frame came, readable or not: an event, a pong.
    Heard,
    /// The page woke, became visible or came online: timers may have slept, the socket may be dead.
    Wake,
    /// The [`deadline`](super::Session::deadline) has come.
    Tick,
}

/// The server's numbers, from the frame `welcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// After how many milliseconds of silence to ask for a sign of life.
    pub heartbeat: Millis,
    /// The largest frame in bytes of UTF-8.
    pub message: usize,
    /// How many actions may wait for an answer at once.
    pub in_flight: usize,
}
