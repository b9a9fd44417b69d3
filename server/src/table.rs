//! The connection table: which connections there are, who they are, which groups they are in.
//!
//! One of the four things a deployment may replace. A single process keeps it in memory: a restart
//! ends every socket, and the rows of sessions that go on come back with those. It is written at
//! connect, join, leave, resume and disconnect, never per message.

use std::net::IpAddr;

use futures_util::future::BoxFuture;
use gatewire::ConnectionId;
use serde::{Deserialize, Serialize};

mod memory;

pub use memory::MemoryTable;

#[cfg(test)]
mod conformance;

/// One row: an open connection, or the last one of a session that waits for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The id of the socket.
    pub id: ConnectionId,
    /// When it opened, in milliseconds since the Unix epoch.
    pub connected_at: u64,
    /// The address it came from.
    pub source_ip: Option<IpAddr>,
    /// The `User-Agent` of its handshake; empty when it sent none.
    pub user_agent: String,
    /// The name the authorizer gave it; empty where nobody asks.
    pub principal: String,
}

/// Keeps the rows and the groups.
pub trait ConnectionTable: Send + Sync + 'static {
    /// Adds a connection. Its id is new.
    fn insert(&self, connection: Connection) -> Tabling<'_, ()>;
    /// Removes a connection, and with it its memberships. Removing twice is no error.
    fn remove(&self, id: ConnectionId) -> Tabling<'_, ()>;
    /// The row, while the connection is open.
    fn get(&self, id: ConnectionId) -> Tabling<'_, Option<Connection>>;
    /// Puts a connection into a group; `false` when the connection is not in the table. Joining
    /// twice is no error.
    fn join<'a>(&'a self, id: ConnectionId, group: &'a str) -> Tabling<'a, bool>;
    /// Takes a connection out of a group. Leaving a group one is not in is no error.
    fn leave<'a>(&'a self, id: ConnectionId, group: &'a str) -> Tabling<'a, ()>;
    /// Moves a connection's memberships to another one and removes it, in one step: at no time is
    /// neither of them a member. The other keeps the groups that it is in already. Nothing changes
    /// when one of them is not in the table.
    fn hand_over(&self, from: ConnectionId, to: ConnectionId) -> Tabling<'_, ()>;
    /// The groups a connection is in, in no particular order.
    fn groups(&self, id: ConnectionId) -> Tabling<'_, Vec<String>>;
    /// Who is in a group, in no particular order.
    fn members<'a>(&'a self, group: &'a str) -> Tabling<'a, Vec<ConnectionId>>;
    /// How many connections there are.
    fn count(&self) -> Tabling<'_, usize>;
}

/// What the calls of a [`ConnectionTable`] return.
pub type Tabling<'a, T> = BoxFuture<'a, Result<T, TableError>>;

/// The table could not be reached or did not take the change.
#[derive(Debug, thiserror::Error)]
#[error("the connection table failed")]
pub struct TableError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
