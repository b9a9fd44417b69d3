//! What the place tells of sleep and network.

use gatewire::frame::to_server;

use super::Driver;
use crate::session::{Input, State};

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
