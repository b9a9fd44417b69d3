//! The gatewire client: one state machine, thin drivers around it.
//!
//! | module | holds |
//! |---|---|
//! | [`session`] | [`Session`]: what to do, and when, over any number of sockets; no I/O |
//!
//! With the feature `js` alone this is the module inside the npm package, which is a few kilobytes
//! because it has no standard library.

#![cfg_attr(all(feature = "js", target_arch = "wasm32"), no_std)]

extern crate alloc;

#[cfg(feature = "js")]
pub mod js;
pub mod session;

pub use session::Session;
