//! The relay: the way from a post to the task that owns the socket.
//!
//! One of the four things a deployment may replace. In one process it is a look-up; in a cluster
//! the owning node is part of the connection id, and the relay reaches that node.

use axum::extract::ws::Utf8Bytes;
use futures_util::future::BoxFuture;
use gatewire::{ConnectionId, PostError};

use crate::mailbox::End;

mod local;

pub(crate) use local::LocalRelay;

#[cfg(test)]
mod conformance;

/// Reaches connections wherever they are.
pub(crate) trait Relay: Send + Sync + 'static {
    /// Queues one text for a connection. `Ok` means taken for delivery, not read by the peer.
    fn deliver(&self, id: ConnectionId, text: Utf8Bytes) -> Relaying<'_, ()>;
    /// Queues one text for each of these connections and returns how many took it.
    fn deliver_all<'a>(&'a self, ids: &'a [ConnectionId], text: Utf8Bytes) -> Relaying<'a, usize>;
    /// Ends a connection after what is queued for it.
    fn close(&self, id: ConnectionId, end: End) -> Relaying<'_, ()>;
    /// When the connection last sent or got a frame, in milliseconds since the Unix epoch.
    fn last_active(&self, id: ConnectionId) -> Relaying<'_, u64>;
}

/// What the calls of a [`Relay`] return.
pub(crate) type Relaying<'a, T> = BoxFuture<'a, Result<T, PostError>>;
