//! How long to wait before another process is started, after processes have died.

use std::time::{Duration, Instant};

use super::Failure;

/// The pause after the first death, doubled by each further one. Ours.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause: how long somebody who mends a broken function waits at most. Ours.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// After so many starts in a row that failed, invocations do not wait for another one. Ours.
const PATIENCE: u32 = 3;

/// What the recent processes of a function came to.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Processes that died since one last answered.
    deaths: u32,
    /// Starts that failed since one last succeeded, and why the last of them did.
    failed_starts: u32,
    last: Option<Failure>,
    resume: Option<Instant>,
}

impl Health {
    pub(super) fn died(&mut self, now: Instant) {
        let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(self.deaths).unwrap_or(u32::MAX));
        self.resume = Some(now + pause.min(LONGEST_PAUSE));
        self.deaths = self.deaths.saturating_add(1);
    }

    pub(super) fn start_failed(&mut self, failure: Failure, now: Instant) {
        self.died(now);
        self.failed_starts = self.failed_starts.saturating_add(1);
        self.last = Some(failure);
    }

    pub(super) fn started(&mut self) {
        self.failed_starts = 0;
        self.last = None;
    }

    pub(super) fn answered(&mut self) {
        self.deaths = 0;
        self.resume = None;
    }

    /// When a process may be started again, if not at once.
    pub(super) fn paused(&self, now: Instant) -> Option<Instant> {
        self.resume.filter(|resume| *resume > now)
    }

    /// Whether starts are tried one at a time.
    pub(super) fn doubtful(&self) -> bool {
        self.deaths > 0
    }

    /// Why the function does not start, when it has not for a while.
    pub(super) fn broken(&self) -> Option<&Failure> {
        self.last.as_ref().filter(|_| self.failed_starts >= PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_limit_and_an_answer_ends_it() {
        let now = Instant::now();
        let mut health = Health::default();
        assert_eq!(health.paused(now), None);
        let pauses: Vec<u128> = (0..40)
            .map(|_| {
                health.died(now);
                health.paused(now).map_or(0, |resume| (resume - now).as_millis())
            })
            .collect();
        assert_eq!(pauses[..8], [100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
        assert!(pauses[8..].iter().all(|pause| *pause == 10_000));
        health.answered();
        assert!(health.paused(now).is_none() && !health.doubtful());
        health.died(now);
        assert_eq!(health.paused(now), Some(now + FIRST_PAUSE));
        assert_eq!(health.paused(now + FIRST_PAUSE), None);
    }
}
