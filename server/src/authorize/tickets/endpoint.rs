//! `POST <path>/ticket`: a token for a ticket.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use gatewire::Error;
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{Handshake, Refusal, Tickets};
use crate::{
    authorize::{Origins, Site},
    clock, handshake,
    node::Node,
};

/// How long a browser may remember what a preflight said. Ours; browsers cap it at minutes anyway.
const PREFLIGHT: Duration = Duration::from_mins(10);

/// The route of a gateway that gives these tickets.
pub(crate) fn endpoint(tickets: Arc<Tickets>, origins: Origins) -> MethodRouter<Arc<Node>> {
    let issue = move |State(node): State<Arc<Node>>, request: Request| {
        let tickets = tickets.clone();
        async move { issue(&tickets, &node, request).await.unwrap_or_else(refused) }
    };
    post(issue).fallback(post_only).layer(cors(origins))
}

async fn issue(tickets: &Tickets, node: &Node, request: Request) -> Result<Response, Refusal> {
    if node.stop.is_cancelled() {
        return Err(Refusal::Unavailable("the server is shutting down".to_owned()));
    }
    let (mut parts, _body) = request.into_parts();
    let mut handshake = handshake::read(&mut parts, &node.origins).await;
    if handshake.site == Site::Foreign {
        return Err(Refusal::Forbidden("pages of this origin get no tickets".to_owned()));
    }
    // A ticket keeps tokens out of URLs, and does not beget another.
    handshake.query.clear();
    if let Some(token) = handshake.bearer() {
        handshake = Handshake::in_band(token, handshake.source_ip);
    }
    let grant = node.authorizer.authorize(&handshake).await?;
    let (ticket, expires) = tickets.issue(grant, clock::now())?;
    let body = Json(json!({ "ticket": ticket, "expires": expires }));
    Ok(([(header::CACHE_CONTROL, "no-store")], body).into_response())
}

/// The status and the error, as a frame would have it.
#[expect(clippy::needless_pass_by_value, reason = "what went wrong ends here")]
fn refused(refusal: Refusal) -> Response {
    tracing::info!(%refusal, "no ticket");
    let (code, reason, temporary) = match &refusal {
        Refusal::Unauthorized(reason) => (Error::UNAUTHORIZED, reason.clone(), false),
        Refusal::Stale(reason) => (Error::UNAUTHORIZED, reason.clone(), true),
        Refusal::Forbidden(reason) => (Error::FORBIDDEN, reason.clone(), false),
        Refusal::TooMany(reason) => (Error::THROTTLED, reason.clone(), true),
        Refusal::Unavailable(reason) => (Error::UNAVAILABLE, reason.clone(), true),
        Refusal::Status(_) => (Error::UNAVAILABLE, refusal.to_string(), true),
    };
    let error = Error::new(code, reason);
    let error = if temporary { error.temporary() } else { error };
    let mut response = (refusal.status(), Json(json!({ "error": error }))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refusal.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn post_only() -> Response {
    let error = Error::new("methodNotAllowed", "a ticket is asked for with POST");
    let headers = [(header::ALLOW, "POST")];
    (StatusCode::METHOD_NOT_ALLOWED, headers, Json(json!({ "error": error }))).into_response()
}

fn cors(origins: Origins) -> CorsLayer {
    let ours = AllowOrigin::predicate(move |_, parts| origins.judge(&parts.headers) == Site::Ours);
    CorsLayer::new()
        .allow_origin(ours)
        .allow_methods([Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .allow_credentials(true)
        .max_age(PREFLIGHT)
}
