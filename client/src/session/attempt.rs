//! The way to a socket: token, socket, welcome, and the wait before the next try.

use super::{Millis, Rejection, State};

/// How far the way to the next socket is. There may be an open one beside it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attempt {
    /// None: nobody asked for one yet, or the last one led to the open socket.
    Idle,
    /// The driver fetches a token.
    Token { give_up: Millis },
    /// The driver opens a socket.
    Socket { give_up: Millis },
    /// `hello` is written.
    Welcome { give_up: Millis },
    /// The last one failed. [`Millis::MAX`]: the page sleeps.
    Waiting { until: Millis },
    /// There will be none, and no answers.
    Closed { reason: Rejection },
}

impl Attempt {
    /// Where a session without an open socket is.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Token { .. } | Self::Socket { .. } | Self::Welcome { .. } => State::Connecting,
            Self::Waiting { .. } => State::Waiting,
            Self::Closed { .. } => State::Closed,
        }
    }

    /// When it goes on by itself; [`Millis::MAX`] for never.
    pub(super) fn deadline(&self) -> Millis {
        match *self {
            Self::Idle | Self::Closed { .. } => Millis::MAX,
            Self::Token { give_up } | Self::Socket { give_up } | Self::Welcome { give_up } => {
                give_up
            }
            Self::Waiting { until } => until,
        }
    }

    /// Whether the driver holds a socket for it.
    pub(super) fn has_socket(&self) -> bool {
        matches!(self, Self::Socket { .. } | Self::Welcome { .. })
    }
}
