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
    /// Newer sends took its place in the queue. The action was never written.
    #[error("newer sends took its place in the queue")]
    Dropped,
    /// A newer send with the same key took its place. The action was never written.
    #[error("a newer send with the same key took its place")]
    Replaced,
    /// The action waited for longer than its `ttl` allows. It was never written.
    #[error("not sent in time")]
    Expired,
    /// The caller cancelled it. What was not written before never is.
    #[error("cancelled")]
    Cancelled,
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
    /// The server ended the session for good, with this close code:
    /// [`TAKEN_OVER`](CloseCode::TAKEN_OVER), say, when another client goes on with it.
    #[error("the server ended the session, close code {0}")]
    Ended(CloseCode),
    /// The server refuses the contract that this client was built from: this client is out of date.
    #[error("the server refuses this contract: update this client")]
    ContractRefused,
    /// The server refuses the token: it is not good, or not good any more.
    #[error("the server refuses the token")]
    Unauthorized,
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
            Self::Dropped => "dropped",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::TooLarge => gatewire::Error::TOO_LARGE,
            Self::Closed => "closed",
            Self::Lost => gatewire::Error::LOST,
            Self::Ended(_) => "ended",
            Self::ContractRefused => "contractRefused",
            Self::Unauthorized => "unauthorized",
            Self::Unusable(_) => "unusable",
            Self::Unwritable(_) => "unwritable",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// The server does not want this session back.
    pub(crate) fn ended(code: CloseCode) -> Self {
        match code {
            CloseCode::CONTRACT_REFUSED => Self::ContractRefused,
            CloseCode::UNAUTHORIZED => Self::Unauthorized,
            code => Self::Ended(code),
        }
    }

    /// Whether the same may work later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Server(error) => error.is_temporary(),
            Self::Timeout | Self::QueueFull | Self::Dropped | Self::Expired => true,
            Self::Replaced
            | Self::Cancelled
            | Self::TooLarge
            | Self::Closed
            | Self::Lost
            | Self::Ended(_)
            | Self::ContractRefused
            | Self::Unauthorized
            | Self::Unusable(_)
            | Self::Unwritable(_)
            | Self::Unreadable(_) => false,
        }
    }
}

impl From<Rejection> for Error {
    fn from(reason: Rejection) -> Self {
        match reason {
            Rejection::Timeout => Self::Timeout,
            Rejection::QueueFull => Self::QueueFull,
            Rejection::Dropped => Self::Dropped,
            Rejection::Expired => Self::Expired,
            Rejection::TooLarge => Self::TooLarge,
            Rejection::Closed => Self::Closed,
            Rejection::Lost => Self::Lost,
            Rejection::Ended(code) => Self::ended(code),
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
    /// No connection, because client and server do not agree on TLS: the server's certificate is not
    /// one to trust, most likely. The session tries again later. Natively alone: a browser tells its
    /// console, and no page.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// A frame is not one of the protocol.
    #[error("a frame that cannot be read: {0}")]
    Frame(#[source] serde_json::Error),
    /// A binary frame; the protocol has none.
    #[error("a binary frame, and the protocol has none")]
    Binary,
    /// The server has another contract, and serves this client all the same. Told once per change.
    #[error("the server has another contract: update this client")]
    ContractChanged,
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
