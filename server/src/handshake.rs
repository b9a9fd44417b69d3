//! From a request to an open connection: authorizer, `$connect`, 101.
//!
//! A refused client gets the HTTP status, as on API Gateway. A browser hides that status from its
//! page, so a client that offered `gatewire.v1` is upgraded and closed with a code that says why.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{
        ConnectInfo, FromRequestParts, Query, Request, State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use gatewire::{Error, frame::SUBPROTOCOL};
use serde_json::json;

use crate::{
    authorize::{Grant, Handshake, Origins, Refusal},
    connection::{self, Peer, Protocol},
    event::{Event, Opened, Request as Run},
    id,
    integration::{Call, Caller, Outcome, ReplyTo},
    node::Node,
    observe,
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
    let handshake = Arc::new(read(&mut parts, &node.origins).await);
    let upgrade = configure(upgrade, &node);
    let protocol = match upgrade.selected_protocol() {
        Some(_) => Protocol::V1,
        None => Protocol::Plain,
    };
    match admit(&node, &handshake, protocol).await {
        Ok(Admitted { peer, subprotocol }) => {
            let upgrade = match subprotocol {
                Some(subprotocol) => upgrade.protocols([subprotocol]),
                None => upgrade,
            };
            open(upgrade, node, peer)
        }
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
    let settings = node.settings.load();
    let message = settings.limits.message;
    upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(message)
        .max_frame_size(settings.max_frame.unwrap_or(message))
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER + 2 * settings.mailbox.bytes.max(message))
}

/// A client that may come in.
struct Admitted {
    peer: Peer,
    /// What `$connect` chose of the subprotocols that the client offers.
    subprotocol: Option<String>,
}

/// Asks the authorizer and `$connect`, and enters the connection into the table.
async fn admit(
    node: &Arc<Node>,
    handshake: &Arc<Handshake>,
    protocol: Protocol,
) -> Result<Admitted, Refusal> {
    let opened = Arc::new(Opened::now(handshake, &node.stage.load().domain_name));
    let principal = Arc::default();
    let stranger = Peer { id: id::connection_id(), opened, principal, protocol, expires: None };
    let run = Run::now();
    let peer = match enter(node, handshake, stranger.clone()).await {
        Ok(peer) => peer,
        Err(refusal) => {
            tell(node, handshake, &stranger, run, Some(&refusal));
            return Err(refusal);
        }
    };
    match run_connect(node, handshake, &peer, run).await {
        Ok(subprotocol) => Ok(Admitted { peer, subprotocol }),
        Err(refusal) => {
            forget(node, &peer).await;
            Err(refusal)
        }
    }
}

/// Tells of a handshake that no integration sees.
fn tell(
    node: &Arc<Node>,
    handshake: &Arc<Handshake>,
    peer: &Peer,
    run: Arc<Run>,
    refusal: Option<&Refusal>,
) {
    let event = Event::Connect(handshake.clone());
    let call = Call::new(CONNECT.into(), event, caller(node, peer), run);
    observe::handshaken(&node.watchers, call, refusal);
}

/// Asks the authorizer who it is, and enters the connection into the table.
async fn enter(
    node: &Arc<Node>,
    handshake: &Arc<Handshake>,
    stranger: Peer,
) -> Result<Peer, Refusal> {
    if node.stop.is_cancelled() {
        return Err(Refusal::Unavailable("the server is shutting down".to_owned()));
    }
    node.ready.wait().await;
    let Grant { principal, expires } = node.authorizer.authorize(handshake).await?;
    let peer = Peer { principal, expires, ..stranger };
    let row = Connection {
        id: peer.id,
        connected_at: peer.opened.connected_at,
        source_ip: peer.opened.source_ip,
        user_agent: peer.opened.user_agent.clone(),
        principal: peer.principal.id.clone(),
    };
    if let Err(error) = node.table.insert(row).await {
        tracing::error!(%error, "no connection can be opened");
        return Err(Refusal::Unavailable("the connection table cannot be reached".to_owned()));
    }
    Ok(peer)
}

/// Runs `$connect`; without one everybody may come in. Returns the subprotocol it chose.
async fn run_connect(
    node: &Arc<Node>,
    handshake: &Arc<Handshake>,
    peer: &Peer,
    run: Arc<Run>,
) -> Result<Option<String>, Refusal> {
    let routes = node.routes.load_full();
    let Some(route) = routes.connect() else {
        tell(node, handshake, peer, run, None);
        return Ok(None);
    };
    let (event, watchers) = (Event::Connect(handshake.clone()), node.watchers.clone());
    match route.call(event, caller(node, peer), run, watchers).await {
        Ok(Outcome::Reply(_) | Outcome::Accepted(_) | Outcome::Frame(_)) => Ok(None),
        Ok(Outcome::Response(response)) if (200..300).contains(&response.status) => {
            let chosen = response.header(header::SEC_WEBSOCKET_PROTOCOL.as_str());
            // A client fails the connection when it is told a subprotocol it did not offer.
            let offered = |chosen: &&str| handshake.subprotocols().any(|one| one == *chosen);
            Ok(chosen.filter(offered).map(str::to_owned))
        }
        Ok(Outcome::Response(response)) => Err(Refusal::by_status(response.status)),
        Err(error) => Err(refusal(&error)),
    }
}

fn caller(node: &Arc<Node>, peer: &Peer) -> Caller {
    Caller {
        connection: peer.id,
        opened: peer.opened.clone(),
        stage: node.stage.load_full(),
        principal: peer.principal.clone(),
        outbox: node.clone(),
        reply_to: ReplyTo::Nobody,
        delivery: None,
    }
}

/// What the error of `$connect` means for the handshake.
fn refusal(error: &Error) -> Refusal {
    let reason = error.message().to_owned();
    if let Some(source) = error.source() {
        tracing::error!(error = source, "$connect failed");
    }
    match error.code() {
        Error::UNAUTHORIZED => Refusal::Unauthorized(reason),
        Error::THROTTLED => Refusal::TooMany(reason),
        Error::UNAVAILABLE => Refusal::Unavailable(reason),
        Error::INVALID => Refusal::by_status(400),
        Error::INTERNAL => Refusal::by_status(502),
        Error::TIMED_OUT => Refusal::by_status(504),
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
