//! What follows when a connection has ended: its groups go on with the session, or its row and its
//! `$disconnect` are done with.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use gatewire::{CloseCode, ConnectionId, Principal};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    clock,
    connection::Closed,
    drain::goodbye,
    event::{Event, Opened, Request},
    integration::{Caller, ReplyTo},
    node::Node,
    session::{Forgotten, Session},
    sessions::stored::{self, StoredSession},
    store::Store,
};

/// A connection whose socket has closed and whose last action has ended.
#[derive(Clone, Debug)]
pub(crate) struct Departed {
    pub(crate) connection: ConnectionId,
    pub(crate) opened: Arc<Opened>,
    pub(crate) principal: Arc<Principal>,
    pub(crate) closed: Closed,
}

/// A socket has closed. A session that may come back waits, with all that belongs to it; anything
/// else is over, once the last actions have ended.
pub(crate) async fn depart(
    node: &Arc<Node>,
    session: Option<&Arc<Session>>,
    departed: Departed,
    last_actions: impl Future<Output = ()>,
) {
    let connection = departed.connection;
    match session {
        None => {
            let (rows, routes) = (vec![connection], vec![connection]);
            release(node, Forgotten { rows, routes, departed: None }).await;
        }
        Some(session) if is_final(departed.closed.code) => {
            if let Some(forgotten) = node.sessions.end(session, connection) {
                release(node, forgotten).await;
            }
        }
        Some(session) => session.leave(connection, clock::now()),
    }
    last_actions.await;
    let over = match session {
        Some(session) => session.rest(departed),
        None => Some(departed),
    };
    if let Some(mut departed) = over {
        departed.closed.successor = session
            .and_then(|session| session.connection())
            .filter(|successor| *successor != connection);
        say_goodbye(node, departed).await;
    }
}

/// Whether a session ends with its socket: after these codes no client comes back. A close frame
/// without a code is what `close()` sends when it is given none; a lost network sends no frame.
fn is_final(code: CloseCode) -> bool {
    code.is_terminal() || code == CloseCode::NO_STATUS
}

/// A session goes on with this connection: it gets the groups of the former ones, and their
/// `$disconnect` runs.
pub(crate) async fn succeed(
    node: &Arc<Node>,
    session: &Session,
    connection: ConnectionId,
    bequeathing: Vec<ConnectionId>,
    departed: Option<Departed>,
) {
    let mut moved = Vec::with_capacity(bequeathing.len());
    for former in bequeathing {
        match node.table.hand_over(former, connection).await {
            Ok(()) => moved.push(former),
            // It stays a member, so the session hears its groups through the former id.
            Err(error) => tracing::error!(%former, %error, "groups cannot be handed over"),
        }
    }
    session.settle(&moved);
    if let Some(mut departed) = departed {
        departed.closed.successor = Some(connection);
        say_goodbye(node, departed).await;
    }
}

/// Forgets the sessions that do not come back, until the drain begins.
pub(crate) async fn forget_the_absent(node: Arc<Node>) {
    node.ready.wait().await;
    loop {
        while let Some(forgotten) = node.sessions.forget_next(clock::now()) {
            let owner = node.clone();
            node.tasks.spawn(async move { release(&owner, forgotten).await });
        }
        let deadline = node.sessions.away().next_deadline();
        let wait = Duration::from_millis(deadline.unwrap_or(0).saturating_sub(clock::now()));
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = node.sessions.away().changed() => {}
            () = sleep_until(Instant::now() + wait), if deadline.is_some() => {}
        }
    }
}

/// The process ends. With a store the sessions go there, for the next process; without one they
/// end, and `$disconnect` runs as far as the time allows. Returns whether all was done.
pub(crate) async fn close_sessions(node: &Arc<Node>, deadline: Instant) -> bool {
    let Some(store) = &node.store else {
        let ending = node.sessions.end_all().into_iter().map(|ended| release(node, ended));
        return timeout_at(deadline, join_all(ending)).await.is_ok();
    };
    if timeout_at(deadline, node.posts.stop()).await.is_err() {
        tracing::warn!("an event that is being posted may be lost");
    }
    match keep_sessions(node, store).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "the sessions cannot be kept; their clients will be told");
            false
        }
    }
}

async fn keep_sessions(
    node: &Node,
    store: &Store,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let goodbye = goodbye();
    let cut_off =
        Closed { code: goodbye.code, reason: goodbye.reason.into_owned(), successor: None };
    let mut sessions = Vec::new();
    for (session, members) in node.sessions.keep_all(clock::now(), &cut_off) {
        let Some(connection) = node.table.get(session.connection()).await? else { continue };
        let mut groups = Vec::new();
        for member in members {
            groups.extend(node.table.groups(member).await?);
        }
        sessions.push(StoredSession { session, connection, groups });
    }
    Ok(stored::put(store, &sessions).await?)
}

/// Brings back the rows and groups of the sessions that the process before has kept, then lets the
/// gateway begin.
pub(crate) async fn restore(node: Arc<Node>, sessions: Vec<StoredSession>) {
    for StoredSession { session, connection, groups } in sessions {
        let id = connection.id;
        if let Err(error) = enter(&node, connection, &groups).await {
            tracing::error!(connection = %id, %error, "a session comes back without its groups");
        }
        node.sessions.restore(session, &node.relay);
    }
    node.ready.set(()).expect("sessions are brought back once");
}

async fn enter(
    node: &Node,
    connection: crate::table::Connection,
    groups: &[String],
) -> Result<(), crate::table::TableError> {
    let id = connection.id;
    node.table.insert(connection).await?;
    for group in groups {
        node.table.join(id, group).await?;
    }
    Ok(())
}

/// Takes what is over out of the relay and the table, and runs `$disconnect` if that is due.
async fn release(node: &Arc<Node>, forgotten: Forgotten) {
    for connection in forgotten.routes {
        node.relay.forget(connection);
    }
    for connection in forgotten.rows {
        if let Err(error) = node.table.remove(connection).await {
            tracing::error!(%connection, %error, "a closed connection stays in the table");
        }
    }
    if let Some(departed) = forgotten.departed {
        say_goodbye(node, departed).await;
    }
}

async fn say_goodbye(node: &Arc<Node>, departed: Departed) {
    let routes = node.routes.load_full();
    let Some(route) = routes.disconnect() else { return };
    let Departed { connection, opened, principal, closed } = departed;
    let caller = Caller {
        connection,
        opened,
        stage: node.stage.load_full(),
        principal,
        outbox: node.clone(),
        reply_to: ReplyTo::Nobody,
        delivery: None,
    };
    let (event, watchers) = (Event::Disconnect(closed), node.watchers.clone());
    if let Err(error) = route.call(event, caller, Request::now(), watchers).await {
        tracing::error!(%connection, %error, source = error.source(), "$disconnect failed");
    }
}
