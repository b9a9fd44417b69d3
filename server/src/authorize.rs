//! Authorizers: who is at the other end of a handshake, and may they come in?
//!
//! One of the four things a deployment may replace. Authorization happens once, on `$connect`, as
//! on API Gateway; what it finds travels with every action of the connection.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, header};
use futures_util::future::BoxFuture;
use gatewire::{CloseCode, Principal, frame};

mod anyone;
mod jwt;

pub use anyone::Anyone;
pub use jwt::{Jwt, JwtConfig, JwtError, JwtKey};

#[cfg(test)]
mod conformance;

/// Decides over a handshake.
pub trait Authorizer: Send + Sync + 'static {
    /// Lets the caller in under a name, or says why not.
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>>;
}

/// Who was let in, and until when the proof holds.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The caller.
    pub principal: Arc<Principal>,
    /// When the token expires, in milliseconds since the Unix epoch. As on API Gateway an open
    /// connection outlives it; the client is told, and brings a fresh one when it reconnects.
    pub expires: Option<u64>,
}

/// What a handshake brings.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The parameters of the URL, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The address of the peer.
    pub source_ip: Option<IpAddr>,
}

impl Handshake {
    /// The subprotocols the client offers.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(str::trim)
    }

    /// The token: a subprotocol entry `gatewire.token.…`, which no log keeps, or else the named
    /// parameter of the URL, as on API Gateway. An empty one is none.
    #[must_use]
    pub fn token(&self, parameter: &str) -> Option<&str> {
        self.subprotocols()
            .find_map(|entry| entry.strip_prefix(frame::TOKEN_SUBPROTOCOL))
            .or_else(|| self.query_parameter(parameter))
            .filter(|token| !token.is_empty())
    }

    /// The last value of a parameter of the URL.
    #[must_use]
    pub fn query_parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
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
    /// Too many connections: HTTP 429, close code 4429.
    #[error("too many requests: {0}")]
    TooMany(String),
    /// Nobody can decide right now: HTTP 503, close code 1013.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// The status a client gets that is not a gatewire client.
    #[must_use]
    pub fn status(&self) -> axum::http::StatusCode {
        use axum::http::StatusCode;
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The close code a gatewire client gets, because browsers hide the status.
    #[must_use]
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::Unauthorized(_) => CloseCode::UNAUTHORIZED,
            Self::Forbidden(_) => CloseCode::FORBIDDEN,
            Self::TooMany(_) => CloseCode::SLOW_DOWN,
            Self::Unavailable(_) => CloseCode::TRY_AGAIN_LATER,
        }
    }

    /// What API Gateway writes into the body of such a status.
    #[must_use]
    pub fn public_message(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) => "Unauthorized",
            Self::Forbidden(_) => "Forbidden",
            Self::TooMany(_) => "Too Many Requests",
            Self::Unavailable(_) => "Service Unavailable",
        }
    }
}
