//! Everything a contract or a handler names, in one `use`.

pub use crate::{Action, Context, Contract, Error, EventOf, Events, Handle, Result, message};
