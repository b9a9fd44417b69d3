//! How long a connection lives, and when its peer is told to move: a plain value, with the time as
//! an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The part of its life in which a connection hands over to the next one: the last tenth.
const LAST_PART: u32 = 10;

/// But no more than this. Ours: it is what the restart of a large deployment is spread over again
/// one lifetime later.
const LONGEST_WINDOW: Duration = Duration::from_mins(5);

/// The appointments of one connection.
#[derive(Debug)]
pub(super) struct Age {
    /// When the peer is to be told that the end comes; `None` once it has been.
    tell: Option<Instant>,
    /// When a connection whose peer cannot be told leaves a draining server.
    leave: Option<Instant>,
    end: Instant,
    window: Duration,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The peer is to move at a moment of its own within this time. As long again is left for the
    /// move itself.
    Tell {
        /// Over how long the moves of many connections are to be spread.
        within: Duration,
    },
    /// The server drains, and the connection's moment to leave has come.
    Leave,
    /// The connection has lived its time.
    End,
}

impl Age {
    pub(super) fn new(opened: Instant, lifetime: Duration) -> Self {
        let window = (lifetime / LAST_PART).min(LONGEST_WINDOW);
        let after = |time| opened.checked_add(time).unwrap_or_else(|| far_from(opened));
        Self {
            tell: Some(after(lifetime.saturating_sub(window))),
            leave: None,
            end: after(lifetime),
            window,
        }
    }

    /// When something is due next.
    pub(super) fn next(&self) -> Instant {
        [self.tell, self.leave].into_iter().flatten().fold(self.end, Instant::min)
    }

    /// What is due now. Everything but the end is due once.
    pub(super) fn due(&mut self, now: Instant) -> Option<Due> {
        if self.leave.take_if(|leave| *leave <= now).is_some() {
            Some(Due::Leave)
        } else if self.end <= now {
            Some(Due::End)
        } else {
            let tell = self.tell.take_if(|tell| *tell <= now);
            tell.map(|_| Due::Tell { within: self.window / 2 })
        }
    }

    /// Notes when the connection is to leave a draining server.
    pub(super) fn leave_at(&mut self, moment: Instant) {
        self.leave = Some(moment);
    }
}

/// Thirty years: what a lifetime without an end means to a clock that has one.
fn far_from(now: Instant) -> Instant {
    now + Duration::from_hours(24 * 365 * 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn the_peer_is_told_once_ahead_of_the_end_and_has_time_to_move() {
        let opened = Instant::now();
        let mut age = Age::new(opened, 2 * HOUR);
        let tell = opened + 2 * HOUR - LONGEST_WINDOW;
        assert_eq!(age.next(), tell);
        assert_eq!(age.due(tell - Duration::from_millis(1)), None);
        assert_eq!(age.due(tell), Some(Due::Tell { within: LONGEST_WINDOW / 2 }));
        assert_eq!(age.due(tell), None);
        assert_eq!(age.next(), opened + 2 * HOUR);
        assert_eq!(age.due(opened + 2 * HOUR), Some(Due::End));
    }

    #[test]
    fn a_short_life_has_a_short_window() {
        let opened = Instant::now();
        let mut age = Age::new(opened, Duration::from_secs(10));
        let tell = opened + Duration::from_secs(9);
        assert_eq!(age.next(), tell);
        assert_eq!(age.due(tell), Some(Due::Tell { within: Duration::from_millis(500) }));
    }

    #[test]
    fn a_draining_server_does_not_wait_for_the_end() {
        let opened = Instant::now();
        let mut age = Age::new(opened, HOUR);
        age.leave_at(opened + Duration::from_secs(1));
        assert_eq!(age.next(), opened + Duration::from_secs(1));
        assert_eq!(age.due(opened + Duration::from_secs(1)), Some(Due::Leave));
        assert_eq!(age.due(opened + Duration::from_secs(1)), None);
    }

    #[test]
    fn a_lifetime_without_end_is_no_overflow() {
        let opened = Instant::now();
        assert!(Age::new(opened, Duration::MAX).next() > opened + 10_000 * HOUR);
    }
}
