//! From a request to an open connection: authorizer, `$connect`, 101.
//!
//! A refused client gets the HTTP status, as on API Gateway. A browser hides that status from its
//! page, so a client that offered `gatewire.v1` is upgraded and closed with a code that says why.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{
        ConnectInfo, FromRequestParts, Query, Request, State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, StreamExt};
use gatewire::{Error, frame::SUBPROTOCOL};
use serde_json::json;

use crate::{
    authorize::{Grant, Handshake, Origins, Refusal},
    clock,
    connection::{self, Peer, Protocol},
    id,
    integration::{Caller, ReplyTo, panicked},
    node::Node,
    route::CONNECT,
    table::Connection,
};

/// How long a refused browser may take to answer the close frame.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(2);

/// Read buffer per connection; axum's default of 128 KiB is most of an idle connection's memory.
const READ_BUFFER: usize = 4 * 1024;

/// How much is gathered before a batch of texts goes to the socket.
const WRITE_BUFFER: usize = 16 * 1024;

/// Answers `GET` on the gateway's path.
pub(crate) async fn handshake(State(node): State<Arc<Node>>, request: Request) -> Response {
    let (mut parts, _body) = request.into_parts();
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(_) if !parts.headers.contains_key(header::UPGRADE) => return upgrade_required(),
        Err(rejection) => return rejection.into_response(),
    };
    let handshake = read(&mut parts, &node.origins).await;
    let upgrade = configure(upgrade, &node);
    let protocol = match upgrade.selected_protocol() {
        Some(_) => Protocol::V1,
        None => Protocol::Plain,
    };
    match admit(&node, &handshake, protocol).await {
        Ok(peer) => open(upgrade, node, peer),
        Err(refusal) => {
            tracing::info!(%refusal, source_ip = ?handshake.source_ip, "handshake refused");
            refuse(upgrade, protocol, refusal)
        }
    }
}

/// What an authorizer gets to see of a request.
pub(crate) async fn read(parts: &mut Parts, origins: &Origins) -> Handshake {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let source_ip = peer.map(|ConnectInfo(address)| address.ip());
    let query = Query::from_request_parts(parts, &()).await.map(|Query(query)| query);
    let site = origins.judge(&parts.headers);
    let mut handshake =
        Handshake::new(std::mem::take(&mut parts.headers), query.unwrap_or_default());
    handshake.source_ip = source_ip;
    handshake.site = site;
    handshake
}

fn configure(upgrade: WebSocketUpgrade, node: &Node) -> WebSocketUpgrade {
    let message = node.settings.limits.message;
    upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(message)
        .max_frame_size(message)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER + 2 * node.settings.mailbox.bytes.max(message))
}

/// Asks the authorizer and the `$connect` hook, and enters the connection into the table.
async fn admit(
    node: &Arc<Node>,
    handshake: &Handshake,
    protocol: Protocol,
) -> Result<Peer, Refusal> {
    if node.stop.is_cancelled() {
        return Err(Refusal::Unavailable("the server is shutting down".to_owned()));
    }
    node.ready.wait().await;
    let Grant { principal, expires } = node.authorizer.authorize(handshake).await?;
    let source_ip = handshake.source_ip;
    let peer = Peer { id: id::connection_id(), principal, protocol, expires, source_ip };
    let row = Connection {
        id: peer.id,
        connected_at: clock::now(),
        source_ip,
        user_agent: text(&handshake.headers, header::USER_AGENT),
        principal: peer.principal.id.clone(),
    };
    if let Err(error) = node.table.insert(row).await {
        tracing::error!(%error, "no connection can be opened");
        return Err(Refusal::Unavailable("the connection table cannot be reached".to_owned()));
    }
    if let Some(hook) = &node.hooks.connect {
        let caller = Caller {
            connection: peer.id,
            principal: peer.principal.clone(),
            outbox: node.clone(),
            reply_to: ReplyTo::Nobody,
            delivery: None,
        };
        // A panic here must not leave the row behind.
        let outcome = AssertUnwindSafe(async { hook(caller).await }).catch_unwind().await;
        let admitted = outcome.unwrap_or_else(|panic| Err(panicked(CONNECT, panic.as_ref())));
        if let Err(error) = admitted {
            forget(node, &peer).await;
            return Err(refusal(&error));
        }
    }
    Ok(peer)
}

/// What the `$connect` hook's error means for the handshake.
fn refusal(error: &Error) -> Refusal {
    let reason = error.message().to_owned();
    match error.code() {
        Error::UNAUTHORIZED => Refusal::Unauthorized(reason),
        Error::THROTTLED => Refusal::TooMany(reason),
        Error::INTERNAL | Error::UNAVAILABLE => {
            if let Some(source) = error.source() {
                tracing::error!(error = source, "$connect failed");
            }
            Refusal::Unavailable(reason)
        }
        _ => Refusal::Forbidden(reason),
    }
}

fn open(upgrade: WebSocketUpgrade, node: Arc<Node>, peer: Peer) -> Response {
    let (failed_node, failed_peer) = (node.clone(), peer.clone());
    let task = node.tasks.token();
    upgrade
        .on_failed_upgrade(move |error| {
            tracing::debug!(%error, "the client left during the handshake");
            let tasks = failed_node.tasks.clone();
            tasks.spawn(async move { forget(&failed_node, &failed_peer).await });
        })
        .on_upgrade(move |socket| async move {
            connection::run(socket, node, peer).await;
            drop(task); // a drain waits until here
        })
}

async fn forget(node: &Node, peer: &Peer) {
    if let Err(error) = node.table.remove(peer.id).await {
        tracing::error!(connection = %peer.id, %error, "a refused connection stays in the table");
    }
}

fn refuse(upgrade: WebSocketUpgrade, protocol: Protocol, refusal: Refusal) -> Response {
    match protocol {
        Protocol::V1 => upgrade.on_upgrade(|socket| close(socket, refusal)),
        Protocol::Plain => {
            let body = axum::Json(json!({ "message": refusal.public_message() }));
            (refusal.status(), body).into_response()
        }
    }
}

async fn close(mut socket: WebSocket, refusal: Refusal) {
    let frame = CloseFrame {
        code: refusal.close_code().0,
        reason: Utf8Bytes::from(connection::close_reason(&refusal.to_string())),
    };
    let _timed_out = tokio::time::timeout(CLOSING, async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    })
    .await;
}

fn upgrade_required() -> Response {
    let headers = [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")];
    let body = axum::Json(json!({ "message": "this is a WebSocket endpoint" }));
    (StatusCode::UPGRADE_REQUIRED, headers, body).into_response()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
