//! Who listens, and what ends that.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::sharing::{Call, End, Lock, MaybeSync, Shared, Weak};

/// Those who listen to one thing, in the order they came.
pub(crate) struct Listeners<T: ?Sized> {
    list: Lock<List<T>>,
}

struct List<T: ?Sized> {
    calls: BTreeMap<u64, Shared<Call<T>>>,
    /// The number of the next one.
    next: u64,
}

impl<T: ?Sized + 'static> Listeners<T> {
    pub(crate) fn add(
        self: &Shared<Self>,
        listener: impl Fn(&T) + MaybeSync + 'static,
    ) -> Listener {
        let number = {
            let mut list = self.list.lock();
            let number = list.next;
            list.next += 1;
            list.calls.insert(number, Shared::new(listener));
            number
        };
        let listeners = Shared::downgrade(self);
        Listener { end: Some(Box::new(move || remove(&listeners, number))) }
    }

    /// Calls those who listen now. A listener may come and go meanwhile: who has gone is not called.
    pub(crate) fn call(&self, value: &T) {
        self.caller(value)();
    }

    /// Calls, later, those who listen now.
    pub(crate) fn caller<'a>(&'a self, value: &'a T) -> impl FnOnce() + use<'a, T> {
        let numbers: Vec<u64> = self.list.lock().calls.keys().copied().collect();
        move || {
            for number in numbers {
                let listener = self.list.lock().calls.get(&number).cloned();
                if let Some(listener) = listener {
                    contain(|| listener(value));
                }
            }
        }
    }
}

impl<T: ?Sized> Default for Listeners<T> {
    fn default() -> Self {
        Self { list: Lock::new(List { calls: BTreeMap::new(), next: 0 }) }
    }
}

/// Somebody listens for as long as this lives.
#[must_use = "dropping it ends the listening; keep it, or `forget` it"]
pub struct Listener {
    end: Option<Box<End>>,
}

impl Listener {
    /// Listens until the session is gone.
    pub fn forget(mut self) {
        self.end = None;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Calls what the application listens with. Should it panic, the panic hook tells of it, and the session
/// goes on: one listener's mistake is not the end of the others.
pub(crate) fn contain(call: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(call));
}

fn remove<T: ?Sized>(listeners: &Weak<Listeners<T>>, number: u64) {
    let Some(listeners) = listeners.upgrade() else { return };
    let removed = listeners.list.lock().calls.remove(&number);
    // With it goes what it holds, which may be a listener that removes itself here: the list is free.
    drop(removed);
}
