//! The gatewire browser client.
