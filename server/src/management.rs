//! `/@connections/{id}`: post to, look at and close a connection, as API Gateway's management API
//! does (service model 2018-11-29), and two things of our own: `/@groups/{group}`, and a close code
//! and reason as the query of a `DELETE`.
//!
//! Whoever reaches it can write to every socket; [`Access`] says who does.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use gatewire::{ConnectionId, Outbox, PostError};
use serde::Serialize;
use serde_json::json;

use crate::{clock, id, mailbox::End, node::Node, relay::Relay};

mod access;
mod closing;
mod problem;
mod request;
#[cfg(feature = "serve")]
mod signed;
mod target;

pub use access::Access;
use closing::Closing;
use problem::Problem;
pub use problem::{forbidden, no_method};
use request::Admitted;
use target::Group;

/// The content type of every answer with or without a body, but of a 204.
const CONTENT_TYPE: [(HeaderName, HeaderValue); 1] =
    [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];

/// How the path of a resource may begin; routes are matched undecoded. SDKs send the `@` as it is,
/// curl's users encode it. Where the endpoint ends in a slash, the JavaScript SDK sends two (seen
/// with 3.1169), signed as one; what AWS does with that is unknown.
const ROOTS: [&str; 4] = ["/@", "/%40", "//@", "//%40"];

/// The router of the management API.
///
/// It may be nested below a stage or a base path. A signature covers the path of the wire, so
/// whoever changes a request's path before it comes here leaves the
/// [`OriginalUri`](axum::extract::OriginalUri) in its extensions.
pub(crate) fn router(node: Arc<Node>) -> Router {
    let connection = post(post_to).get(describe).delete(close).fallback(no_method);
    let group: MethodRouter<_> = post(post_to_group).fallback(no_method);
    let mut router = Router::new();
    for root in ROOTS {
        router = router
            .route(&format!("{root}connections/{{id}}"), connection.clone())
            .route(&format!("{root}groups/{{group}}"), group.clone());
    }
    router.layer(middleware::map_response(with_request_ids)).with_state(node)
}

async fn post_to(
    State(node): State<Arc<Node>>,
    Admitted { target, body, .. }: Admitted<ConnectionId>,
) -> Result<Response, Problem> {
    node.post(target, text(body)?.into()).await?;
    Ok((StatusCode::OK, CONTENT_TYPE).into_response())
}

async fn post_to_group(
    State(node): State<Arc<Node>>,
    Admitted { target: Group(group), body, .. }: Admitted<Group>,
) -> Result<Response, Problem> {
    let delivered = node.post_to_group(&group, text(body)?.into()).await?;
    Ok(Json(json!({ "delivered": delivered })).into_response())
}

/// A text frame whatever the content type, as API Gateway sends it.
fn text(body: bytes::Bytes) -> Result<String, Problem> {
    String::from_utf8(body.into()).map_err(|_| problem::NOT_UTF8)
}

/// What `GetConnection` returns. Times are ISO 8601, because the SDKs read nothing else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    identity: Identity,
    connected_at: String,
    last_active_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    source_ip: String,
    user_agent: String,
}

async fn describe(
    State(node): State<Arc<Node>>,
    Admitted { target, .. }: Admitted<ConnectionId>,
) -> Result<Json<Description>, Problem> {
    let last_active = node.relay.last_active(target).await?;
    let row = node.table.get(target).await.map_err(|error| {
        tracing::error!(%error, "the connection table failed");
        Problem::Internal
    })?;
    let row = row.ok_or(Problem::Gone)?;
    Ok(Json(Description {
        identity: Identity {
            source_ip: row.source_ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default(),
            user_agent: row.user_agent,
        },
        connected_at: clock::iso8601(row.connected_at),
        last_active_at: clock::iso8601(last_active),
    }))
}

async fn close(
    State(node): State<Arc<Node>>,
    Admitted { target, uri, .. }: Admitted<ConnectionId>,
) -> Result<StatusCode, Problem> {
    let closing = Query::<Closing>::try_from_uri(&uri);
    let Query(closing) = closing.map_err(|_| Problem::Closing(Closing::FORM))?;
    let (code, reason) = closing.check().map_err(Problem::Closing)?;
    node.relay.close(target, End { code, reason, drain: false }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Gone(_) => Self::Gone,
            PostError::Slow(_) => Self::Slow,
            PostError::Stopped => Self::Stopped,
            error => {
                tracing::error!(%error, "a post failed");
                Self::Internal
            }
        }
    }
}

/// Gives an answer the two ids that every answer of API Gateway has.
async fn with_request_ids(mut response: Response) -> Response {
    let gateway_id = id::request_id();
    for (name, value) in
        [("x-amz-apigw-id", gateway_id.as_str()), ("x-amzn-requestid", &id::uuid())]
    {
        let value = HeaderValue::from_str(value).expect("an id is ASCII");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}
