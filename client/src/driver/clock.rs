//! The one timer of a session, and whether the machine has slept.

use super::{Core, Driver};
use crate::{
    session::{Input, Millis},
    transport::{self, Timer},
};

/// By how many milliseconds the clock on the wall must get ahead of the timers' for the machine to have
/// slept. Ours: more than a clock is put right by at once, less than anybody's nap.
const SLEPT: i64 = 5_000;

/// The one timer.
pub(super) struct Alarm {
    at: Millis,
    _timer: Timer,
}

/// Two clocks side by side: that of the timers may stand still while the machine sleeps.
#[derive(Debug)]
pub(super) struct Clock {
    /// How far the one on the wall was ahead.
    ahead: i64,
}

impl Clock {
    pub(super) fn new(now: Millis, unix_now: Millis) -> Self {
        Self { ahead: ahead(now, unix_now) }
    }

    /// Whether the machine has slept since this was asked last.
    pub(super) fn slept(&mut self, now: Millis, unix_now: Millis) -> bool {
        let before = std::mem::replace(&mut self.ahead, ahead(now, unix_now));
        self.ahead - before > SLEPT
    }
}

fn ahead(now: Millis, unix_now: Millis) -> i64 {
    unix_now.cast_signed().saturating_sub(now.cast_signed())
}

impl Driver {
    /// An early timer is left alone: it ticks, finds nothing due and arms the next.
    pub(super) fn arm(&self, core: &mut Core) {
        let Some(at) = core.machine.deadline() else {
            core.alarm = None;
            return;
        };
        if core.alarm.as_ref().is_some_and(|alarm| alarm.at <= at) {
            return;
        }
        let me = self.me.clone();
        let ring = move || {
            if let Some(driver) = me.upgrade() {
                driver.tick();
            }
        };
        let timer = self.place.ring_in(at.saturating_sub(self.place.now()), ring);
        core.alarm = Some(Alarm { at, _timer: timer });
    }

    fn tick(&self) {
        self.core.lock().alarm = None;
        self.tell(Input::Tick);
    }

    /// Whatever happens first after a sleep says that there was one.
    pub(super) fn look_at_the_clock(&self, core: &mut Core) {
        let now = self.place.now();
        if core.clock.slept(now, transport::unix_now()) {
            core.machine.handle(Input::Wake, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn a_clock_that_jumps_ahead_tells_of_sleep_once() {
        let mut clock = Clock::new(100, 1_000_000);
        assert!(!clock.slept(25_100, 1_025_100));
        assert!(!clock.slept(25_200, 1_029_000), "it was put right");
        assert!(clock.slept(25_300, 1_600_000));
        assert!(!clock.slept(25_400, 1_600_100));
        assert!(!clock.slept(25_500, 1_000), "it was put back");
    }
}
