//! When the server is asked: never in a hurry. Pure; time and chance come in as arguments.

use std::time::{Duration, SystemTime};

use crate::tls::Validity;

/// The pauses between two attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tls) struct Schedule {
    /// After the first failure, and the least after a success.
    pub(in crate::tls) shortest: Duration,
    /// After many failures.
    pub(in crate::tls) longest: Duration,
}

/// Ours. Let's Encrypt takes five failed validations of a name in an hour; these are four in the
/// first.
pub(super) const SCHEDULE: Schedule =
    Schedule { shortest: Duration::from_mins(5), longest: Duration::from_hours(6) };

/// The longest that a server is heeded which asks for more.
const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// When a certificate is renewed: at two thirds of its life.
pub(super) fn renewal(validity: Validity) -> SystemTime {
    validity.from + validity.life() / 3 * 2
}

impl Schedule {
    /// When the next certificate is asked for, after this one was received `now`.
    pub(super) fn after_success(&self, now: SystemTime, received: Validity) -> SystemTime {
        // One that is old already, by our clock or by its own, is no reason to ask without end.
        renewal(received).max(now + self.shortest)
    }

    /// For how long the server is left alone after so many failures in a row, at least as long as it
    /// `asked`. `random_within` gives a moment within a time, so that many gateways do not come back
    /// at once.
    pub(super) fn after_failure(
        &self,
        failures: u32,
        asked: Option<Duration>,
        random_within: impl FnOnce(Duration) -> Duration,
    ) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let pause = self.shortest.saturating_mul(1 << doublings).min(self.longest);
        let pause = asked.map_or(pause, |asked| pause.max(asked.min(LONGEST_ASKED)));
        pause + random_within(pause / 4)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn held(from: SystemTime, life: Duration) -> Validity {
        Validity { from, until: from + life }
    }

    fn minutes(failures: u32) -> u64 {
        SCHEDULE.after_failure(failures, None, |_| Duration::ZERO).as_secs() / 60
    }

    #[test]
    fn a_third_of_the_life_is_left_for_renewal() {
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(renewal(held(now, 90 * DAY)), now + 60 * DAY);
        assert_eq!(SCHEDULE.after_success(now, held(now - DAY, 90 * DAY)), now + 59 * DAY);
    }

    #[test]
    fn failures_double_the_pause_up_to_six_hours() {
        let pauses: Vec<u64> = (1..=9).map(minutes).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
        assert_eq!(minutes(u32::MAX), 360);
    }

    #[test]
    fn a_server_that_asks_for_more_time_has_it_within_reason() {
        let pause = |asked| SCHEDULE.after_failure(1, Some(asked), |_| Duration::ZERO);
        assert_eq!(pause(Duration::from_secs(1)), SCHEDULE.shortest);
        assert_eq!(pause(Duration::from_hours(3)), Duration::from_hours(3));
        assert_eq!(pause(365 * DAY), DAY);
    }

    proptest! {
        #[test]
        fn the_server_is_never_asked_twice_within_the_shortest_pause(
            failures in 0_u32..,
            asked in proptest::option::of(0_u64..1 << 40),
            (age, life) in (0_u64..1 << 33, 0_u64..1 << 33),
            share in 0_u32..100,
        ) {
            let asked = asked.map(Duration::from_secs);
            let pause = SCHEDULE.after_failure(failures, asked, |window| window * share / 100);
            let longest = SCHEDULE.longest.max(asked.unwrap_or_default().min(DAY));
            prop_assert!((SCHEDULE.shortest..=longest * 5 / 4).contains(&pause));
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(age);
            let received = held(SystemTime::UNIX_EPOCH, Duration::from_secs(life));
            prop_assert!(SCHEDULE.after_success(now, received) >= now + SCHEDULE.shortest);
        }

        #[test]
        fn a_certificate_is_renewed_before_it_ends(from in 0_u64..1 << 33, life in 2_u64..1 << 33) {
            let validity = held(SystemTime::UNIX_EPOCH + Duration::from_secs(from), Duration::from_secs(life));
            let at = renewal(validity);
            prop_assert!(validity.from < at && at < validity.until);
        }
    }
}
