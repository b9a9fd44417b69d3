//! Close codes and limits: what even the smallest client build shares with the server.
//!
//! The client of the npm package is a few kilobytes because it has neither the standard library nor
//! serde, so what it shares lives here without them. Everyone else takes the crate `gatewire`, which
//! has all of this under the same names.

#![no_std]

pub mod close;
pub mod limits;

pub use close::CloseCode;
pub use limits::Limits;
