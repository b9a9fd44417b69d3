//! When something is due.

use super::Millis;

/// What there is a time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Timer {
    /// The attempt is over, or the wait for it.
    Attempt,
    /// Go from the line to another socket.
    Leave,
    /// Bring the line another token.
    Refresh,
    /// Measure what the line has buffered.
    Measure,
    /// The line was silent for too long.
    Silence,
}

/// Their times; [`Millis::MAX`] for never.
#[derive(Debug)]
pub(super) struct Timers([Millis; 5]);

const TIMERS: [Timer; 5] =
    [Timer::Attempt, Timer::Leave, Timer::Refresh, Timer::Measure, Timer::Silence];

impl Timers {
    pub(super) const fn new() -> Self {
        Self([Millis::MAX; 5])
    }

    pub(super) fn at(&self, timer: Timer) -> Millis {
        self.0[timer as usize]
    }

    pub(super) fn set(&mut self, timer: Timer, when: Millis) {
        self.0[timer as usize] = when;
    }

    /// Stops what is about the line.
    pub(super) fn stop_line(&mut self) {
        self.0[1..].fill(Millis::MAX);
    }

    pub(super) fn next(&self) -> Millis {
        self.0.iter().fold(Millis::MAX, |next, at| next.min(*at))
    }

    /// One that has rung. It rings again until it is set anew.
    pub(super) fn due(&self, now: Millis) -> Option<Timer> {
        let rung = self.0.iter().position(|at| *at <= now)?;
        TIMERS.get(rung).copied()
    }
}
