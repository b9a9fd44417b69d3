//! The open socket.

use super::{Millis, STABLE};

/// What is known of the open socket, if there is one.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) flow: Flow,
    pub(super) token: Token,
    /// Whether an attempt beside it has said `hello`, so that the server may close this one for it.
    pub(super) has_rival: bool,
    /// How many pings were written since the last frame came.
    pub(super) unanswered: u8,
    /// After how much silence to ask whether the peer is there.
    pub(super) interval: Millis,
    /// Since when it is open.
    pub(super) since: Millis,
}

/// Whether the socket takes more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// There is none.
    Down,
    /// The server closed it in favour of the attempt, whose welcome must be on its way.
    Over,
    /// Too much waits in the socket's own buffer.
    Congested,
    /// It does.
    Free,
}

/// What the server thinks of the line's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// It is good.
    Good,
    /// It expires soon, and the driver fetches another one.
    Fetched,
    /// Another one was written and has no answer yet.
    Judged,
}

impl Line {
    /// No socket.
    pub(super) const DOWN: Self = Self {
        flow: Flow::Down,
        token: Token::Good,
        has_rival: false,
        unanswered: 0,
        interval: 0,
        since: 0,
    };

    pub(super) fn is_up(&self) -> bool {
        self.flow != Flow::Down
    }

    /// Whether the socket itself is open.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.flow, Flow::Free | Flow::Congested)
    }

    /// Whether it was open for long enough to be called good.
    pub(super) fn was_stable(&self, now: Millis) -> bool {
        self.is_up() && now.saturating_sub(self.since) >= STABLE
    }
}
