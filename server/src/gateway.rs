//! The gateway: what answers which route, and with what numbers. Built once, then started.

use std::{collections::HashMap, fmt, future::Future, sync::Arc, time::Duration};

use gatewire::{
    Action, Context, Contract, Limits, Result, ServedBy,
    describe::{Describe, Description, Snapshots},
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    authorize::{Anyone, Authorizer, Origins, Tickets},
    connection::Closed,
    contract::{ContractPolicy, NoContract},
    event::Event,
    integration::{Call, Forward, Handlers, Integration, from_fn},
    mailbox::MailboxLimits,
    management::Access,
    node::Settings,
    observe::{Observer, Watchers},
    queue::Queue,
    route::{CONNECT, DEFAULT, DISCONNECT, Route, Routes},
    session::ResumeLimits,
    stage::Stage,
    store::Store,
    table::{ConnectionTable, MemoryTable},
    trace::Tracer,
};

mod error;
mod running;
mod start;

pub use error::StartError;
pub use running::Running;
use start::Forwarded;

/// A gateway for the contract `C`, being put together.
///
/// It does not compile while a handler is missing.
pub struct Gateway<C> {
    stage: Stage,
    handlers: Arc<dyn Integration>,
    routes: Routes,
    selection: String,
    forwards: Vec<Forwarded>,
    authorizer: Arc<dyn Authorizer>,
    access: Access,
    origins: Origins,
    tickets: Option<Arc<Tickets>>,
    table: Arc<dyn ConnectionTable>,
    watchers: Watchers,
    store: Option<Store>,
    queues: HashMap<String, Arc<dyn Queue>>,
    settings: Settings,
    describe: Option<fn() -> Description>,
    snapshots: Snapshots,
    policy: ContractPolicy,
    contract: std::marker::PhantomData<fn() -> C>,
}

impl Gateway<NoContract> {
    /// A gateway without a contract: its routes are [added](Self::add_route) one by one, and lead to
    /// functions and services.
    #[must_use]
    pub fn without_contract() -> Self {
        Self::serving((), None)
    }
}

impl<C: Contract> Gateway<C> {
    /// A gateway whose actions this application handles, open to anyone, without a store.
    pub fn new<H>(app: H) -> Self
    where
        C: ServedBy<H> + Describe,
        H: Send + Sync + 'static,
    {
        Self::serving(app, Some(C::describe))
    }

    fn serving<H>(app: H, describe: Option<fn() -> Description>) -> Self
    where
        C: ServedBy<H>,
        H: Send + Sync + 'static,
    {
        let handlers: Arc<dyn Integration> = Arc::new(Handlers::<C, H>::new(Arc::new(app)));
        let mut routes = Routes::default();
        for route in C::ROUTES {
            routes.insert(Route::shared(*route, handlers.clone()));
        }
        Self {
            stage: Stage::default(),
            handlers,
            routes,
            selection: "$request.body.action".to_owned(),
            forwards: Vec::new(),
            authorizer: Arc::new(Anyone),
            access: Access::default(),
            origins: Origins::default(),
            tickets: None,
            table: Arc::new(MemoryTable::new()),
            watchers: Watchers::default(),
            store: None,
            queues: HashMap::new(),
            settings: Settings::default(),
            describe,
            snapshots: Snapshots::default(),
            policy: ContractPolicy::default(),
            contract: std::marker::PhantomData,
        }
    }

