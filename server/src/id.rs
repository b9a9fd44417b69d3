//! New ids, from the operating system's randomness.

use std::time::Duration;

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

/// A moment within this time, in whole milliseconds, so that many do not choose the same.
pub(crate) fn random_within(window: Duration) -> Duration {
    let window = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    let random = getrandom::u64().expect("the operating system has randomness to give");
    Duration::from_millis(random.checked_rem(window).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_within_its_window_and_a_window_of_nothing_is_now() {
        let window = Duration::from_millis(3);
        assert!((0..100).all(|_| random_within(window) < window));
        assert_eq!(random_within(Duration::ZERO), Duration::ZERO);
    }
}
