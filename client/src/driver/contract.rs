//! The contract that this client speaks, and what the server says of it.

use gatewire::frame::Verdict;

use crate::{
    Listener,
    listeners::{Listeners, contain},
    sharing::{Lock, MaybeSync, Shared},
};

/// What hello tells, and what the last welcome told.
pub(crate) struct Contract {
    fingerprint: Option<&'static str>,
    /// Also decides who is told of a change: those who listened before it. It comes before the list.
    verdict: Lock<Option<Verdict>>,
    listeners: Shared<Listeners<()>>,
}

impl Contract {
    pub(super) fn new(fingerprint: Option<&'static str>) -> Self {
        Self { fingerprint, verdict: Lock::default(), listeners: Shared::default() }
    }

    pub(super) fn fingerprint(&self) -> Option<&str> {
        self.fingerprint
    }

    pub(crate) fn verdict(&self) -> Option<Verdict> {
        *self.verdict.lock()
    }

    /// Listens to the server having another contract; told at once when it is so already.
    pub(crate) fn on_changed(&self, listener: impl Fn() + MaybeSync + 'static) -> Listener {
        let listener = Shared::new(listener);
        let called = Shared::clone(&listener);
        let (already, end) = {
            let verdict = self.verdict.lock();
            (*verdict == Some(Verdict::Differs), self.listeners.add(move |()| called()))
        };
        if already {
            contain(|| listener());
        }
        end
    }

    /// Each welcome says it again; told is the change, here by the returned function.
    pub(super) fn judge(&self, verdict: Option<Verdict>) -> Option<impl FnOnce()> {
        let mut known = self.verdict.lock();
        let before = std::mem::replace(&mut *known, verdict);
        let changed = verdict == Some(Verdict::Differs) && before != verdict;
        changed.then(|| self.listeners.caller(&()))
    }
}