    /// What the gateway is called in events and ARNs.
    #[must_use]
    pub fn stage(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// Asks this authorizer at every handshake.
    #[must_use]
    pub fn authorize(mut self, authorizer: impl Authorizer) -> Self {
        self.authorizer = Arc::new(authorizer);
        self
    }

    /// Who may use the [management API](Running::management); whoever is on this machine unless
    /// told.
    #[must_use]
    pub fn management_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Whose pages may use cookies and tickets; those of the same host unless told. [`Origins`]
    /// says why it matters.
    #[must_use]
    pub fn origins(mut self, origins: Origins) -> Self {
        self.origins = origins;
        self
    }

    /// Gives one-time tickets at `<path>/ticket`, and takes them at the handshake.
    #[must_use]
    pub fn tickets(mut self, tickets: Tickets) -> Self {
        self.tickets = Some(Arc::new(tickets));
        self
    }

    /// Keeps queues and answers in this store, and at a drain the sessions, so that a restart costs
    /// their clients no event and no answer. One gateway has a store.
    #[must_use]
    pub fn store(mut self, store: &Store) -> Self {
        self.store = Some(store.clone());
        self
    }

    /// Uses this queue for the forwards that name it, instead of one in the store.
    #[must_use]
    pub fn queue(mut self, name: impl Into<String>, queue: impl Queue) -> Self {
        self.queues.insert(name.into(), Arc::new(queue));
        self
    }

    /// Hands an action to a FIFO queue instead of answering it on the connection. The client hears
    /// `accepted` once the queue has it on disk; a worker runs the handler and answers.
    #[must_use]
    pub fn forward<A: Action<Contract = C>>(mut self, forward: Forward<A>) -> Self {
        self.forwards.push(Forwarded {
            route: A::ROUTE,
            queue: forward.queue().to_owned(),
            options: forward.options().clone(),
            build: Box::new(move |queue, answers| Arc::new(forward.to(queue, answers))),
        });
        self
    }

    /// Runs before a connection opens; an error refuses it. The connection can join groups here,
    /// but nothing can be posted to it yet (as on API Gateway). A gatewire client hears its groups
    /// from its hello on, when its session is known. It runs for every socket of a session; one
    /// that continues a session gets the groups of the former socket as well.
    #[must_use]
    pub fn on_connect<F, Fut>(self, hook: F) -> Self
    where
        F: Fn(Context<C>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.route(CONNECT, from_fn(move |call: Call| hook(call.context())))
    }

    /// Runs after a connection has ended and its last action, too. It is not run for connections
    /// that the process takes with it when it is killed.
    ///
    /// A plain connection ends with its socket. A gatewire client that loses its socket comes back
    /// on another one, and its session goes on; so its connection ends once the client has come
    /// back, when [`Closed::successor`] names the newer connection, or has not come back in time
    /// ([`ResumeLimits::keep`]), or at once where it was closed for good. In the first case the
    /// hook runs before the first action of the newer connection, unless an action of the older
    /// one still runs. With a [`store`](Self::store), the hook of a session that a drain has
    /// interrupted runs in the next process.
    #[must_use]
    pub fn on_disconnect<F, Fut>(self, hook: F) -> Self
    where
        F: Fn(Context<C>, Closed) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let hook = Arc::new(hook);
        let call = move |call: Call| {
            let hook = hook.clone();
            async move {
                let cx = call.context();
                if let Event::Disconnect(closed) = call.event {
                    hook(cx, closed).await;
                }
                Ok(())
            }
        };
        self.route(DISCONNECT, from_fn(call))
    }

    /// Answers the messages that match no route: `$default`. It gets the whole message; one that
    /// is not JSON comes as a JSON string.
    #[must_use]
    pub fn on_default<F, Fut, R>(self, hook: F) -> Self
    where
        F: Fn(Box<RawValue>, Context<C>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R>> + Send + 'static,
        R: Serialize,
    {
        let hook = Arc::new(hook);
        let call = move |call: Call| {
            let hook = hook.clone();
            async move {
                let message = call.payload()?.into_owned();
                hook(message, call.context()).await
            }
        };
        self.route(DEFAULT, from_fn(call))
    }

    /// Adds a route that is no part of the contract, or replaces one that is. What a handler
    /// returns is the reply; what a service answers ([`Outcome::Response`]) stays here, as on API
    /// Gateway: see [`Route::two_way`].
    ///
    /// [`Outcome::Response`]: crate::integration::Outcome::Response
    #[must_use]
    pub fn route(self, key: &str, integration: impl Integration) -> Self {
        self.add_route(Route::new(key, integration))
    }

    /// Adds or replaces a route.
    #[must_use]
    pub fn add_route(mut self, route: Route) -> Self {
        self.routes.insert(route);
        self
    }

    /// Chooses the route of plain messages by this selection expression; without it, by
    /// `$request.body.action`.
    #[must_use]
    pub fn route_selection(mut self, expression: impl Into<String>) -> Self {
        self.selection = expression.into();
        self
    }

    /// Tells this observer of requests, connections and messages.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.watchers.observer = Some(Arc::new(observer));
        self
    }

