//! The way to a socket: token, socket, welcome, and the wait before the next try.

use super::State;

/// How far the way to the next socket is. There may be an open one beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// None: nobody asked for one yet, or the last one led to the open socket.
    Idle,
    /// The driver fetches a token.
    Token,
    /// The driver opens a socket.
    Socket,
    /// `hello` is written.
    Welcome,
    /// The last one failed.
    Waiting,
    /// There will be none, and no answers.
    Closed,
}

impl Attempt {
    /// Where a session without an open socket is.
    pub(super) fn state(self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Token | Self::Socket | Self::Welcome => State::Connecting,
            Self::Waiting => State::Waiting,
            Self::Closed => State::Closed,
        }
    }

    /// Whether the driver holds a socket for it.
    pub(super) fn has_socket(self) -> bool {
        matches!(self, Self::Socket | Self::Welcome)
    }
}
