//! Every session this process knows.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use gatewire::ConnectionId;

use crate::{
    connection::Closed,
    relay::LocalRelay,
    session::{
        Arrival, Away, Forgotten, KeptSession, ResumeLimits, Resumption, Session, SessionKey,
        Succession,
    },
};

pub(crate) mod stored;

/// Every session this process knows.
#[derive(Debug)]
pub(crate) struct Sessions {
    sessions: DashMap<SessionKey, Arc<Session>>,
    away: Arc<Away>,
}

impl Sessions {
    pub(crate) fn new(limits: ResumeLimits) -> Self {
        Self { sessions: DashMap::new(), away: Arc::new(Away::new(limits)) }
    }

    /// Gives a session to the socket that said hello, and to its mailbox the welcome that this
    /// function writes, followed by what was missed.
    pub(crate) fn attach(
        &self,
        key: SessionKey,
        arrival: Arrival,
        now: u64,
        relay: &LocalRelay,
        welcome: impl FnOnce(Resumption) -> Utf8Bytes,
    ) -> (Arc<Session>, Succession) {
        let mut resumed = true;
        let entry = self.sessions.entry(key.clone()).or_insert_with(|| {
            resumed = false;
            Arc::new(Session::new(key, self.away.clone()))
        });
        // While the entry is held, nobody can forget the session.
        let session = entry.clone();
        let route = |connection| relay.lead_to(connection, session.clone());
        let succession = session.arrive(arrival, resumed, now, route, welcome);
        drop(entry);
        (session, succession)
    }

    /// Ends a session whose client said that it will not come back, unless a newer connection has
    /// it.
    pub(crate) fn end(&self, session: &Session, connection: ConnectionId) -> Option<Forgotten> {
        let mut forgotten = None;
        self.sessions.remove_if(&session.key, |_, known| {
            if std::ptr::eq(Arc::as_ptr(known), session) {
                forgotten = session.end_at(connection);
            }
            forgotten.is_some()
        });
        forgotten
    }

    /// The session, while it is remembered.
    pub(crate) fn find(&self, key: &SessionKey) -> Option<Arc<Session>> {
        self.sessions.get(key).map(|entry| entry.value().clone())
    }

    /// Forgets the next session whose time is up, or that is one too many.
    pub(crate) fn forget_next(&self, now: u64) -> Option<Forgotten> {
        while let Some((ticket, key)) = self.away.next_due(now) {
            let mut forgotten = None;
            self.sessions.remove_if(&key, |_, session| {
                forgotten = session.end_waiting(ticket);
                forgotten.is_some()
            });
            if forgotten.is_some() {
                return forgotten;
            }
        }
        None
    }

    /// Ends every session, because nothing of them outlives this process.
    pub(crate) fn end_all(&self) -> Vec<Forgotten> {
        let mut all = Vec::new();
        self.sessions.retain(|_, session| {
            all.extend(session.connection().and_then(|connection| session.end_at(connection)));
            false
        });
        all
    }

    /// Ends every session here, for the next process to go on with. Each comes with the
    /// connections that may be in groups for it. `closed` is how a socket ends that is still open.
    pub(crate) fn keep_all(
        &self,
        now: u64,
        closed: &Closed,
    ) -> Vec<(KeptSession, Vec<ConnectionId>)> {
        let mut all = Vec::new();
        self.sessions.retain(|_, session| {
            let members = session.members();
            all.extend(session.keep(now, closed).map(|kept| (kept, members)));
            false
        });
        all
    }

    /// Goes on with a session of the process before.
    pub(crate) fn restore(&self, kept: KeptSession, relay: &LocalRelay) {
        let routes: Vec<_> = kept.routes().collect();
        let session = Arc::new(Session::restore(kept, &self.away));
        for connection in routes {
            relay.lead_to(connection, session.clone());
        }
        self.sessions.insert(session.key.clone(), session);
    }

    /// Those that wait for their client.
    pub(crate) fn away(&self) -> &Away {
        &self.away
    }
}
