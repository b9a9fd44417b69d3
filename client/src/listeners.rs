//! Who listens, and what ends that.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    rc::{Rc, Weak},
};

type Call<T> = Rc<dyn Fn(&T)>;

/// Those who listen to one thing, in the order they came.
pub(crate) struct Listeners<T: ?Sized> {
    list: RefCell<BTreeMap<u64, Call<T>>>,
    /// The number of the next one.
    next: Cell<u64>,
}

impl<T: ?Sized + 'static> Listeners<T> {
    pub(crate) fn add(self: &Rc<Self>, listener: impl Fn(&T) + 'static) -> Listener {
        let number = self.next.get();
        self.next.set(number + 1);
        self.list.borrow_mut().insert(number, Rc::new(listener));
        let listeners = Rc::downgrade(self);
        Listener { end: Some(Box::new(move || remove(&listeners, number))) }
    }

    /// Calls those who listen now. A listener may come and go meanwhile: who has gone is not called.
    pub(crate) fn call(&self, value: &T) {
        let numbers: Vec<u64> = self.list.borrow().keys().copied().collect();
        for number in numbers {
            let listener = self.list.borrow().get(&number).cloned();
            if let Some(listener) = listener {
                listener(value);
            }
        }
    }
}

impl<T: ?Sized> Default for Listeners<T> {
    fn default() -> Self {
        Self { list: RefCell::default(), next: Cell::default() }
    }
}

/// Somebody listens for as long as this lives.
#[must_use = "dropping it ends the listening; keep it, or `forget` it"]
pub struct Listener {
    end: Option<Box<dyn FnOnce()>>,
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

fn remove<T: ?Sized>(listeners: &Weak<Listeners<T>>, number: u64) {
    let Some(listeners) = listeners.upgrade() else { return };
    let removed = listeners.list.borrow_mut().remove(&number);
    // With it goes what it holds, which may be a listener that removes itself here: the list is free.
    drop(removed);
}
