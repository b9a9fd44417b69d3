//! The derive macros of gatewire. Use them through the `gatewire` crate, which re-exports them.
