//! Authorizers: who is at the other end of a handshake, and may they come in?
//!
//! One of the four things a deployment may replace. Authorization happens on `$connect`, as on API
//! Gateway, and again when a client brings a fresh token on the open connection; what it finds
//! travels with every action of the connection.
//!
//! A token travels in one of five ways. Each exists because some client has no other:
//!
//! | way | for |
//! |---|---|
//! | an entry of `Sec-WebSocket-Protocol` | browsers: the one header they let a page fill, and no log keeps it |
//! | `Authorization: Bearer` | programs that set headers |
//! | a parameter of the URL | clients written for API Gateway |
//! | a cookie | pages that hold no token; from an allowed origin alone, see [`Origins`] |
//! | a one-time ticket, see [`Tickets`] | where a token may not be in a subprotocol or a URL, and the page is on another origin than the cookie |
//!
//! A ticket decides alone when there is one. Otherwise the first [`TokenSource`] that holds a token
//! does, in the order of the authorizer's list.
//!
//! ```
//! # use gatewire_server::{Gateway, Jwt, Origins, Tickets, TokenSource};
//! # fn guard<C: gatewire::Contract>(gateway: Gateway<C>, secret: &str) -> Result<Gateway<C>, gatewire_server::authorize::JwtError> {
//! let jwt = Jwt::hs256(secret)?
//!     .from([TokenSource::Subprotocol, TokenSource::cookie("__Host-chat")]);
//! Ok(gateway
//!     .authorize(jwt)
//!     .tickets(Tickets::default())
//!     .origins(Origins::only(["https://app.example"])))
//! # }
//! ```

use std::sync::Arc;

use futures_util::future::BoxFuture;
use gatewire::{CloseCode, Principal, frame::plain};

mod anyone;
mod handshake;
mod jwt;
mod origins;
pub(crate) mod tickets;

pub use anyone::Anyone;
pub use handshake::{Handshake, TokenSource};
pub use jwt::{Jwt, JwtConfig, JwtError, JwtKey};
pub use origins::{Origins, Site};
pub use tickets::Tickets;

#[cfg(test)]
mod conformance;

/// Decides over a handshake.
pub trait Authorizer: Send + Sync + 'static {
    /// Lets the caller in under a name, or says why not. A token that comes on an open connection
    /// is asked about as [`Handshake::in_band`]: no headers, no parameters, the token alone.
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>>;
}

/// Who was let in, and until when the proof holds.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The caller.
    pub principal: Arc<Principal>,
    /// When the token expires, in milliseconds since the Unix epoch. The client is told, and brings
    /// a fresh one before; as on API Gateway, the connection of a client that does not outlives it.
    pub expires: Option<u64>,
}

/// Why a handshake is refused. The reason is for the client: it names what is wrong and never
/// repeats the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The token is missing, invalid or expired: HTTP 401, close code 4401.
    #[error("unauthorized: {0}")]
    Unauthorized(String),
    /// The caller is known and may not connect: HTTP 403, close code 4403.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// The proof was good for one time or a short time, which is over: HTTP 401, close code 1013,
    /// because a client that comes back with a fresh one is let in.
    #[error("unauthorized: {0}")]
    Stale(String),
    /// Too many connections: HTTP 429, close code 4429.
    #[error("too many requests: {0}")]
    TooMany(String),
    /// `$connect` has answered with this HTTP status. Close code 4401, 4403 and 4429 for theirs,
    /// 1013 for a failure of the server (5xx), 4403 for any other.
    #[error("{}", status_text(*.0))]
    Status(u16),
    /// Nobody can decide right now: HTTP 503, close code 1013.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// What `$connect` answered. A status that no response can have, or one that is no refusal, is
    /// a broken answer: 502.
    pub(crate) fn by_status(status: u16) -> Self {
        let is_refusal = (300..600).contains(&status);
        Self::Status(if is_refusal { status } else { 502 })
    }

    /// The status a client gets that is not a gatewire client.
    #[must_use]
    pub fn status(&self) -> axum::http::StatusCode {
        use axum::http::StatusCode;
        match self {
            Self::Unauthorized(_) | Self::Stale(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Status(status) => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY)
            }
        }
    }

    /// The close code a gatewire client gets, because browsers hide the status.
    #[must_use]
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::Unauthorized(_) | Self::Status(401) => CloseCode::UNAUTHORIZED,
            Self::TooMany(_) | Self::Status(429) => CloseCode::SLOW_DOWN,
            Self::Unavailable(_) | Self::Stale(_) | Self::Status(500..) => {
                CloseCode::TRY_AGAIN_LATER
            }
            Self::Forbidden(_) | Self::Status(_) => CloseCode::FORBIDDEN,
        }
    }

    /// What API Gateway writes into the body of such a status.
    #[must_use]
    pub fn public_message(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) | Self::Stale(_) => "Unauthorized",
            Self::Forbidden(_) => "Forbidden",
            Self::TooMany(_) => "Too Many Requests",
            Self::Unavailable(_) => "Service Unavailable",
            Self::Status(504) => plain::TIMED_OUT,
            Self::Status(500..) => plain::INTERNAL,
            Self::Status(status) => status_text(*status),
        }
    }
}

fn status_text(status: u16) -> &'static str {
    let status = axum::http::StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Refused")
}
