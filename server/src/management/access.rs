//! Who may use the management API.

use std::net::SocketAddr;

use axum::{
    extract::ConnectInfo,
    http::{HeaderName, header, request::Parts},
};

#[cfg(feature = "serve")]
use crate::sigv4::Keys;

/// What a request carries that was sent on: by a proxy, or by a browser on behalf of a web page.
/// Such a request comes from elsewhere, whatever its address says.
const SENT_ON: [HeaderName; 3] =
    [header::FORWARDED, HeaderName::from_static("x-forwarded-for"), header::ORIGIN];

/// Who may use the management API.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Access {
    /// Whoever is on this machine: requests from a loopback address that nobody sent on. It needs
    /// connect info, as [`serve`](crate::serve) gives it; without a known address nobody is let in.
    #[default]
    Loopback,
    /// Whoever signs with one of these keys, wherever that is, and does what the key's policy
    /// allows.
    #[cfg(feature = "serve")]
    Signed(std::sync::Arc<Keys>),
}

/// Whether a request comes from this machine.
pub(super) fn is_neighbour(parts: &Parts) -> bool {
    let sent_on = SENT_ON.iter().any(|name| parts.headers.contains_key(name));
    let address = peer(parts);
    address.is_some_and(|address| address.ip().to_canonical().is_loopback()) && !sent_on
}

/// The address of the socket.
pub(super) fn peer(parts: &Parts) -> Option<SocketAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address)
}
