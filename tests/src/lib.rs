//! Tests of client and server together. Those in Rust are in `tests/`, those in a browser in
//! `e2e/`; there is nothing to use here.
