//! The gatewire client: one state machine, thin drivers around it.
//!
//! | module | holds |
//! |---|---|
//! | [`session`] | [`Session`]: what to do, and when, over any number of sockets; no I/O |
//! | `js` | the edge to the TypeScript shell of the npm package; with the feature `js` |
//! | `client` | `connect` and `Client`: the Rust API; with the feature `web` or `native` |
//! | `sent` | `Sent`: an action on its way |
//! | `driver` | what does the session's bidding for that API |
//! | `transport` | what the driver needs of the place it runs in: the browser, or tokio |
//! | `sharing` | what may go to other threads: nothing in a browser, natively everything |
//!
//! With the feature `js` alone this is the module inside the npm package, which is a few kilobytes
//! because it has no standard library. For applications in Rust it is a library, with one API for
//! two places; a crate that is compiled for both names both features:
//! - `web`, for wasm32: applications in a browser (Leptos, Yew, Dioxus), on one thread;
//! - `native`, for anything else: programs on tokio. `Client` is `Send + Sync`, futures are `Send`,
//!   and so what listens must be both. A session runs on the tokio runtime in which it was made, of
//!   either flavour, with I/O and time enabled. Listeners are called there, one event after the other,
//!   or by whoever causes what they listen to; nothing is read from the socket meanwhile, so they should
//!   not block. `wss://` is the feature `tls`, which is on by default: rustls with aws-lc-rs, and the
//!   platform's root certificates.

#![cfg_attr(all(feature = "js", target_arch = "wasm32"), no_std)]

extern crate alloc;

#[cfg(all(feature = "js", feature = "web", target_arch = "wasm32"))]
compile_error!("the feature `js` is the npm package's module, which has no place for `web`");
#[cfg(all(feature = "web", not(feature = "native"), not(target_arch = "wasm32")))]
compile_error!("the feature `web` is for wasm32; elsewhere the Rust API is the feature `native`");
#[cfg(all(feature = "native", not(feature = "web"), target_arch = "wasm32"))]
compile_error!("the feature `native` is not for wasm32; there the Rust API is the feature `web`");

#[cfg(any(feature = "native", feature = "web"))]
mod client;
#[cfg(any(feature = "native", feature = "web"))]
mod driver;
#[cfg(any(feature = "native", feature = "web"))]
mod error;
#[cfg(feature = "js")]
pub mod js;
#[cfg(any(feature = "native", feature = "web"))]
mod listeners;
#[cfg(any(feature = "native", feature = "web"))]
mod options;
#[cfg(any(feature = "native", feature = "web"))]
mod sent;
pub mod session;
#[cfg(any(feature = "native", feature = "web"))]
mod sharing;
#[cfg(any(feature = "native", feature = "web"))]
mod transport;

#[cfg(any(feature = "native", feature = "web"))]
pub use self::{
    client::{Client, StateChange, connect},
    error::{Error, Problem},
    listeners::Listener,
    options::{Options, SendOptions, TokenBy},
    sent::{Sent, SentState},
    session::{Overflow, Protocol, State},
    sharing::TokenError,
};
#[cfg(any(feature = "native", feature = "web"))]
#[doc(no_inline)]
pub use gatewire::frame::{Accepted, Verdict};
pub use session::Session;
