//! What one process knows: its connections, sessions, routes and numbers.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use axum::extract::ws::Utf8Bytes;
use futures_util::{FutureExt as _, future::ready};
use gatewire::{ConnectionId, Limits, Outbox, PostError};
use tokio::sync::SetOnce;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    authorize::{Authorizer, Origins, Tickets},
    contract::Contracts,
    drain,
    mailbox::MailboxLimits,
    management::Access,
    observe::Watchers,
    posts::Posts,
    relay::{LocalRelay, Relay},
    route::Routes,
    session::ResumeLimits,
    sessions::Sessions,
    stage::Stage,
    store::Store,
    table::{ConnectionTable, TableError},
};

/// Everything the tasks of one gateway share.
pub(crate) struct Node {
    pub(crate) stage: ArcSwap<Stage>,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    /// Who may use the management API.
    pub(crate) access: ArcSwap<Access>,
    pub(crate) origins: Origins,
    pub(crate) tickets: Option<Arc<Tickets>>,
    pub(crate) routes: ArcSwap<Routes>,
    pub(crate) contracts: Contracts,
    pub(crate) table: Arc<dyn ConnectionTable>,
    pub(crate) relay: LocalRelay,
    pub(crate) sessions: Sessions,
    pub(crate) posts: Posts,
    /// Who hears what happens here.
    pub(crate) watchers: Watchers,
    /// Where the sessions go when the process ends.
    pub(crate) store: Option<Store>,
    /// They may change while the gateway runs; a connection keeps those of its beginning.
    pub(crate) settings: ArcSwap<Settings>,
    /// Connections and workers: what a drain waits for.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the drain begins.
    pub(crate) stop: CancellationToken,
    /// Set once the sessions of the process before are back.
    pub(crate) ready: SetOnce<()>,
}

/// The numbers of a gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) mailbox: MailboxLimits,
    pub(crate) resume: ResumeLimits,
    /// After how much silence a gatewire client sends a ping.
    pub(crate) heartbeat: Duration,
    /// After how much silence a plain connection ends (API Gateway: 10 minutes).
    pub(crate) idle: Duration,
    /// How long a connection may live (API Gateway: 2 hours).
    pub(crate) lifetime: Duration,
    /// Over how long the clients of a draining gateway are asked to leave.
    pub(crate) drain_window: Duration,
    /// The longest frame that is taken, in bytes; as long as a message unless told.
    pub(crate) max_frame: Option<usize>,
    /// Whether plain clients may send binary messages (API Gateway: no).
    pub(crate) binary: bool,
    /// Whether error frames of the plain protocol say more than API Gateway's do.
    pub(crate) error_detail: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            mailbox: MailboxLimits::default(),
            resume: ResumeLimits::default(),
            heartbeat: Duration::from_secs(25),
            idle: Duration::from_mins(10),
            lifetime: Duration::from_hours(2),
            drain_window: drain::WINDOW,
            max_frame: None,
            binary: false,
            error_detail: true,
        }
    }
}

impl Outbox for Node {
    fn post(&self, connection: ConnectionId, text: Arc<str>) -> gatewire::context::Posting<'_, ()> {
        match self.posts.begin() {
            Ok(under_way) => {
                let posting = self.relay.deliver(connection, shared(text));
                Box::pin(posting.inspect(move |_| drop(under_way)))
            }
            Err(stopped) => Box::pin(ready(Err(stopped))),
        }
    }

    fn post_to_group<'a>(
        &'a self,
        group: &'a str,
        text: Arc<str>,
    ) -> gatewire::context::Posting<'a, usize> {
        Box::pin(async move {
            let _under_way = self.posts.begin()?;
            let members = self.table.members(group).await.map_err(unreachable_table)?;
            self.relay.deliver_all(&members, shared(text)).await
        })
    }

    fn join<'a>(
        &'a self,
        connection: ConnectionId,
        group: &'a str,
    ) -> gatewire::context::Posting<'a, ()> {
        Box::pin(async move {
            let mut members = self.relay.members(connection);
            loop {
                let present = *members.last().ok_or(PostError::Gone(connection))?;
                if self.table.join(present, group).await.map_err(unreachable_table)? {
                    return Ok(());
                }
                // Its session may have gone on with a newer connection meanwhile.
                members = self.relay.members(connection);
                if members.last() == Some(&present) {
                    return Err(PostError::Gone(connection));
                }
            }
        })
    }

    fn leave<'a>(
        &'a self,
        connection: ConnectionId,
        group: &'a str,
    ) -> gatewire::context::Posting<'a, ()> {
        Box::pin(async move {
            let mut members = self.relay.members(connection);
            loop {
                // From the older to the newer, the way in which groups are handed over.
                for member in &members {
                    self.table.leave(*member, group).await.map_err(unreachable_table)?;
                }
                let before = std::mem::replace(&mut members, self.relay.members(connection));
                if members.iter().all(|member| before.contains(member)) {
                    return Ok(());
                }
            }
        })
    }
}

/// One text, shared by every socket it is written to.
fn shared(text: Arc<str>) -> Utf8Bytes {
    struct Bytes(Arc<str>);
    impl AsRef<[u8]> for Bytes {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    Utf8Bytes::try_from(bytes::Bytes::from_owner(Bytes(text))).expect("a str is UTF-8")
}

fn unreachable_table(error: TableError) -> PostError {
    PostError::Relay(Box::new(error))
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("settings", &self.settings).finish_non_exhaustive()
    }
}
