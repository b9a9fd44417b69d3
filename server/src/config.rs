//! The configuration file of `gatewire serve`: plain values, and the reader that makes them of a file.
//!
//! Every key is documented for operators in `docs/configuration.md`; a test holds that page and this
//! module together.

mod api;
mod functions;
mod integrations;
mod located;
mod management;
mod metrics;
mod queues;
mod routes;
mod secret;
mod server;
mod stages;

use std::collections::BTreeMap;

pub use api::{Api, NullResponse};
pub use functions::Function;
pub use integrations::{
    Credentials, Http, Integration, Invoke, Lambda, Mapping, MissingGroup, Mock, Passthrough,
    Queueing, ResponseMapping,
};
pub use located::{Located, Place};
pub use management::{Access, Credential, Management};
pub use metrics::Metrics;
pub use queues::{Delivery, Queue};
pub use routes::{Models, Order, ParameterSource, RequestParameter, Route};
pub use secret::Secret;
pub use server::{Server, Tls};
pub use stages::{AccessLog, AccessLogFormat, Stage};

/// A configuration file whose every key is right.
///
/// Names refer to one another (a route to its integration, an integration to its function): all of
/// them exist. Paths are resolved against the file's folder.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[api]`
    pub api: Api,
    /// `[stages.NAME]`: at least one. All have the same routes and integrations.
    pub stages: BTreeMap<String, Stage>,
    /// `[routes.KEY]`
    pub routes: BTreeMap<String, Route>,
    /// `[integrations.NAME]`
    pub integrations: BTreeMap<String, Integration>,
    /// `[functions.NAME]`
    pub functions: BTreeMap<String, Function>,
    /// `[queues.NAME]`
    pub queues: BTreeMap<String, Queue>,
    /// `[management]`
    pub management: Management,
    /// `[metrics]`; without the table there are none.
    pub metrics: Option<Metrics>,
}
