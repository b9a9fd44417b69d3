//! The Lambda functions that `gatewire serve` hosts.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::ServeError;
use crate::{
    config::{self, Config},
    lambda::{self, Function, HostedFunction},
};

/// All functions, by name. Their processes start when they are called.
#[derive(Default)]
pub(super) struct Functions {
    hosted: BTreeMap<String, Hosted>,
}

struct Hosted {
    /// What it was made of: a function that has not changed goes on over a reload.
    of: config::Function,
    function: Arc<HostedFunction>,
}

/// What a function has to know to post to connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WayBack {
    /// Where the management API is.
    pub(super) endpoint: String,
    /// The certificates to trust for that, where they are our own.
    pub(super) authority: Option<PathBuf>,
}

impl Functions {
    /// Those of this configuration. What has not changed is taken over from `former`.
    pub(super) fn start(
        config: &Config,
        back: &WayBack,
        former: &Self,
    ) -> Result<Self, ServeError> {
        let hosted = config.functions.iter().map(|(name, of)| {
            let same = former.hosted.get(name).filter(|hosted| hosted.of == *of);
            let function = if let Some(hosted) = same {
                hosted.function.clone()
            } else {
                let started = HostedFunction::start(settings(config, name, of, back));
                Arc::new(started.map_err(|error| ServeError::Value {
                    key: format!("functions.{name}"),
                    problem: error.to_string(),
                })?)
            };
            Ok((name.clone(), Hosted { of: of.clone(), function }))
        });
        Ok(Self { hosted: hosted.collect::<Result<_, ServeError>>()? })
    }

    /// The function of this name, which the configuration refers to.
    pub(super) fn get(&self, name: &str) -> Arc<dyn Function> {
        self.find(name).expect("a configuration's names exist")
    }

    /// The function of this name, if there is one still.
    pub(super) fn find(&self, name: &str) -> Option<Arc<dyn Function>> {
        self.hosted.get(name).map(|hosted| hosted.function.clone() as Arc<dyn Function>)
    }

    /// Ends the functions that `kept` has no more.
    pub(super) async fn drain_others(&self, kept: &Self, within: Duration) {
        let is_kept = |hosted: &&Hosted| {
            kept.hosted.values().any(|other| Arc::ptr_eq(&other.function, &hosted.function))
        };
        let others = self.hosted.values().filter(|hosted| !is_kept(hosted));
        join_all(others.map(|hosted| hosted.function.drain(within))).await;
    }

    /// Lets what runs end, and ends the processes. Returns whether all was done in time.
    pub(super) async fn drain(&self, within: Duration) -> bool {
        let draining = self.hosted.values().map(|hosted| hosted.function.drain(within));
        join_all(draining).await.into_iter().all(|drained| drained)
    }
}

fn settings(
    config: &Config,
    name: &str,
    function: &config::Function,
    back: &WayBack,
) -> lambda::Settings {
    let mut settings = lambda::Settings::new(name, function.command.clone());
    settings.directory.clone_from(&function.directory);
    settings.handler.clone_from(&function.handler);
    let environment = function.environment.iter();
    settings.environment =
        environment.map(|(name, value)| (name.clone(), value.expose().to_owned())).collect();
    settings.concurrency = function.concurrency as usize;
    settings.memory = function.memory;
    settings.timeout = function.timeout;
    settings.region.clone_from(&config.api.region);
    settings.account.clone_from(&config.api.account);
    settings.management_endpoint = Some(back.endpoint.clone());
    settings.ca_bundle.clone_from(&back.authority);
    settings
}
