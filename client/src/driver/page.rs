//! What the place tells of sleep and network.

use gatewire::frame::to_server;

use super::Driver;
use crate::session::{Input, Millis, State};

/// By how many milliseconds the clock on the wall must get ahead of the timers' for the machine to have
/// slept. Ours: more than a clock is put right by at once, less than anybody's nap.
const SLEPT: i64 = 5_000;

/// What happened to the page.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "only a page has such a life"))]
pub(crate) enum Life {
    /// It is back, or the network is.
    Back,
    /// The network is gone.
    Offline,
    /// It stands still until it is back.
    Asleep,
    /// It goes for good.
    Gone,
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
    /// Hears of the page until the session is closed.
    pub(super) fn watch(&self) {
        let me = self.me.clone();
        let watch = self.place.watch(move |life| {
            if let Some(driver) = me.upgrade() {
                driver.live(life);
            }
        });
        *self.watch.lock() = Some(watch);
    }

    fn live(&self, life: Life) {
        match life {
            Life::Back => self.tell(Input::Wake),
            Life::Offline => self.tell(Input::Doubt),
            Life::Asleep => self.tell(Input::Suspend),
            Life::Gone => self.leave(),
        }
    }

    /// A session that the next page goes on with says what this one has seen.
    fn leave(&self) {
        if self.options.key.is_none() {
            return self.close();
        }
        let core = self.core.lock();
        if let (State::Open, Some(seen)) = (core.state, core.machine.seen()) {
            core.say(to_server::ping(1, seen));
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
