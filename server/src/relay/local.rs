//! The relay inside one process: a map from id to mailbox or session.

use std::{future::ready, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use gatewire::{ConnectionId, PostError};

use super::{Relay, Relaying};
use crate::{
    clock,
    mailbox::{End, Mailbox, Refused},
    session::Session,
};

/// The receivers of this process.
#[derive(Debug, Default)]
pub(crate) struct LocalRelay {
    receivers: DashMap<ConnectionId, Receiver>,
}

/// What a connection id leads to.
#[derive(Clone, Debug)]
enum Receiver {
    /// A plain connection.
    Plain(Arc<Mailbox>),
    /// A gatewire client that has not said hello. Posts to it wait; posts to its groups reach it
    /// from its hello on, because until then nobody knows whether its session gets them already.
    Greeting(Arc<Mailbox>),
    /// The session of a gatewire client, over this connection or a newer one.
    Session(Arc<Session>),
}

impl LocalRelay {
    /// Makes a plain connection reachable.
    pub(crate) fn open_plain(&self, id: ConnectionId, mailbox: Arc<Mailbox>) {
        self.receivers.insert(id, Receiver::Plain(mailbox));
    }

    /// Makes a gatewire client reachable that has not said hello.
    pub(crate) fn open_greeting(&self, id: ConnectionId, mailbox: Arc<Mailbox>) {
        self.receivers.insert(id, Receiver::Greeting(mailbox));
    }

    /// What is for this connection is for this session.
    pub(crate) fn lead_to(&self, id: ConnectionId, session: Arc<Session>) {
        self.receivers.insert(id, Receiver::Session(session));
    }

    /// Makes a connection unreachable: posts to it are answered "gone" from here on.
    pub(crate) fn forget(&self, id: ConnectionId) {
        self.receivers.remove(&id);
    }

    /// The connections that are in groups for this one: itself, or those of its session, the
    /// present one last.
    pub(crate) fn members(&self, id: ConnectionId) -> Vec<ConnectionId> {
        match self.receiver(id) {
            Ok(Receiver::Session(session)) => session.members(),
            Ok(Receiver::Plain(_) | Receiver::Greeting(_)) | Err(_) => vec![id],
        }
    }

    /// The mailbox of every open connection, for the drain.
    pub(crate) fn sockets(&self) -> Vec<Arc<Mailbox>> {
        // Collected first: whoever gives a session a socket locks the session, then this map.
        let receivers: Vec<_> = self.receivers.iter().map(|entry| entry.value().clone()).collect();
        let mut sockets: Vec<_> = receivers.iter().filter_map(Receiver::socket).collect();
        sockets.sort_unstable_by_key(Arc::as_ptr); // several ids may lead to one session
        sockets.dedup_by(|one, other| Arc::ptr_eq(one, other));
        sockets
    }

    fn receiver(&self, id: ConnectionId) -> Result<Receiver, PostError> {
        self.receivers.get(&id).map(|entry| entry.value().clone()).ok_or(PostError::Gone(id))
    }

    fn post(&self, id: ConnectionId, text: Utf8Bytes) -> Result<(), PostError> {
        let refused = |refused| match refused {
            Refused::Full => PostError::Slow(id),
            Refused::Ended | Refused::Greeted => PostError::Gone(id),
        };
        let mut receiver = self.receiver(id)?;
        if let Receiver::Greeting(mailbox) = &receiver {
            match mailbox.hold(text.clone()) {
                Err(Refused::Greeted) => receiver = self.receiver(id)?, // by now, a session
                held => return held.map_err(refused),
            }
        }
        let taken = match receiver {
            Receiver::Plain(mailbox) => mailbox.offer(text),
            Receiver::Greeting(_) | Receiver::Session(_) => receiver.take(text, clock::now()),
        };
        taken.map_err(refused)
    }

    fn post_all(&self, ids: &[ConnectionId], text: &Utf8Bytes) -> usize {
        let now = clock::now();
        let found = ids.iter().filter_map(|id| self.receiver(*id).ok());
        let mut receivers: Vec<_> =
            found.filter(|receiver| !matches!(receiver, Receiver::Greeting(_))).collect();
        // A session that changes its connection can be in a group with both for a moment.
        if receivers.iter().any(Receiver::is_renamed) {
            receivers.sort_unstable_by_key(Receiver::identity);
            receivers.dedup_by_key(|receiver| receiver.identity());
        }
        receivers.iter().filter(|receiver| receiver.take(text.clone(), now).is_ok()).count()
    }
}

impl Receiver {
    fn take(&self, text: Utf8Bytes, now: u64) -> Result<(), Refused> {
        match self {
            Self::Plain(mailbox) => mailbox.push(None, text),
            Self::Greeting(mailbox) => mailbox.hold(text),
            Self::Session(session) => session.post(text, now),
        }
    }

    fn close(&self, end: End) -> Result<(), Refused> {
        match self {
            Self::Plain(mailbox) | Self::Greeting(mailbox) => {
                mailbox.end(end);
                Ok(())
            }
            Self::Session(session) => session.close(end),
        }
    }

    fn last_active(&self) -> Option<u64> {
        match self {
            Self::Plain(mailbox) | Self::Greeting(mailbox) => Some(mailbox.last_active()),
            Self::Session(session) => session.last_active(),
        }
    }

    fn socket(&self) -> Option<Arc<Mailbox>> {
        match self {
            Self::Plain(mailbox) | Self::Greeting(mailbox) => Some(mailbox.clone()),
            Self::Session(session) => session.socket(),
        }
    }

    fn is_renamed(&self) -> bool {
        matches!(self, Self::Session(session) if session.is_renamed())
    }

    /// The same for two ids that lead to one receiver.
    fn identity(&self) -> usize {
        match self {
            Self::Plain(mailbox) | Self::Greeting(mailbox) => Arc::as_ptr(mailbox).addr(),
            Self::Session(session) => Arc::as_ptr(session).addr(),
        }
    }
}

impl Relay for LocalRelay {
    fn deliver(&self, id: ConnectionId, text: Utf8Bytes) -> Relaying<'_, ()> {
        Box::pin(ready(self.post(id, text)))
    }

    fn deliver_all<'a>(&'a self, ids: &'a [ConnectionId], text: Utf8Bytes) -> Relaying<'a, usize> {
        Box::pin(ready(Ok(self.post_all(ids, &text))))
    }

    fn close(&self, id: ConnectionId, end: End) -> Relaying<'_, ()> {
        let closed = self
            .receiver(id)
            .and_then(|receiver| receiver.close(end).map_err(|_ended| PostError::Gone(id)));
        Box::pin(ready(closed))
    }

    fn last_active(&self, id: ConnectionId) -> Relaying<'_, u64> {
        let last = self.receiver(id).and_then(|it| it.last_active().ok_or(PostError::Gone(id)));
        Box::pin(ready(last))
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
                    relay.open_plain(*id, mailbox.clone());
                    mailbox
                })
                .collect();
            (relay, mailboxes)
        })
        .await;
    }
}
