//! From what was said of a gateway to one that takes connections.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use gatewire::{Contract, describe};
use tokio::sync::SetOnce;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Gateway, Running, StartError};
use crate::{
    answers::Answers,
    authorize::tickets::Ticketed,
    contract::Contracts,
    departure,
    expression::Expression,
    integration::Integration,
    node::Node,
    posts::Posts,
    queue::{EmbeddedQueue, Queue, QueueOptions},
    relay::LocalRelay,
    route::Route,
    sessions::{Sessions, stored},
    store::Store,
    worker::{self, Worker},
};

/// An action that goes to a queue, and how to build its integration once the queue is open.
pub(super) struct Forwarded {
    pub(super) route: &'static str,
    pub(super) queue: String,
    pub(super) options: QueueOptions,
    pub(super) build: BuildForward,
}

type BuildForward = Box<dyn FnOnce(Arc<dyn Queue>, Answers) -> Arc<dyn Integration> + Send>;

impl<C: Contract> Gateway<C> {
    /// Opens the queues, starts their workers and takes connections from here on. Call it inside a
    /// tokio runtime.
    pub fn start(mut self) -> Result<Running, StartError> {
        self.routes.select_by(self.selection.parse::<Expression>()?);
        let contracts = match self.describe {
            Some(describe) => {
                Contracts::new(&describe::schema(&describe())?, &self.snapshots, self.policy)
            }
            None => Contracts::none(),
        };
        let forwards = std::mem::take(&mut self.forwards);
        let answers = self.store.as_ref().map(|store| Answers::new(store, Answers::KEEP));
        let mut work = HashMap::new();
        for Forwarded { route, queue: name, options, build } in forwards {
            let (Some(store), Some(answers)) = (&self.store, &answers) else {
                return Err(StartError::NoStore { route, queue: name });
            };
            let queue = match self.queues.get(&name) {
                Some(queue) => queue.clone(),
                None => open(store, &name, &options)?,
            };
            self.queues.insert(name.clone(), queue.clone());
            self.routes.insert(Route::shared(route, build(queue.clone(), answers.clone())));
            work.insert(name, (queue, options, answers.clone()));
        }
        let authorizer = match &self.tickets {
            Some(tickets) => {
                Arc::new(Ticketed { tickets: tickets.clone(), inner: self.authorizer })
            }
            None => self.authorizer,
        };
        let kept = self.store.as_ref().map(stored::take).transpose();
        let kept = kept.map_err(StartError::Sessions)?.unwrap_or_default();
        let node = Arc::new(Node {
            stage: ArcSwap::from_pointee(self.stage),
            authorizer,
            access: ArcSwap::from_pointee(self.access),
            tickets: self.tickets,
            origins: self.origins,
            routes: ArcSwap::from_pointee(self.routes),
            contracts,
            table: self.table,
            relay: LocalRelay::default(),
            sessions: Sessions::new(self.settings.resume),
            posts: Posts::default(),
            watchers: self.watchers,
            store: self.store,
            settings: ArcSwap::from_pointee(self.settings),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            ready: SetOnce::new(),
        });
        // A table in memory is done at once, so that a post right after `start` finds everybody.
        let mut restoring = Box::pin(departure::restore(node.clone(), kept));
        if restoring.as_mut().now_or_never().is_none() {
            node.tasks.spawn(restoring);
        }
        node.tasks.spawn(departure::forget_the_absent(node.clone()));
        for (name, (queue, options, answers)) in work {
            let (handlers, node) = (self.handlers.clone(), node.clone());
            let worker =
                Arc::new(Worker { name: name.into(), queue, options, answers, handlers, node });
            for _ in 0..worker::CONCURRENCY {
                worker.node.tasks.spawn(worker.clone().run());
            }
        }
        Ok(Running::new(node))
    }
}

fn open(store: &Store, name: &str, options: &QueueOptions) -> Result<Arc<dyn Queue>, StartError> {
    let failed = |source| StartError::Queue { queue: name.to_owned(), source };
    let queue = EmbeddedQueue::open(store, name, options.clone()).map_err(failed)?;
    Ok(Arc::new(queue))
}
