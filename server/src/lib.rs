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
//! | [`event`] | what a route is run for, and how API Gateway spells it |
//! | [`stage`] | what a gateway is called in events and ARNs |
//! | [`contract`] | whether a client means the same contract |
//! | [`session`] | what is remembered of a client, so that an action sent twice runs once and no event is missed |
//! | `sessions` | all of them, and their way through a restart |
//! | [`expression`] | selection expressions: which route, model, template or response a request takes |
//! | `template` | mapping templates: what an integration is asked, and what its answer becomes |
//! | [`route`] | from a message to the integration that answers it |
//! | `mapping` | what of a request goes into an integration's headers, query and path |
//! | [`integration`] | what answers: handlers, functions, queues |
//! | `lambda` | Lambda functions: hosted through the Runtime API, or called through the Invoke API (feature `serve`) |
//! | [`queue`] | FIFO queues with SQS's rules |
//! | `worker` | takes messages from a queue, runs the handlers, answers the sender |
//! | [`answers`] | what queued actions were answered, kept on disk for a while |
//! | [`store`] | the embedded store under queues, answers and your own tables |
//! | [`table`] | the connection table and its groups |
//! | [`observe`] | what a gateway tells of its work: access log, metrics |
//! | [`trace`] | traces: from a client to the consumer of a queue; to a collector (feature `otel`) |
//! | `posts` | whether events are still taken |
//! | `relay` | from a post to the task that owns the socket |
//! | [`mailbox`] | what waits to be written to one socket |
//! | `departure` | what follows when a connection has ended |
//! | [`management`] | `/@connections` and `/@groups` |
//! | `sigv4` | AWS signatures, verified (feature `serve`) |
//! | `policy` | IAM policy documents (feature `serve`) |
//! | [`drain`] | the end of a process |
//! | `config` | the file of `gatewire serve` (feature `serve`) |
//! | `import` | templates of SAM and CloudFormation as such a file (feature `serve`) |
//! | `app` | `gatewire serve`: a gateway for each stage of that file (feature `serve`) |
//! | `tls` | certificates and the listener that uses them (feature `serve`); by ACME with feature `acme` |

pub mod answers;
#[cfg(feature = "serve")]
pub mod app;
pub mod authorize;
mod clock;
#[cfg(feature = "serve")]
pub mod config;
pub mod connection;
pub mod contract;
mod departure;
pub mod drain;
pub mod event;
pub mod expression;
pub mod gateway;
mod handshake;
#[cfg(feature = "serve")]
mod host;
mod id;
#[cfg(feature = "serve")]
pub mod import;
pub mod integration;
#[cfg(feature = "serve")]
pub mod lambda;
pub mod mailbox;
pub mod management;
#[cfg(feature = "serve")]
pub mod mapping;
mod node;
pub mod observe;
#[cfg(feature = "serve")]
pub mod policy;
mod posts;
pub mod queue;
#[cfg(feature = "serve")]
mod reasons;
mod relay;
pub mod route;
pub mod session;
mod sessions;
#[cfg(feature = "serve")]
pub mod sigv4;
pub mod stage;
pub mod store;
pub mod table;
#[cfg(feature = "serve")]
pub mod template;
#[cfg(feature = "serve")]
pub mod tls;
pub mod trace;
mod worker;

pub use authorize::{Jwt, Origins, Tickets, TokenSource};
pub use connection::Closed;
pub use contract::ContractPolicy;
pub use drain::{OverTcp, serve, serve_all, shutdown_signal};
pub use gateway::{Gateway, Running, StartError};
pub use integration::{Fifo, Forward};
pub use stage::Stage;
pub use store::Store;
