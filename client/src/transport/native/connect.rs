//! From a URL to an open socket, by TLS where the URL says so.

#[cfg(not(feature = "tls"))]
mod plain;
#[cfg(feature = "tls")]
mod tls;

use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Error};

#[cfg(not(feature = "tls"))]
pub(crate) use self::plain::{Connector, Trust};
#[cfg(feature = "tls")]
pub(crate) use self::tls::{Connector, Trust};

/// A socket over TCP, or over TLS over TCP.
pub(super) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is no socket.
pub(super) enum Failure {
    /// The network or the server's HTTP: it may be another time.
    Network,
    /// The two do not agree on TLS, for this reason: somebody has to do something about it.
    Tls(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            #[cfg(feature = "tls")]
            Error::Io(error) if tls::is_about(&error) => Self::Tls(error.to_string()),
            Error::Tls(error) => Self::Tls(error.to_string()),
            _ => Self::Network,
        }
    }
}
