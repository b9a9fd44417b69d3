//! Whether the peer is still there.
//!
//! TCP tells nobody that a cable was pulled, and browsers hide the protocol's own pings, so silence is
//! answered with a ping frame, and silence after that with a new socket.

use super::Millis;

/// How long to wait for any frame after a ping, in milliseconds. Ours: several round trips over a bad
/// mobile network.
pub const PATIENCE: Millis = 10_000;

/// The shortest silence worth a ping, in milliseconds, whatever a server asks for.
pub const SHORTEST: Millis = 1_000;

/// The watch over one open socket.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// After how much silence to ask; the server's figure.
    interval: Millis,
    watch: Watch,
}

#[derive(Debug)]
enum Watch {
    /// A frame came; ask at this moment unless another comes.
    Listening { until: Millis },
    /// Asked; without a frame by this moment the socket is dead.
    Probing { until: Millis },
}

/// What the silence calls for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Ask whether the peer is there.
    Ping,
    /// The peer is not there.
    Dead,
}

impl Heartbeat {
    pub(super) fn new(interval: Millis, now: Millis) -> Self {
        let interval = interval.max(SHORTEST);
        let watch = Watch::Listening { until: now.saturating_add(interval) };
        Self { interval, watch }
    }

    /// A frame came.
    pub(super) fn heard(&mut self, now: Millis) {
        self.watch = Watch::Listening { until: now.saturating_add(self.interval) };
    }

    /// Silence has become suspicious for another reason than its length: ask now.
    pub(super) fn suspect(&mut self, now: Millis) {
        if let Watch::Listening { until } = &mut self.watch {
            *until = now;
        }
    }

    pub(super) fn deadline(&self) -> Millis {
        match self.watch {
            Watch::Listening { until } | Watch::Probing { until } => until,
        }
    }

    /// What is due, once.
    pub(super) fn due(&mut self, now: Millis) -> Option<Beat> {
        if now < self.deadline() {
            return None;
        }
        match self.watch {
            Watch::Listening { .. } => {
                self.watch = Watch::Probing { until: now + PATIENCE };
                Some(Beat::Ping)
            }
            Watch::Probing { .. } => Some(Beat::Dead),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Heartbeat, PATIENCE};

    #[test]
    fn silence_is_asked_about_once_and_then_believed() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert_eq!(heartbeat.due(24_999), None);
        assert_eq!(heartbeat.due(25_000), Some(Beat::Ping));
        assert_eq!(heartbeat.due(25_000), None);
        assert_eq!(heartbeat.due(25_000 + PATIENCE), Some(Beat::Dead));
    }

    #[test]
    fn any_frame_is_a_sign_of_life() {
        let mut heartbeat = Heartbeat::new(25_000, 0);
        assert_eq!(heartbeat.due(25_000), Some(Beat::Ping));
        heartbeat.heard(30_000);
        assert_eq!(heartbeat.due(25_000 + PATIENCE), None);
        assert_eq!(heartbeat.deadline(), 55_000);
    }
}
