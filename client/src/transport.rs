//! What the driver needs of the place it runs in: sockets, timers, a clock, randomness, and somewhere
//! to put a future.
//!
//! A place is a module that has these names; the driver knows nothing else of it. `web` is the browser,
//! `native` a program on tokio. There is no trait, because a program runs in one place, and what is
//! `Send` differs between them.
//!
//! | name | does |
//! |---|---|
//! | `Trust` | whom to trust beside those the place trusts anyway |
//! | `Place` | `here(trust)`: where the caller is; the rest of a session happens there |
//! | `Place::open(dial, tell)` | begins to open a `Socket`, which tells [`SocketEvent`]s until it is dropped |
//! | `Socket` | `send(text)`, `buffered()`, `close(code)` |
//! | `Place::watch(tell)` | a `Watch`, which tells of the page's [`Life`](crate::driver::Life) until it is dropped |
//! | `Place::ring_in(delay, ring)` | a `Timer` that rings once, unless it is dropped before |
//! | `Place::now` | milliseconds on a monotonic clock |
//! | `Place::spawn` | runs a future to its end |
//! | `attempt` | what a future of the application gives, even if that is a panic |
//! | `unix_now` | milliseconds since the Unix epoch, on the clock on the wall |
//! | `random` | random bytes that nobody can guess |
//! | `complain` | tells the developer of a problem that nobody listens to |

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

use gatewire_core::CloseCode;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::native::{
    Place, Socket, Timer, Trust, Watch, attempt, complain, random, unix_now,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use self::web::{
    Place, Socket, Timer, Trust, Watch, attempt, complain, random, unix_now,
};

/// Where a socket goes, and what it says on the way. Without `Debug`: it holds the token.
#[derive(Default)]
pub(crate) struct Dial {
    pub(crate) url: String,
    pub(crate) protocols: Vec<String>,
    /// For the header `Authorization`, where a header can be set.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) bearer: Option<String>,
}

/// What a socket tells the driver.
#[derive(Debug)]
pub(crate) enum SocketEvent {
    /// It is open.
    Opened,
    /// A text came.
    Text(String),
    /// Something came that is no text.
    Binary,
    /// It will not open, because the two ends do not agree on TLS, for this reason.
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "a browser tells a page nothing")
    )]
    Untrusted(String),
    /// It ended, or never opened.
    Closed(CloseCode),
}
