//! Close codes: why a socket closed, and whether a client should come back.
//!
//! Client and server read the same table, so a code means the same on both ends.

use core::fmt;

/// A WebSocket close code (RFC 6455 §7.4; 4000-4999 are gatewire's own).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The end of a conversation, wanted by the side that closed.
    pub const NORMAL: Self = Self(1000);
    /// The peer leaves: a page navigates away, a connection was idle or lived its time.
    pub const GOING_AWAY: Self = Self(1001);
    /// A frame broke RFC 6455.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A binary frame; gatewire carries text.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// The close frame carried no code. Never sent, only reported.
    pub const NO_STATUS: Self = Self(1005);
    /// The socket ended without a close frame. Never sent, only reported.
    pub const ABNORMAL: Self = Self(1006);
    /// A text frame was not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// The peer broke a rule that has no code of its own.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A frame or message over the limit.
    pub const TOO_BIG: Self = Self(1009);
    /// The server failed.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts or drains.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The server cannot serve this peer right now, for example because it reads too slowly.
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// The client leaves this socket and comes back on another one. Said by clients.
    pub const RECONNECTING: Self = Self(4000);
    /// The server refuses the contract this client was built from.
    pub const CONTRACT_REFUSED: Self = Self(4400);
    /// The token is missing, invalid or expired.
    pub const UNAUTHORIZED: Self = Self(4401);
    /// The token is good, but this principal may not connect.
    pub const FORBIDDEN: Self = Self(4403);
    /// The peer gave no sign of life in time. Said by clients.
    pub const SILENT: Self = Self(4408);
    /// The same session connected again; the newer socket has it.
    pub const TAKEN_OVER: Self = Self(4409);
    /// Too many connections; come back later.
    pub const SLOW_DOWN: Self = Self(4429);

    /// Whether a client should stay away: connecting again would end the same way.
    ///
    /// A code nobody has listed is retryable, because giving up wrongly is the worse mistake.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::NORMAL
                | Self::PROTOCOL_ERROR
                | Self::UNSUPPORTED_DATA
                | Self::INVALID_PAYLOAD
                | Self::POLICY_VIOLATION
                | Self::CONTRACT_REFUSED
                | Self::UNAUTHORIZED
                | Self::FORBIDDEN
                | Self::TAKEN_OVER
        )
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::CloseCode;

    #[test]
    fn a_refusal_is_terminal_and_a_restart_is_not() {
        assert!(CloseCode::UNAUTHORIZED.is_terminal());
        assert!(CloseCode::TAKEN_OVER.is_terminal());
        assert!(!CloseCode::SERVICE_RESTART.is_terminal());
        assert!(!CloseCode::ABNORMAL.is_terminal());
        assert!(!CloseCode::SLOW_DOWN.is_terminal());
        assert!(!CloseCode(4999).is_terminal(), "an unknown code is worth another try");
    }
}
