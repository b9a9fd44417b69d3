//! The texts on the wire.
//!
//! [`to_server`] reads what a client of the subprotocol [`SUBPROTOCOL`] sends, [`to_client`] writes
//! and reads what it gets. [`plain`] is the mode without a subprotocol, which API Gateway speaks.

pub mod plain;
pub mod to_client;
pub mod to_server;

pub use to_client::{
    Accepted, GoAway, GoAwayReason, ServerFrame, TokenTaken, Verdict, Welcome, accepted, answer,
    error, event, reply,
};
pub use to_server::{ClientFrame, Hello};

/// The subprotocol that a gatewire client asks for in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "gatewire.v1";

/// Before a token that travels as an entry of `Sec-WebSocket-Protocol`, where no log keeps it.
pub const TOKEN_SUBPROTOCOL: &str = "gatewire.token.";
