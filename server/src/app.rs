//! `gatewire serve`: gateways from a configuration file, one for each stage.
//!
//! | module | does |
//! |---|---|
//! | here | starts everything in its order, and ends it in the other |
//! | `process` | the listener around it, reloads, the end |
//! | `stage` | from the configuration to the gateway of one stage |
//! | `integrations` | from the configuration to what answers the routes |
//! | `checks` | models and required parameters |
//! | `functions` | the Lambda functions that run here |
//! | `queues`, `delivery` | the queues, and who gets their messages |
//! | `domains`, `router` | from a request to the stage it means |
//! | `observation` | access logs and figures |
//! | `traces` | who records spans |
//! | `certificate` | what is shown over TLS |
//! | `trust` | which certificates functions trust |
//! | `keys` | whose signatures the management API takes |

mod certificate;
mod checks;
mod delivery;
mod domains;
mod error;
mod functions;
mod integrations;
mod keys;
mod observation;
mod process;
mod queues;
mod router;
mod stage;
mod traces;
mod trust;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use axum::Router;
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use domains::{Destination, Domains, Nowhere};
pub use error::ServeError;
pub use process::Process;

use crate::{
    Running, Store,
    config::{self, Config},
    contract::NoContract,
    gateway::Gateway,
};
use delivery::{Consumer, Delivery};
use functions::{Functions, WayBack};
use integrations::Workshop;
use observation::{Logs, Observation};
use queues::Queues;
use router::{Site, Sites};
use traces::Traces;

/// Everything that a configuration leads to, running.
pub struct App {
    stages: BTreeMap<String, Running>,
    sites: Arc<Sites>,
    queues: Queues,
    observation: Observation,
    traces: Traces,
    way_back: WayBack,
    /// What a reload replaces, one at a time.
    config: Mutex<Config>,
    functions: Arc<ArcSwap<Functions>>,
    deliveries: TaskTracker,
    stop: CancellationToken,
}

impl App {
    /// Opens the data folder and starts a gateway for each stage, the queues' deliveries and the
    /// functions. `authority` are the certificates that functions have to trust to post back, where
    /// they are not known to everybody. Call it inside a tokio runtime.
    pub fn start(config: Config, authority: Option<PathBuf>) -> Result<Self, ServeError> {
        let data = &config.server.data;
        fs::create_dir_all(data)
            .map_err(|source| ServeError::Data { folder: data.clone(), source })?;
        let queues = Queues::open(&config, &open(&config, "queues")?)?;
        let way_back = way_back(&config, authority);
        let functions = Functions::start(&config, &way_back, &Functions::default())?;
        let observation = Observation::start(&config)?;
        let traces = Traces::start(&config)?;
        let mut stages = BTreeMap::new();
        for (name, gateway) in gateways(&config, &functions, &queues)? {
            let store = open(&config, &format!("stage-{name}"))?;
            let gateway = gateway.store(&store).observer(observation.of(&name));
            let gateway = traces.tracer().into_iter().fold(gateway, Gateway::tracer);
            let started = gateway.start();
            let failed = |source| ServeError::Stage { stage: name.clone(), source };
            stages.insert(name.clone(), started.map_err(failed)?);
        }
        let sites = Arc::new(Sites {
            domains: ArcSwap::from_pointee(domains(&config)),
            stages: stages.iter().map(|(name, it)| (name.clone(), Site::new(it))).collect(),
        });
        let functions = Arc::new(ArcSwap::from_pointee(functions));
        let (deliveries, stop) = (TaskTracker::new(), CancellationToken::new());
        for delivery in all_deliveries(&config, &queues, &functions, &traces)? {
            deliveries.spawn(delivery.run(stop.clone()));
        }
        if let Some(upkeep) = observation.upkeep() {
            let stop = stop.clone();
            deliveries.spawn(async move {
                let _stopped = stop.run_until_cancelled(upkeep).await;
            });
        }
        deliveries.close();
        let config = Mutex::new(config);
        let app = Self {
            stages,
            sites,
            queues,
            observation,
            traces,
            way_back,
            config,
            functions,
            deliveries,
            stop,
        };
        Ok(app)
    }

    /// The router of all stages: WebSockets at `/{stage}`, and their management API below it.
    pub fn router(&self) -> Router {
        router::router(self.sites.clone())
    }

