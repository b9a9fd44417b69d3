//! The gatewire client: one state machine, thin drivers around it.
//!
//! | module | holds |
//! |---|---|
//! | [`session`] | [`Session`]: what to do, and when, over any number of sockets; no I/O |
//! | `js` | the edge to the TypeScript shell of the npm package; with the feature `js` |
//! | `client` | `connect` and `Client`: the Rust API; with the feature `web` |
//! | `driver` | what does the session's bidding for that API |
//! | `transport` | what the driver needs of the place it runs in: the browser |
//!
//! With the feature `js` alone this is the module inside the npm package, which is a few kilobytes
//! because it has no standard library. With the feature `web` it is a library for applications in
//! Rust.

#![cfg_attr(all(feature = "js", target_arch = "wasm32"), no_std)]

extern crate alloc;

#[cfg(all(feature = "js", feature = "web", target_arch = "wasm32"))]
compile_error!("the feature `js` is the npm package's module, which has no place for `web`");

#[cfg(feature = "web")]
mod client;
#[cfg(feature = "web")]
mod driver;
#[cfg(feature = "web")]
mod error;
#[cfg(feature = "js")]
pub mod js;
#[cfg(feature = "web")]
mod listeners;
#[cfg(feature = "web")]
mod options;
pub mod session;
#[cfg(feature = "web")]
mod transport;

#[cfg(feature = "web")]
pub use self::{
    client::{Client, Reply, StateChange, connect},
    error::{Error, Problem},
    listeners::Listener,
    options::{Options, TokenError},
    session::State,
};
pub use session::Session;
