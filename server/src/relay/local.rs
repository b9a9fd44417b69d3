//! The relay inside one process: a map from id to mailbox.

use std::{future::ready, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use gatewire::{ConnectionId, PostError};

use super::{Relay, Relaying};
use crate::mailbox::{End, Mailbox, Refused};

/// The mailboxes of this process's sockets.
#[derive(Debug, Default)]
pub(crate) struct LocalRelay {
    mailboxes: DashMap<ConnectionId, Arc<Mailbox>>,
}

impl LocalRelay {
    /// Makes a connection reachable.
    pub(crate) fn open(&self, id: ConnectionId, mailbox: Arc<Mailbox>) {
        self.mailboxes.insert(id, mailbox);
    }

    /// Makes a connection unreachable: posts to it are answered "gone" from here on.
    pub(crate) fn forget(&self, id: ConnectionId) {
        self.mailboxes.remove(&id);
    }

    /// Every mailbox there is, for the drain.
    pub(crate) fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        self.mailboxes.iter().map(|entry| entry.value().clone()).collect()
    }

    fn mailbox(&self, id: ConnectionId) -> Result<Arc<Mailbox>, PostError> {
        self.mailboxes.get(&id).map(|entry| entry.value().clone()).ok_or(PostError::Gone(id))
    }

    fn push(&self, id: ConnectionId, text: Utf8Bytes) -> Result<(), PostError> {
        self.mailbox(id)?.push(text).map_err(|refused| match refused {
            Refused::Ended => PostError::Gone(id),
            Refused::Full => PostError::Slow(id),
        })
    }
}

impl Relay for LocalRelay {
    fn deliver(&self, id: ConnectionId, text: Utf8Bytes) -> Relaying<'_, ()> {
        Box::pin(ready(self.push(id, text)))
    }

    fn deliver_all<'a>(&'a self, ids: &'a [ConnectionId], text: Utf8Bytes) -> Relaying<'a, usize> {
        let taken = ids.iter().filter(|id| self.push(**id, text.clone()).is_ok()).count();
        Box::pin(ready(Ok(taken)))
    }

    fn close(&self, id: ConnectionId, end: End) -> Relaying<'_, ()> {
        Box::pin(ready(self.mailbox(id).map(|mailbox| mailbox.end(end))))
    }

    fn last_active(&self, id: ConnectionId) -> Relaying<'_, u64> {
        Box::pin(ready(self.mailbox(id).map(|mailbox| mailbox.last_active())))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::conformance, *};

    #[tokio::test]
    async fn conforms() {
        conformance::suite(|ids, limits| {
            let relay = LocalRelay::default();
            let mailboxes: Vec<_> = ids
                .iter()
                .map(|id| {
                    let mailbox = Arc::new(Mailbox::new(limits, 7));
                    relay.open(*id, mailbox.clone());
                    mailbox
                })
                .collect();
            (relay, mailboxes)
        })
        .await;
    }
}
