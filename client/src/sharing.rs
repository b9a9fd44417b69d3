//! How handles, callbacks and the driver share what they share. In a browser everything happens on one
//! thread and none of it can leave; natively handles go to any thread, and callbacks come on any.
//!
//! This is the one file that says so twice. The rest of the crate is written once, for both.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::any_thread::*;
#[cfg(target_arch = "wasm32")]
pub(crate) use self::one_thread::*;

/// What fetching a token may fail with: any error, natively one that is `Send + Sync`.
pub type TokenError = Box<AnyError>;

/// What a token comes from.
pub(crate) type Fetching = std::pin::Pin<Box<FetchingToken>>;

#[cfg(target_arch = "wasm32")]
mod one_thread {
    use std::cell::{RefCell, RefMut};
    pub(crate) use std::rc::{Rc as Shared, Weak};

    use super::{Fetching, TokenError};

    /// Everything: there is one thread.
    pub trait MaybeSend {}
    impl<T> MaybeSend for T {}

    /// Everything: there is one thread.
    pub trait MaybeSync {}
    impl<T> MaybeSync for T {}

    /// Nothing to wait for: what one callback does is done before the next.
    #[derive(Debug, Default)]
    pub(crate) struct Turns(());

    impl Turns {
        pub(crate) fn take(&self) -> &() {
            &self.0
        }
    }

    pub(crate) type AnyError = dyn std::error::Error;
    pub(crate) type Call<T> = dyn Fn(&T);
    pub(crate) type End = dyn FnOnce();
    pub(crate) type Fetch = dyn Fn() -> Fetching;
    pub(crate) type FetchingToken = dyn Future<Output = Result<String, TokenError>>;

    /// What several may change. Nobody holds it while code of the application runs.
    #[derive(Debug, Default)]
    pub(crate) struct Lock<T>(RefCell<T>);

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(RefCell::new(value))
        }

        pub(crate) fn lock(&self) -> RefMut<'_, T> {
            self.0.borrow_mut()
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod any_thread {
    pub(crate) use std::sync::{Arc as Shared, Weak};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{Fetching, TokenError};

    /// What goes to another thread.
    pub trait MaybeSend: Send {}
    impl<T: Send> MaybeSend for T {}

    /// What is called on any thread.
    pub trait MaybeSync: Send + Sync {}
    impl<T: Send + Sync> MaybeSync for T {}

    /// One thread after the other, each for as long as it has what [`Turns::take`] gives. Code of the
    /// application runs meanwhile, so it must never come here again.
    #[derive(Debug, Default)]
    pub(crate) struct Turns(Mutex<()>);

    impl Turns {
        pub(crate) fn take(&self) -> MutexGuard<'_, ()> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    pub(crate) type AnyError = dyn std::error::Error + Send + Sync;
    pub(crate) type Call<T> = dyn Fn(&T) + Send + Sync;
    pub(crate) type End = dyn FnOnce() + Send + Sync;
    pub(crate) type Fetch = dyn Fn() -> Fetching + Send + Sync;
    pub(crate) type FetchingToken = dyn Future<Output = Result<String, TokenError>> + Send;

    /// What several may change. Nobody holds it while code of the application runs.
    #[derive(Debug, Default)]
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// A lock is held for a few lines of ours, which leave nothing half done.
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
