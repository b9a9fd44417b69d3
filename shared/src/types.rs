//! What JSON has no word for, in the form that both ends have agreed on.
//!
//! The browser gives a listener the object that `JSON.parse` made, so TypeScript has the types that
//! are in it. Integers of 64 bits alone are others there: digits in a string on the wire, which the
//! client writes from a `bigint` and makes one of.

mod bytes;
mod integer;
mod timestamp;

pub use bytes::Bytes;
pub use integer::{Int64, Uint64};
pub use timestamp::Timestamp;
