//! What a driver tells the session.

use gatewire_core::CloseCode;

use super::{ActionId, Millis};

/// What happened.
///
/// There are at most two sockets. The *attempt's* is the one that the last [`Output::OpenSocket`]
/// opened; with [`Output::Promote`] it becomes the *line's*. All frames but `welcome` are the line's.
/// After [`Output::CloseSocket`] the driver lets go of that socket and tells nothing more about it.
///
/// [`Output::OpenSocket`]: super::Output::OpenSocket
/// [`Output::Promote`]: super::Output::Promote
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
    /// The attempt's socket is open; nothing was said yet.
    Opened,
    /// The line's socket ended.
    Closed(CloseCode),
    /// The attempt's socket ended, or never opened ([`CloseCode::ABNORMAL`]).
    Failed(CloseCode),
    /// The frame `welcome` came on the attempt's socket.
    Welcome(Welcome),
    /// The frame `accepted` came for this action.
    Accepted(ActionId),
    /// The reply to this action came, or its error. In the plain protocol: it was written.
    Answered(ActionId),
    /// The frame `ping` came, with this number.
    Ping(u64),
    /// The frame `goaway` came.
    GoAway {
        /// In how many milliseconds to go to another socket.
        delay: Millis,
    },
    /// The token is good: the frame `token` came, or the driver has read it in the token itself.
    Expires {
        /// For how many milliseconds; [`Millis::MAX`] for ever.
        delay: Millis,
    },
    /// Any other frame came, readable or not: a pong. An event is told with
    /// [`Session::event`](super::Session::event).
    Heard,
    /// The page is back: visible, online, resumed, or the clock jumped. Timers may have slept, and the
    /// socket may be dead.
    Wake,
    /// The network is said to be gone; the socket may be dead.
    Doubt,
    /// The page will be frozen, or kept aside for the way back: no timer rings until
    /// [`Wake`](Self::Wake).
    Suspend,
    /// How many bytes wait in the line's socket. Told after writing when it is over the driver's high
    /// watermark, and whenever [`Output::Measure`](super::Output::Measure) asks.
    Buffered(usize),
    /// The [`deadline`](super::Session::deadline) has come.
    Tick,
}

/// The server's words, from the frame `welcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// After how many milliseconds of silence to ask for a sign of life.
    pub heartbeat: Millis,
    /// The largest frame in bytes of UTF-8.
    pub message: usize,
    /// How many actions may wait for an answer at once.
    pub in_flight: usize,
    /// Events on this socket begin after this number.
    pub seen: u64,
    /// Whether the server knew the session.
    pub resumed: bool,
    /// Whether events up to `seen` are no longer there.
    pub gap: bool,
    /// In how many milliseconds the token expires; [`Millis::MAX`] for never.
    pub refresh_in: Millis,
}
