//! From a request to the stage it means, and there to the WebSocket endpoint or the management API.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use axum::{
    Router,
    extract::{OriginalUri, Request, State},
    http::{Uri, header, uri::PathAndQuery},
    response::Response,
    routing::get,
};
use tower::ServiceExt as _;

use super::domains::{Destination, Domains, Nowhere};
use crate::{
    Running,
    management::{forbidden, no_method},
};

/// Where API Gateway answers health checks on a custom domain.
const HEALTH: [&str; 2] = ["/ping", "/sping"];

/// What the requests of all stages need.
pub(super) struct Sites {
    /// Changed by a reload.
    pub(super) domains: ArcSwap<Domains>,
    pub(super) stages: BTreeMap<String, Site>,
}

/// The two sides of a stage.
pub(super) struct Site {
    /// WebSockets, at `/`.
    socket: Router,
    /// `/@connections` and `/@groups`.
    management: Router,
}

impl Site {
    pub(super) fn new(gateway: &Running) -> Self {
        Self { socket: gateway.router("/"), management: gateway.management() }
    }
}

/// The router of everything.
pub(super) fn router(sites: Arc<Sites>) -> Router {
    let healthy = get(|| async { "healthy" });
    let router = HEALTH.iter().fold(Router::new(), |it, path| it.route(path, healthy.clone()));
    router.fallback(dispatch).with_state(sites)
}

async fn dispatch(State(sites): State<Arc<Sites>>, mut request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default().to_owned();
    let path = request.uri().path().to_owned();
    let domains = sites.domains.load();
    let Destination { stage, rest, .. } = match domains.find(&host, &path) {
        Ok(destination) => destination,
        Err(Nowhere::NoStage) => return forbidden().await,
        Err(Nowhere::NoMapping) => {
            let (method, uri) = (request.method().clone(), request.uri().clone());
            return no_method(method, OriginalUri(uri)).await;
        }
    };
    let Some(site) = sites.stages.get(stage) else { return forbidden().await };
    let is_management = rest.starts_with("/@") || rest.starts_with("/%40");
    if !is_management && !rest.is_empty() {
        return forbidden().await; // nothing is routed by path
    }
    *request.uri_mut() = with_path(request.uri(), rest);
    let router = if is_management { &site.management } else { &site.socket };
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The same address with another path.
fn with_path(uri: &Uri, path: &str) -> Uri {
    let path = if path.is_empty() { "/" } else { path };
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    text.parse::<PathAndQuery>().map_or_else(|_| Uri::default(), Uri::from)
}
