//! A gateway that takes connections.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use gatewire::Outbox;

use super::Gateway;
use crate::{
    authorize::tickets,
    drain,
    expression::{Expression, ExpressionError},
    handshake::handshake,
    management::{self, Access},
    node::Node,
    route::Routes,
    stage::Stage,
};

/// A gateway that takes connections. Cheap to clone; all clones are the same gateway.
#[derive(Clone, Debug)]
pub struct Running {
    node: Arc<Node>,
}

impl Running {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// The WebSocket endpoint, to be merged into an Axum app, and `<path>/ticket` where the gateway
    /// gives tickets. The app is to be served with connect info, as [`serve`](crate::serve) does,
    /// or source addresses are unknown.
    pub fn router(&self, path: &str) -> Router {
        let mut router = Router::new().route(path, get(handshake));
        if let Some(tickets) = &self.node.tickets {
            let path = format!("{}/ticket", path.trim_end_matches('/'));
            let origins = self.node.origins.clone();
            router = router.route(&path, tickets::endpoint(tickets.clone(), origins));
        }
        router.with_state(self.node.clone())
    }

    /// `/@connections/{id}`: post, look and close, and `/@groups/{group}`: post to all of a group.
    /// [`Gateway::management_access`](crate::Gateway::management_access) says to whom it answers.
    /// It may be nested below a stage's name or a base path; give it connect info, as
    /// [`serve`](crate::serve) does.
    pub fn management(&self) -> Router {
        management::router(self.node.clone())
    }

    /// The way to post from outside a handler; see [`Context::new`](gatewire::Context::new).
    #[must_use]
    pub fn outbox(&self) -> Arc<dyn Outbox> {
        self.node.clone()
    }

    /// Takes over the routes, the stage, the keys of the management API and the numbers (limits, timers,
    /// what frames are taken) of another gateway, without a socket being closed. What runs already ends
    /// as it began; the next call goes the new way, and the numbers hold for connections from then on.
    /// Everything else of the other gateway (its authorizer, stores, what of a session is kept) means
    /// nothing here, nor do its forwards.
    ///
    /// Its selection expression may be wrong; then nothing changes.
    pub fn adopt<C>(&self, gateway: Gateway<C>) -> Result<(), ExpressionError> {
        let settings = gateway.settings;
        let (routes, stage, access) = gateway.into_routes()?;
        self.node.settings.store(Arc::new(settings));
        self.node.access.store(Arc::new(access));
        self.node.stage.store(Arc::new(stage));
        self.node.routes.store(Arc::new(routes));
        Ok(())
    }

    /// Takes no more connections, tells every client to come back elsewhere, serves those that
    /// have not left meanwhile, then answers what runs and closes. Returns whether all was done
    /// within this time; what was not is cut off, and finds its way back through the queue or the
    /// client's repetition.
    ///
    /// Clients are told moments within the [window](crate::Gateway::drain_window), or half of this time
    /// if that is less. Those that are still here after three quarters of it are closed with 1012,
    /// and the last quarter is left for what they have running. Then the sessions go into the
    /// [store](crate::Gateway::store); without one they end, and `$disconnect` runs for them.
    pub async fn drain(&self, within: Duration) -> bool {
        drain::drain(&self.node, within).await
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// How long [`serve`](crate::serve) drains.
    pub(crate) fn drain_time(&self) -> Duration {
        drain::DRAIN.max(self.node.settings.load().drain_window.saturating_mul(2))
    }
}

impl<C> Gateway<C> {
    /// Its routes, with their selection, its stage, and who may post.
    fn into_routes(mut self) -> Result<(Routes, Stage, Access), ExpressionError> {
        self.routes.select_by(self.selection.parse::<Expression>()?);
        Ok((self.routes, self.stage, self.access))
    }
}
