//! How a connection ended, and the words for it.

use axum::extract::ws::CloseFrame;
use gatewire::{CloseCode, ConnectionId};

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code: the peer's where it sent one, else 1005 or 1006, or the server's own.
    pub code: CloseCode,
    /// The reason that came with it; may be empty.
    pub reason: String,
    /// The connection on which the client's session goes on; `None` when it has ended.
    pub successor: Option<ConnectionId>,
}

/// As much of a reason as a close frame holds: 123 bytes (RFC 6455 §5.5).
pub(crate) fn close_reason(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(123)]
}

/// What a plain connection is told that was idle or has lived its time. Unknown on AWS; these are
/// the words of its emulators.
pub(super) const TIME_IS_UP: &str = "Going away";

/// The socket ended without a close frame; the words are API Gateway's.
pub(super) fn abnormal() -> Closed {
    let reason = "Connection closed abnormally".to_owned();
    Closed { code: CloseCode::ABNORMAL, reason, successor: None }
}

/// What API Gateway reports when a close frame has no code is kept: 1005 and its words.
pub(super) fn by_peer(frame: Option<CloseFrame>) -> Closed {
    let (code, reason) = match frame {
        Some(frame) => (CloseCode(frame.code), frame.reason.to_string()),
        None => (CloseCode::NO_STATUS, "Client-side close frame status not set".to_owned()),
    };
    Closed { code, reason, successor: None }
}
