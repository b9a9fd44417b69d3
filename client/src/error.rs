//! What can go wrong: [`Error`] where somebody waits for a result, [`Problem`] where nobody does.

use std::sync::Arc;

use gatewire_core::CloseCode;

use crate::{session::Rejection, sharing::TokenError};

/// Why a send has no reply, or a session ended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with an error.
    #[error("{0}")]
    Server(gatewire::Error),
    /// There was no answer in time. The action may have been run if it was written before.
    #[error("no answer in time")]
    Timeout,
    /// Too much waits for a connection already. The action was never written.
    #[error("too much waits for a connection")]
    QueueFull,
    /// The message is over the server's limit.
    #[error("over the server's message limit")]
    TooLarge,
    /// This side closed the session.
    #[error("the session is closed")]
    Closed,
    /// The action was sent, but too long ago to be sent again without the risk of running twice. It
    /// may have been run.
    #[error("sent, but too long ago to be sent again safely")]
    Lost,
    /// The server ended the session for good, with this close code.
    #[error("the server ended the session, close code {0}")]
    Ended(CloseCode),
    /// The URL or the token cannot be used, now or later.
    #[error("cannot connect: {0}")]
    Unusable(String),
    /// The action cannot be written as JSON. It was not sent.
    #[error("the action cannot be written as JSON: {0}")]
    Unwritable(#[source] Arc<serde_json::Error>),
    /// The reply is not what the contract declares. The action was run.
    #[error("the reply is not what the contract declares: {0}")]
    Unreadable(#[source] Arc<serde_json::Error>),
}

impl Error {
    /// The code, for programs: the server's own, or the name of the variant as the npm package spells
    /// it (`timeout`, `queueFull`, …).
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Server(error) => error.code(),
            Self::Timeout => "timeout",
            Self::QueueFull => "queueFull",
            Self::TooLarge => gatewire::Error::TOO_LARGE,
            Self::Closed => "closed",
            Self::Lost => gatewire::Error::LOST,
            Self::Ended(_) => "ended",
            Self::Unusable(_) => "unusable",
            Self::Unwritable(_) => "unwritable",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether the same may work later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Server(error) => error.is_temporary(),
            Self::Timeout | Self::QueueFull => true,
            Self::TooLarge
            | Self::Closed
            | Self::Lost
            | Self::Ended(_)
            | Self::Unusable(_)
            | Self::Unwritable(_)
            | Self::Unreadable(_) => false,
        }
    }
}

impl From<Rejection> for Error {
    fn from(reason: Rejection) -> Self {
        match reason {
            // Said by options that this API does not have yet.
            Rejection::Timeout | Rejection::Expired => Self::Timeout,
            Rejection::QueueFull | Rejection::Dropped => Self::QueueFull,
            Rejection::TooLarge => Self::TooLarge,
            Rejection::Closed => Self::Closed,
            Rejection::Lost => Self::Lost,
            Rejection::Ended(code) => Self::Ended(code),
        }
    }
}

/// What no send can carry, for [`Options::on_problem`](crate::Options::on_problem). The session goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The token could not be fetched. The session tries again later.
    #[error("the token could not be fetched: {0}")]
    Token(#[source] TokenError),
    /// A frame is not one of the protocol.
    #[error("a frame that cannot be read: {0}")]
    Frame(#[source] serde_json::Error),
    /// A binary frame; the protocol has none.
    #[error("a binary frame, and the protocol has none")]
    Binary,
    /// The server complains of something that is no answer.
    #[error("the server says {0}")]
    Server(gatewire::Error),
    /// The payload of an event is not what the contract declares.
    #[error("{name}: not what the contract declares: {source}")]
    Event {
        /// The event's name.
        name: &'static str,
        /// Where it is wrong.
        source: serde_json::Error,
    },
}
