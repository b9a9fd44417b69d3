//! What JSON has no word for, in the form that both ends have agreed on.
//!
//! The browser gives a listener the object that `JSON.parse` made, so TypeScript has the types that
//! are in it: a 64-bit integer is a string there (`` `${bigint}` ``), and `BigInt(it)` reads it.

mod bytes;
mod integer;
mod timestamp;

pub use bytes::Bytes;
pub use integer::{Int64, Uint64};
pub use timestamp::Timestamp;
