//! The time of day, for what people and other machines read.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    millis(SystemTime::now())
}

/// A time in milliseconds since the Unix epoch.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time as ISO 8601 in UTC, for example `2026-11-22T10:00:00.123Z`.
pub(crate) fn iso8601(millis: u64) -> String {
    let time = i64::try_from(millis)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    time.map(|time| format!("{time:.3}")).unwrap_or_default()
}

/// The time as web servers log it, in UTC, for example `22/Nov/2026:10:00:00 +0000`.
pub(crate) fn common_log(millis: u64) -> String {
    let time = i64::try_from(millis)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    time.map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_logged_as_web_servers_do() {
        assert_eq!(super::common_log(1_795_341_600_123), "22/Nov/2026:10:00:00 +0000");
    }

    #[test]
    fn times_are_spelled_as_the_sdks_read_them() {
        assert_eq!(super::iso8601(1_795_341_600_123), "2026-11-22T10:00:00.123Z");
    }
}
