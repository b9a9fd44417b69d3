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

/// A random UUID (RFC 9562, version 4) in its usual form.
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness to give");
    uuid_text(uuid_of(u128::from_be_bytes(bytes)))
}

/// The UUID that is made of these random bits.
pub(crate) fn uuid_of(random: u128) -> u128 {
    let version = 0x4 << 76;
    let variant = 0b10 << 62;
    (random & !(0xf << 76) & !(0b11 << 62)) | version | variant
}

/// A UUID as it travels.
pub(crate) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
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
    fn a_uuid_has_the_form_of_a_random_one() {
        let text = uuid();
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&text[14..15], "4", "{text}");
        assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"), "{text}");
    }

    #[test]
    fn a_moment_is_within_its_window_and_a_window_of_nothing_is_now() {
        let window = Duration::from_millis(3);
        assert!((0..100).all(|_| random_within(window) < window));
        assert_eq!(random_within(Duration::ZERO), Duration::ZERO);
    }
}
