//! What the driver needs of the place it runs in: sockets, timers, a clock, randomness, and somewhere
//! to put a future.
//!
//! A place is a module that has these names; the driver knows nothing else of it. [`web`] is the
//! browser. There is no trait, because a program runs in one place, and what is `Send` differs
//! between them.
//!
//! | name | does |
//! |---|---|
//! | `Socket` | `open(url, protocols, tell)`, `send(text)`, `close(code)`; tells [`SocketEvent`]s until it is dropped |
//! | `Timer` | `start(delay, ring)` rings once, unless it is dropped before |
//! | `now` | milliseconds on a monotonic clock |
//! | `random` | random bytes that nobody can guess |
//! | `spawn` | runs a future to its end |
//! | `complain` | tells the developer of a problem that nobody listens to |

mod web;

use gatewire_core::CloseCode;

pub(crate) use self::web::{Socket, Timer, complain, now, random, spawn};

/// What a socket tells the driver.
#[derive(Debug)]
pub(crate) enum SocketEvent {
    /// It is open.
    Opened,
    /// A text came.
    Text(String),
    /// Something came that is no text.
    Binary,
    /// It ended, or never opened.
    Closed(CloseCode),
}
