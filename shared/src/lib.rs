//! Typed WebSockets from one Rust contract: what client and server agree on.
//!
//! This crate is the only dependency of a contract and of the handlers that answer it. It has no
//! sockets, no clock and no runtime.
//!
//! ```
//! use gatewire::prelude::*;
//!
//! /// What a browser may ask.
//! #[derive(Contract)]
//! #[contract(events = ChatEvent)]
//! pub enum Chat {
//!     /// Post a message to a room.
//!     #[reply(Posted)]
//!     SendMessage(SendMessage),
//! }
//!
//! /// What the chat may tell a browser.
//! #[derive(Events)]
//! pub enum ChatEvent {
//!     /// Somebody wrote.
//!     Message(Message),
//! }
//!
//! #[message] pub struct SendMessage { pub room: String, pub text: String }
//! #[message] pub struct Posted      { pub id: u32 }
//! #[message] pub struct Message     { pub from: String, pub text: String }
//!
//! struct App;
//!
//! impl Handle<SendMessage> for App {
//!     async fn handle(&self, message: SendMessage, cx: Context<Chat>) -> Result<Posted> {
//!         let SendMessage { room, text } = message;
//!         let from = cx.principal().to_owned();
//!         cx.post_to_group(&room, Message { from, text }).await?;
//!         Ok(Posted { id: 1 })
//!     }
//! }
//! ```
//!
//! The tour, in the order a message meets the modules:
//!
//! | module | holds |
//! |---|---|
//! | [`contract`] | [`Contract`], [`Action`], [`Events`], [`EventOf`]: what the derives implement |
//! | [`frame`] | the texts of the subprotocol `gatewire.v1`, and of the plain mode that API Gateway speaks |
//! | [`handle`] | [`Handle`]: what you implement per action; [`ServedBy`]: what the derive makes of it |
//! | [`context`] | [`Context`]: who sent the action, and how to post events back |
//! | [`id`] | [`ConnectionId`] and [`SessionId`] |
//! | [`close`] | [`CloseCode`]: why a socket closed, and whether to come back |
//! | [`error`] | [`Error`]: the one error an action can be answered with |
//! | [`types`] | what JSON has no word for: integers of 64 bits, moments, bytes |
//! | [`limits`] | [`Limits`]: the numbers both ends keep to |
//! | `describe` | what a contract says, as JSON Schema and as TypeScript; with the features `schema` and `export` |
//! | `shape` | the table that both ends check payloads against; with the feature `schema` |

pub mod context;
pub mod contract;
#[cfg(feature = "schema")]
pub mod describe;
pub mod error;
pub mod frame;
pub mod handle;
pub mod id;
mod invalid;
pub mod prelude;
#[cfg(feature = "schema")]
pub mod shape;
pub mod types;

pub use context::{Context, Delivery, Outbox, PostError, Principal, Trace};
pub use contract::{Action, Contract, EventOf, Events};
pub use error::{Error, Result};
#[doc(inline)]
pub use gatewire_core::{CloseCode, Limits, close, limits};
pub use gatewire_derive::{Contract, Described, Events, JsonSchema, message};
pub use handle::{Forwarded, Handle, ServedBy};
pub use id::{ConnectionId, SessionId};
#[cfg(feature = "schema")]
#[doc(no_inline)]
pub use trait_of_schemars::*;

/// The trait that goes with the derive `JsonSchema`. An explicit import comes before a glob, so the
/// derive is gatewire's and only the trait is from here.
#[cfg(feature = "schema")]
mod trait_of_schemars {
    pub use schemars::JsonSchema;
}

/// What the derives name, so that a contract needs no dependency but this crate. Not for people.
#[doc(hidden)]
pub mod __private {
    pub use std::{boxed::Box, prelude::rust_2024 as prelude};

    #[cfg(feature = "export")]
    pub use crate::describe::stage::{tsify, wasm_bindgen};
    pub use gatewire_derive::gone;
    #[cfg(feature = "schema")]
    pub use schemars;
    pub use serde;
    pub use serde_json::value::RawValue;

    /// With what keyword the derive `JsonSchema` tells the schema of an adjacently tagged enum where
    /// the content is. No document has it.
    #[cfg(feature = "schema")]
    pub const CONTENT: &str = "x-gatewire-content";

    /// With what keyword it tells the schema of a field its constraints. No document has it.
    #[cfg(feature = "schema")]
    pub const CONSTRAINTS: &str = "x-gatewire-constraints";

    /// `Some`, where a type of that name is about: a function cannot be taken for one.
    pub fn some<T>(value: T) -> Option<T> {
        Some(value)
    }
}

/// What the derives write for the feature `schema` alone.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($($item:tt)*) => { $($item)* };
}

/// What the derives write for the feature `schema` alone: nothing, without it.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($($item:tt)*) => {};
}

/// The fingerprint of a contract: computed from its schema.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __fingerprint {
    ($name:literal $($exported:literal)?) => {
        fn fingerprint() -> ::core::option::Option<&'static ::core::primitive::str> {
            static FINGERPRINT: $crate::describe::Lazy = $crate::describe::Lazy::new();
            FINGERPRINT.fingerprint::<Self>()
        }
    };
}

/// The fingerprint of a contract: the exported one, without the feature `schema`.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __fingerprint {
    ($name:literal) => {};
    ($name:literal $exported:literal) => {
        fn fingerprint() -> ::core::option::Option<&'static ::core::primitive::str> {
            // Tells cargo to compile this again when the file has changed.
            const _: &::core::primitive::str = ::core::include_str!(::core::concat!(
                ::core::env!("CARGO_MANIFEST_DIR"),
                "/",
                $name,
                ".js"
            ));
            ::core::option::Option::Some($exported)
        }
    };
}

/// What the derives write for the feature `export` alone.
#[cfg(feature = "export")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($($item:tt)*) => { $($item)* };
}

/// What the derives write for the feature `export` alone: nothing, without it.
#[cfg(not(feature = "export"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($($item:tt)*) => {};
}

/// How TypeScript refers to a type: what the derives write for the feature `export`.
#[cfg(feature = "export")]
#[doc(hidden)]
#[macro_export]
macro_rules! __reference {
    ($reference:expr) => {
        $reference
    };
}

/// How TypeScript refers to a type: nothing, without the feature `export`.
#[cfg(not(feature = "export"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __reference {
    ($reference:expr) => {
        ""
    };
}
