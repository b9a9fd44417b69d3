//! The configuration file of `gatewire serve`: plain values, and the reader that makes them of a file.
//!
//! Every key is documented for operators in `docs/configuration.md`; a test holds that page and this
//! module together.

mod api;
mod changes;
mod functions;
mod integrations;
mod load;
mod located;
mod management;
mod metrics;
mod mistakes;
mod names;
mod queues;
mod reader;
mod routes;
mod secret;
mod server;
mod stages;
mod texts;
mod tls;
mod traces;

use std::{collections::BTreeMap, path::Path};

pub use api::{Api, NullResponse};
pub use changes::{Change, Effect, changes};
pub use functions::Function;
pub use integrations::{
    Credentials, Http, Integration, Invoke, Lambda, Mapping, MissingGroup, Mock, Passthrough,
    Queueing, ResponseMapping,
};
pub use load::LoadError;
pub use located::{Located, Place};
pub use management::{Access, Credential, Management};
pub use metrics::Metrics;
pub use mistakes::{Mistake, Mistakes};
pub use queues::{Delivery, Queue};
pub use routes::{Models, Order, ParameterSource, RequestParameter, Route, Schema};
pub use secret::Secret;
pub use server::Server;
pub use stages::{AccessLog, AccessLogFormat, Stage};
pub(crate) use texts::check_access_log;
#[cfg(not(feature = "acme"))]
pub(crate) use tls::WITHOUT_ACME;
pub(crate) use tls::hosts;
pub use tls::{Acme, Tls};
pub use traces::Traces;

use names::Names;
use reader::Table;

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
    /// `[traces]`; without the table none are recorded.
    pub traces: Option<Traces>,
}

impl Config {
    /// Reads the text of a file. `path` is where it is: messages name it as it is given here, and
    /// paths in the file are relative to its folder. `environment` has the variables that the file
    /// may refer to, and that override it.
    pub fn from_toml(
        text: &str,
        path: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, Mistakes> {
        let (config, mistakes, _) = reader::read(text, path, environment, Self::read);
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    fn read(mut root: Table<'_>) -> Self {
        let names = Names::of(&root);
        let stages = stages::read(&mut root);
        let server = Server::read(root.section("server"), &stages);
        let api = Api::read(root.section("api"));
        let config = Self {
            routes: routes::read(&mut root, &names),
            integrations: integrations::read(&mut root, &names, &stages),
            functions: functions::read(&mut root),
            queues: queues::read(&mut root, &names),
            management: Management::read(root.section("management"), &api.account),
            metrics: root.table("metrics").and_then(|table| Metrics::read(table, server.listen)),
            traces: root.table("traces").and_then(Traces::read),
            server,
            api,
            stages,
        };
        root.finish();
        config
    }
}

#[cfg(test)]
mod tests;
