//! Whether the peer is still there.
//!
//! TCP tells nobody that a cable was pulled, and browsers hide the protocol's own pings, so silence is
//! answered with a ping frame, and silence after that with a new socket.

use super::Millis;

/// How long to wait for any frame after a ping, in milliseconds. Ours: several round trips over a bad
/// mobile network.
pub const PATIENCE: Millis = 10_000;

/// How long to wait after a ping that was written because the page slept or the network changed, in
/// milliseconds. Ours: somebody has just come back to the page and looks at it.
pub const PROBE: Millis = 3_000;

/// The shortest silence worth a ping, in milliseconds, whatever a server asks for.
pub const SHORTEST: Millis = 1_000;

/// A timer that rings so much too late, in milliseconds, was held up, and frames may have been, too.
const LATE: Millis = 2_000;

/// The watch over one open socket.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// After how much silence to ask; the server's figure.
    interval: Millis,
    /// How many pings were written since the last frame came.
    unanswered: u8,
    /// When to ask, or to stop waiting for an answer.
    until: Millis,
}

/// What the silence calls for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Ask whether the peer is there.
    Ask,
    /// The peer is not there.
    Dead,
}

impl Heartbeat {
    pub(super) fn new(interval: Millis, now: Millis) -> Self {
        let mut heartbeat = Self { interval: interval.max(SHORTEST), unanswered: 0, until: now };
        heartbeat.heard(now);
        heartbeat
    }

    /// A frame came.
    pub(super) fn heard(&mut self, now: Millis) {
        self.unanswered = 0;
        self.until = now.saturating_add(self.interval);
    }

    /// There is nobody left to watch.
    pub(super) fn stop(&mut self) {
        self.until = Millis::MAX;
    }

    /// Silence has become suspicious for another reason than its length; whether to ask now. After a
    /// frame that came less than `fresh` milliseconds ago there is no reason.
    pub(super) fn doubt(&mut self, fresh: Millis, now: Millis) -> bool {
        let asks = self.unanswered == 0;
        if asks && now.saturating_add(self.interval) < self.until.saturating_add(fresh) {
            return false;
        }
        if asks {
            self.ask(PROBE, now);
        } else {
            self.until = self.until.min(now + PROBE);
        }
        asks
    }

    pub(super) fn deadline(&self) -> Millis {
        self.until
    }

    /// What is due, once. A late timer asks rather than give up, but not for ever: where all timers
    /// are slow, as in a page that nobody sees, a dead socket would live on.
    pub(super) fn due(&mut self, now: Millis) -> Option<Beat> {
        let late = now.checked_sub(self.until)? > LATE;
        if self.unanswered > u8::from(late) {
            return Some(Beat::Dead);
        }
        self.ask(if late { PROBE } else { PATIENCE }, now);
        Some(Beat::Ask)
    }

    fn ask(&mut self, patience: Millis, now: Millis) {
        self.unanswered += 1;
        self.until = now + patience;
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Heartbeat, LATE, PATIENCE, PROBE};

    #[test]
    fn silence_is_asked_about_once_and_then_believed() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert_eq!(heartbeat.due(24_999), None);
        assert_eq!(heartbeat.due(25_000), Some(Beat::Ask));
        assert_eq!(heartbeat.due(25_000), None);
        assert_eq!(heartbeat.due(25_000 + PATIENCE), Some(Beat::Dead));
    }

    #[test]
    fn any_frame_is_a_sign_of_life() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert_eq!(heartbeat.due(25_000), Some(Beat::Ask));
        heartbeat.heard(30_000);
        assert_eq!(heartbeat.due(25_000 + PATIENCE), None);
        assert_eq!(heartbeat.deadline(), 55_000);
    }

    #[test]
    fn a_late_timer_asks_again_once_and_soon() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert_eq!(heartbeat.due(25_000), Some(Beat::Ask));
        let late = 25_000 + PATIENCE + LATE + 1;
        assert_eq!(heartbeat.due(late), Some(Beat::Ask));
        assert_eq!(heartbeat.deadline(), late + PROBE);
        assert_eq!(heartbeat.due(late + PROBE + LATE + 1), Some(Beat::Dead));
    }

    #[test]
    fn doubt_asks_once_and_shortens_the_wait_for_an_answer() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert!(heartbeat.doubt(0, 1_000));
        assert!(!heartbeat.doubt(0, 2_000));
        assert_eq!(heartbeat.deadline(), 1_000 + PROBE);
        heartbeat.heard(3_000);
        assert!(!heartbeat.doubt(60_000, 4_000), "a frame came a second ago");
        assert_eq!(heartbeat.deadline(), 28_000);
    }
}
