//! The gatewire server.

pub mod answers;
pub mod queue;
pub mod store;
