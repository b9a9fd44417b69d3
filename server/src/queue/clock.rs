//! The time, in milliseconds since the Unix epoch, as a value that tests replace.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Tells the time in milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's clock, read once; from there on it only moves forward, at the speed of the
/// monotonic clock. A wall clock that is set back cannot stretch a visibility timeout.
#[must_use]
pub fn system_clock() -> Clock {
    let started = Instant::now();
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, milliseconds);
    Arc::new(move || epoch.saturating_add(milliseconds(started.elapsed())))
}

/// A duration in whole milliseconds; the longest there is when it does not fit.
pub(crate) fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
