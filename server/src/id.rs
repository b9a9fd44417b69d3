//! New ids, from the operating system's randomness.

use gatewire::ConnectionId;

/// An id no connection had before.
pub(crate) fn connection_id() -> ConnectionId {
    let mut bytes = [0; ConnectionId::BYTES];
    getrandom::fill(&mut bytes).expect("the operating system has randomness to give");
    ConnectionId::from_bytes(bytes)
}

/// An id for one request, of the same form (as on API Gateway).
pub(crate) fn request_id() -> ConnectionId {
    connection_id()
}

/// A number from 0 up to, but without, `limit`.
pub(crate) fn random_below(limit: u32) -> u32 {
    getrandom::u32().expect("the operating system has randomness to give") % limit
}