    /// Records spans of what happens here with this tracer. Traces that clients begin go on to
    /// integrations and queues without one, too.
    #[must_use]
    pub fn tracer(mut self, tracer: impl Tracer) -> Self {
        self.watchers.tracer = Some(Arc::new(tracer));
        self
    }

    /// Keeps the connections in this table.
    #[must_use]
    pub fn table(mut self, table: impl ConnectionTable) -> Self {
        self.table = Arc::new(table);
        self
    }

    /// The older contracts whose clients are still about. A client of one of them is told
    /// `compatible` where every change since is safe, as `gatewire contract diff` judges it.
    #[must_use]
    pub fn snapshots(mut self, snapshots: Snapshots) -> Self {
        self.snapshots = snapshots;
        self
    }

    /// What happens to clients whose contract differs; they are served unless told.
    ///
    /// A gateway is one stage. An app with several, such as `test` and `production`, has a gateway
    /// for each, each with its policy: `test.router("/test").merge(production.router("/production"))`.
    #[must_use]
    pub fn contract_policy(mut self, policy: ContractPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// What one connection may do.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// The longest frame that is taken, in bytes. As long as a message unless told, because browsers
    /// send every message as one frame; API Gateway takes 32 KiB.
    #[must_use]
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.settings.max_frame = Some(bytes);
        self
    }

    /// Whether plain clients may send binary messages. API Gateway closes the connection with 1003,
    /// and so does this gateway unless told otherwise. A binary message goes to `$default`: a
    /// function gets it in base64, marked `isBase64Encoded`, a service in bytes, an [`Integration`] of
    /// your own by [`Call::binary`]. What answers bytes is an [`Outcome::Frame`], or a [`Response`]
    /// that says so.
    ///
    /// [`Outcome::Frame`]: crate::integration::Outcome::Frame
    /// [`Response`]: crate::integration::Response
    #[must_use]
    pub fn binary(mut self, binary: bool) -> Self {
        self.settings.binary = binary;
        self
    }

    /// Whether the gateway's error frames for plain clients have one member more than API
    /// Gateway's, `detail`, which names the field, the limit or the route. They have it unless told.
    #[must_use]
    pub fn error_detail(mut self, error_detail: bool) -> Self {
        self.settings.error_detail = error_detail;
        self
    }

    /// How much one connection may owe its reader before it is closed as too slow. A post to it
    /// alone is refused instead: its sender hears of it, by [`Slow`](gatewire::PostError::Slow).
    #[must_use]
    pub fn mailbox(mut self, limits: MailboxLimits) -> Self {
        self.settings.mailbox = limits;
        self
    }

    /// How much is kept for gatewire clients that lose their connection and come back.
    #[must_use]
    pub fn resume(mut self, limits: ResumeLimits) -> Self {
        self.settings.resume = limits;
        self
    }

    /// After how much silence gatewire clients send a ping; four times as long without a frame
    /// ends their connection. 25 s unless told.
    #[must_use]
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.settings.heartbeat = heartbeat;
        self
    }

    /// After how much silence a plain connection ends; API Gateway's 10 minutes unless told.
    #[must_use]
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.settings.idle = idle;
        self
    }

    /// How long a connection may live; API Gateway's 2 hours unless told. A gatewire client hears
    /// `goaway` in the last tenth of it, at most 5 minutes ahead, and moves without a gap.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.lifetime = lifetime;
        self
    }

    /// Over how long the clients of a draining gateway are asked to leave, so that not all come to
    /// the next one at once; 2 s unless told. [`serve`](crate::serve) drains for twice as long, at
    /// least [`DRAIN`](crate::drain::DRAIN): give the supervisor that patience. With zero nobody is
    /// waited for, which suits a lone development server.
    #[must_use]
    pub fn drain_window(mut self, window: Duration) -> Self {
        self.settings.drain_window = window;
        self
    }
}

impl<C> fmt::Debug for Gateway<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("selection", &self.selection)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
