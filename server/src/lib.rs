//! The gatewire server.
