//! `/@connections/{id}`: post to, look at and close a connection, as API Gateway's management API
//! does (service model 2018-11-29).
//!
//! Whoever reaches it can write to every socket, so it answers on loopback alone, and not to
//! requests that somebody else sent on: a proxy's, or a browser's on behalf of a web page.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use gatewire::{CloseCode, ConnectionId, PostError};
use serde::Serialize;
use serde_json::json;

use crate::{clock, id, mailbox::End, node::Node, relay::Relay};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// What a request that was sent on carries. Such a request comes from elsewhere, whatever its
/// address says.
const SENT_ON: [HeaderName; 3] =
    [header::FORWARDED, HeaderName::from_static("x-forwarded-for"), header::ORIGIN];

/// The router of the management API.
pub(crate) fn router(node: Arc<Node>) -> Router {
    let connection = post(post_to).get(describe).delete(close);
    // SDKs send the path as it is, curl users encode the `@`; routes are matched undecoded.
    Router::new()
        .route("/@connections/{id}", connection.clone())
        .route("/%40connections/{id}", connection)
        .layer(DefaultBodyLimit::max(node.settings.limits.message))
        .layer(middleware::from_fn(only_from_here))
        .layer(middleware::map_response(with_request_ids))
        .with_state(node)
}

async fn post_to(
    State(node): State<Arc<Node>>,
    Target(id): Target,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<StatusCode, Problem> {
    let body = body.map_err(|_| Problem::TooLarge { limit: node.settings.limits.message })?;
    // A text frame whatever the content type, as API Gateway sends it.
    let text = String::from_utf8(body.into()).map_err(|_| Problem::NotText)?;
    node.relay.deliver(id, text.into()).await?;
    Ok(StatusCode::OK)
}

/// What `GetConnection` returns. Times are ISO 8601, because the SDKs read nothing else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    connected_at: String,
    identity: Identity,
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
    Target(id): Target,
) -> Result<axum::Json<Description>, Problem> {
    let last_active = node.relay.last_active(id).await?;
    let row = node.table.get(id).await.map_err(|error| {
        tracing::error!(%error, "the connection table failed");
        Problem::Internal
    })?;
    let row = row.ok_or(Problem::Gone)?;
    Ok(axum::Json(Description {
        connected_at: clock::iso8601(row.connected_at),
        identity: Identity {
            source_ip: row.source_ip.map(|ip| ip.to_string()).unwrap_or_default(),
            user_agent: row.user_agent,
        },
        last_active_at: clock::iso8601(last_active),
    }))
}

async fn close(State(node): State<Arc<Node>>, Target(id): Target) -> Result<StatusCode, Problem> {
    let end = End { code: CloseCode::NORMAL, reason: "Connection Closed Normally", drain: false };
    node.relay.close(id, end).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The connection a path names.
struct Target(ConnectionId);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Target {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| Problem::BadId(String::new()))?; // not UTF-8
        id.parse().map(Self).map_err(|_| Problem::BadId(id))
    }
}

/// What went wrong, as API Gateway's error types. The SDKs choose their exception by the header.
#[derive(Debug)]
enum Problem {
    BadId(String),
    NotText,
    Gone,
    Slow,
    TooLarge { limit: usize },
    NotFromHere,
    Internal,
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Gone(_) => Self::Gone,
            PostError::Slow(_) => Self::Slow,
            error => {
                tracing::error!(%error, "a post failed");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, error_type, message) = match self {
            Self::BadId(id) => {
                let message = format!("Invalid connectionId: {id}");
                (StatusCode::BAD_REQUEST, "BadRequestException", Some(message))
            }
            Self::NotText => {
                let message = "the body is not UTF-8 text".to_owned();
                (StatusCode::BAD_REQUEST, "BadRequestException", Some(message))
            }
            Self::Gone => (StatusCode::GONE, "GoneException", None),
            Self::Slow => {
                let message = "the connection reads too slowly".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", Some(message))
            }
            Self::TooLarge { limit } => {
                let message = format!("the body is over the limit of {limit} bytes");
                (StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", Some(message))
            }
            Self::NotFromHere => {
                let message = "Forbidden".to_owned();
                (StatusCode::FORBIDDEN, "ForbiddenException", Some(message))
            }
            Self::Internal => {
                let message = "Internal server error".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", Some(message))
            }
        };
        let headers = [(ERROR_TYPE, HeaderValue::from_static(error_type))];
        match message {
            Some(message) => {
                (status, headers, axum::Json(json!({ "message": message }))).into_response()
            }
            None => (status, headers).into_response(),
        }
    }
}

/// Fails closed: without a known peer address nobody is let in.
async fn only_from_here(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let loopback =
        peer.is_some_and(|ConnectInfo(address)| address.ip().to_canonical().is_loopback());
    let sent_on = SENT_ON.iter().any(|name| request.headers().contains_key(name));
    if loopback && !sent_on {
        next.run(request).await
    } else {
        Problem::NotFromHere.into_response()
    }
}

async fn with_request_ids(mut response: Response) -> Response {
    let id = id::request_id();
    let value = HeaderValue::from_str(id.as_str()).expect("an id is base64url");
    response.headers_mut().insert(HeaderName::from_static("x-amz-apigw-id"), value.clone());
    response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), value);
    response
}
