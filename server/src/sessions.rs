//! Every session this process knows.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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
    known: DashMap<SessionKey, Arc<Session>>,
    away: Arc<Away>,
    /// Set when the sessions leave this process: none begins after that.
    closed: AtomicBool,
}

impl Sessions {
    pub(crate) fn new(limits: ResumeLimits) -> Self {
        Self {
            known: DashMap::new(),
            away: Arc::new(Away::new(limits)),
            closed: AtomicBool::new(false),
        }
    }

    /// Gives a session to the socket that said hello, and to its mailbox the welcome that this
    /// function writes, followed by what was missed. `None` when the process ends: a client that
    /// began anew here would be told an older state of its session by the next one.
    pub(crate) fn attach(
        &self,
        key: SessionKey,
        arrival: Arrival,
        now: u64,
        relay: &LocalRelay,
        welcome: impl FnOnce(Resumption) -> Utf8Bytes,
    ) -> Option<(Arc<Session>, Succession)> {
        let mut resumed = true;
        let entry = self.known.entry(key.clone());
        // Asked while the entry is held, so that whoever closes after this finds the session.
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        let entry = entry.or_insert_with(|| {
            resumed = false;
            Arc::new(Session::new(key, self.away.clone()))
        });
        // While the entry is held, nobody can forget the session.
        let session = entry.clone();
        let route = |connection| relay.lead_to(connection, session.clone());
        let succession = session.arrive(arrival, resumed, now, route, welcome);
        drop(entry);
        Some((session, succession))
    }

    /// Ends a session whose client said that it will not come back, unless a newer connection has
    /// it.
    pub(crate) fn end(&self, session: &Session, connection: ConnectionId) -> Option<Forgotten> {
        let mut forgotten = None;
        self.known.remove_if(&session.key, |_, found| {
            if std::ptr::eq(Arc::as_ptr(found), session) {
                forgotten = session.end_at(connection);
            }
            forgotten.is_some()
        });
        forgotten
    }

    /// The session, while it is remembered.
    pub(crate) fn find(&self, key: &SessionKey) -> Option<Arc<Session>> {
        self.known.get(key).map(|entry| entry.value().clone())
    }

    /// Forgets the next session whose time is up, or that is one too many.
    pub(crate) fn forget_next(&self, now: u64) -> Option<Forgotten> {
        while let Some((ticket, key)) = self.away.next_due(now) {
            let mut forgotten = None;
            self.known.remove_if(&key, |_, session| {
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
        self.closed.store(true, Ordering::Release);
        let mut all = Vec::new();
        self.known.retain(|_, session| {
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
        self.closed.store(true, Ordering::Release);
        let mut all = Vec::new();
        self.known.retain(|_, session| {
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
        self.known.insert(session.key.clone(), session);
    }

    /// Those that wait for their client.
    pub(crate) fn away(&self) -> &Away {
        &self.away
    }
}
