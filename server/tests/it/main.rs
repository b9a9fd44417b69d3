//! The gateway from outside: over real sockets, by a WebSocket client that is not ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

#[cfg(all(feature = "serve", target_os = "linux"))]
mod app;
#[cfg(feature = "serve")]
mod backend;
mod contract;
mod drain;
mod handshake;
mod http;
#[cfg(all(feature = "serve", target_os = "linux"))]
mod lambda;
mod lifetime;
mod management;
mod numbers;
#[cfg(all(feature = "serve", target_os = "linux"))]
mod observe;
mod outcomes;
mod queue;
mod resume;
#[cfg(feature = "serve")]
mod served;
mod session;
#[cfg(feature = "serve")]
mod signed;
mod support;
mod ticket;
#[cfg(feature = "serve")]
mod tls;
mod token;
#[cfg(feature = "otel")]
mod traces;
mod wire;
