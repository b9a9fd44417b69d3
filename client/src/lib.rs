//! The gatewire client: one state machine, thin drivers around it.
//!
//! | module | holds |
//! |---|---|
//! | [`session`] | [`Session`]: what to do, and when, over any number of sockets; no I/O |

pub mod session;

pub use session::Session;
