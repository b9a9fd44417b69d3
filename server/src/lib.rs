//! The gatewire server: typed WebSocket handlers inside your own Axum app, with what API Gateway
//! puts around them.
//!
//! A [`Gateway`] says what answers which route; [`start`](Gateway::start) makes it [`Running`],
//! whose [`router`](Running::router) is merged into an app and served with [`serve`]. The tour, in
//! the order a message meets the modules:
//!
//! | module | does |
//! |---|---|
//! | [`gateway`] | the builder, and the running gateway |
//! | `handshake` | a request becomes an open connection: authorizer, `$connect`, 101 |
//! | [`authorize`] | who is at the other end: tokens, their places, one-time tickets |
//! | [`connection`] | one task per socket: read, route, write |
//! | [`contract`] | whether a client means the same contract |
//! | [`session`] | what is remembered of a client, so that an action sent twice runs once and no event is missed |
//! | `sessions` | all of them, and their way through a restart |
//! | [`expression`] | selection expressions: which route a plain message takes |
//! | [`route`] | from a message to the integration that answers it |
//! | [`integration`] | what answers: handlers, functions, queues |
//! | [`queue`] | FIFO queues with SQS's rules |
//! | `worker` | takes messages from a queue, runs the handlers, answers the sender |
//! | [`answers`] | what queued actions were answered, kept on disk for a while |
//! | [`store`] | the embedded store under queues, answers and your own tables |
//! | [`table`] | the connection table and its groups |
//! | `posts` | whether events are still taken |
//! | `relay` | from a post to the task that owns the socket |
//! | [`mailbox`] | what waits to be written to one socket |
//! | `departure` | what follows when a connection has ended |
//! | `management` | `/@connections` |
//! | [`drain`] | the end of a process |
//!
//! With the feature `serve`:
//!
//! | module | does |
//! |---|---|
//! | `domain` | which stage a host and a path mean |
//! | `tls` | certificates and the listener that uses them |

pub mod answers;
pub mod authorize;
mod clock;
pub mod connection;
pub mod contract;
mod departure;
#[cfg(feature = "serve")]
pub mod domain;
pub mod drain;
pub mod expression;
pub mod gateway;
mod handshake;
mod id;
pub mod integration;
pub mod mailbox;
mod management;
mod node;
mod posts;
pub mod queue;
mod relay;
pub mod route;
pub mod session;
mod sessions;
pub mod store;
pub mod table;
#[cfg(feature = "serve")]
pub mod tls;
mod worker;

pub use authorize::{Jwt, Origins, Tickets, TokenSource};
pub use connection::Closed;
pub use contract::ContractPolicy;
pub use drain::{OverTcp, serve, shutdown_signal};
pub use gateway::{Gateway, Running, StartError};
pub use integration::{Fifo, Forward};
pub use store::Store;
