//! Typed WebSockets from one Rust contract: what client and server agree on.
//!
//! This crate is the only dependency of a contract and of the handlers that answer it. It has no
//! sockets, no clock and no runtime. The tour, in the order a message meets the modules:
//!
//! | module | holds |
//! |---|---|
//! | [`contract`] | [`Contract`], [`Action`], [`EventOf`]: what the derives implement |
//! | [`frame`] | the texts of the subprotocol `gatewire.v1`, and of the plain mode that API Gateway speaks |
//! | [`handle`] | [`Handle`]: what you implement per action; [`ServedBy`]: what the derive makes of it |
//! | [`context`] | [`Context`]: who sent the action, and how to post events back |
//! | [`id`] | [`ConnectionId`] and [`SessionId`] |
//! | [`close`] | [`CloseCode`]: why a socket closed, and whether to come back |
//! | [`error`] | [`Error`]: the one error an action can be answered with |
//! | [`limits`] | [`Limits`]: the numbers both ends keep to |

pub mod context;
pub mod contract;
pub mod error;
pub mod frame;
pub mod handle;
pub mod id;
pub mod prelude;

pub use context::{Context, Delivery, Outbox, PostError, Principal};
pub use contract::{Action, Contract, EventOf};
pub use error::{Error, Result};
#[doc(inline)]
pub use gatewire_core::{CloseCode, Limits, close, limits};
pub use handle::{Handle, ServedBy};
pub use id::{ConnectionId, SessionId};