    /// `GET /metrics` for Prometheus, where the configuration asks for it: to be served where
    /// `metrics.listen` says.
    pub async fn metrics(&self) -> Option<Router> {
        let api = self.config.lock().await.api.id.clone();
        self.observation.router(api, &self.queues)
    }

    /// The gateways, by the name of their stage.
    #[must_use]
    pub fn stages(&self) -> &BTreeMap<String, Running> {
        &self.stages
    }

    /// Takes over what can change while sockets are open: routes, integrations, functions, stage
    /// variables, domains, credentials, limits and access logs, whose files are opened anew. Nothing changes
    /// when any of it is wrong. Functions that have changed start anew, and what runs in the old ones
    /// ends there.
    pub async fn reload(&self, config: Config) -> Result<(), ServeError> {
        let mut current = self.config.lock().await;
        let functions = Functions::start(&config, &self.way_back, &self.functions.load())?;
        let gateways = gateways(&config, &functions, &self.queues)?;
        let logs = Logs::open(&config)?;
        for (name, gateway) in gateways {
            let Some(running) = self.stages.get(&name) else { continue };
            running.adopt(gateway).map_err(|source| ServeError::Stage {
                stage: name.clone(),
                source: source.into(),
            })?;
        }
        self.observation.adopt(logs);
        self.sites.domains.store(Arc::new(domains(&config)));
        let kept = Arc::new(functions);
        let former = self.functions.swap(kept.clone());
        let drain = config.server.drain;
        tokio::spawn(async move { former.drain_others(&kept, drain).await });
        *current = config;
        Ok(())
    }

    /// Ends what is left when the sockets have gone: deliveries finish their batch, functions their
    /// invocations. Returns whether all was done in the time that the configuration gives.
    pub async fn finish(&self) -> bool {
        self.stop.cancel();
        let drain = self.config.lock().await.server.drain;
        let delivered = tokio::time::timeout(drain, self.deliveries.wait()).await.is_ok();
        let done = self.functions.load_full().drain(drain).await && delivered;
        self.observation.finish().await;
        self.traces.finish().await;
        done
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("stages", &self.stages.keys()).finish_non_exhaustive()
    }
}

fn gateways(
    config: &Config,
    functions: &Functions,
    queues: &Queues,
) -> Result<Vec<(String, Gateway<NoContract>)>, ServeError> {
    let access = keys::access(config)?;
    let made = config.stages.keys().map(|name| {
        let stage = stage::stage(config, name);
        let workshop = Workshop::new(config, &stage, functions, queues)?;
        let gateway = stage::gateway(config, &stage, workshop)?;
        Ok((name.clone(), gateway.management_access(access.clone())))
    });
    made.collect()
}

fn all_deliveries(
    config: &Config,
    queues: &Queues,
    functions: &Arc<ArcSwap<Functions>>,
    traces: &Traces,
) -> Result<Vec<Delivery>, ServeError> {
    let client = crate::integration::http::http_client().map_err(ServeError::HttpClient)?;
    let wanted = config.queues.iter().filter_map(|(name, queue)| {
        let consumer = match queue.deliver_to.as_ref()? {
            config::Delivery::Function(name) => {
                Consumer::Function(functions.clone(), name.value().clone())
            }
            config::Delivery::Url(url) => Consumer::Url(client.clone(), url.value().clone()),
        };
        let config::Api { region, account, .. } = &config.api;
        Some(Delivery {
            arn: format!("arn:aws:sqs:{region}:{account}:{name}"),
            name: name.clone(),
            region: region.clone(),
            queue: queues.get(name),
            visibility: queue.visibility_timeout,
            consumer,
            tracer: traces.tracer(),
        })
    });
    Ok(wanted.collect())
}

fn domains(config: &Config) -> Domains {
    let mut domains = Domains::default();
    for (name, stage) in &config.stages {
        domains.add(name, &stage.domains, stage.base_path.as_deref());
    }
    domains
}

fn open(config: &Config, name: &str) -> Result<Store, ServeError> {
    let file = config.server.data.join(format!("{name}.redb"));
    Store::open(&file).map_err(|source| ServeError::Store { file, source })
}

/// Where functions find the management API when their code names no endpoint. A function is told
/// one, so it is the first stage's.
fn way_back(config: &Config, authority: Option<PathBuf>) -> WayBack {
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    let stage = config.stages.keys().next().map_or("", String::as_str);
    let domain = stage::domain_name(config);
    WayBack { endpoint: format!("{scheme}://{domain}/{stage}"), authority }
}
