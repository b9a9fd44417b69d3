//! What the server remembers of a session, so that an action sent twice runs once.
//!
//! A client that reconnects sends its unanswered actions again, under the same session and id. The
//! [`Ledger`] of the session knows which of them run already and what the others were answered. It
//! lives in memory: what must survive a restart goes through a queue, which has a memory on disk.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dashmap::DashMap;
use gatewire::{ConnectionId, SessionId};
use sha2::{Digest, Sha256};

mod ledger;

pub(crate) use ledger::Begin;
use ledger::Ledger;

/// How long a session without a socket is remembered, in milliseconds: as long as the queue
/// remembers what it has seen. Ours; a longer time costs memory.
pub(crate) const KEEP_SESSION: u64 = 5 * 60 * 1000;

/// How many sessions without a socket are remembered; above it the oldest is forgotten early.
/// With the bytes of a ledger it bounds what clients that come and go can make a server hold.
const KEEP_AWAY: usize = 10_000;

/// A session of one principal. Made from both, so that knowing another's session id is no use.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SessionKey(Arc<str>);

impl SessionKey {
    pub(crate) fn new(principal: &str, session: &SessionId) -> Self {
        let mut hash = Sha256::new();
        hash.update(u64::try_from(principal.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(principal);
        hash.update(session.as_str());
        Self(URL_SAFE_NO_PAD.encode(&hash.finalize()[..18]).into())
    }

    /// The key as a queue carries it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that came back from a queue.
    pub(crate) fn from_queue(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.0)
    }
}

/// Every session this process knows.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    sessions: DashMap<SessionKey, Arc<Session>>,
    /// Sessions that lost their socket, oldest first, with the time they did.
    departures: Mutex<VecDeque<(u64, SessionKey)>>,
}

/// One session: its ledger and the socket it has now.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) key: SessionKey,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Option<ConnectionId>,
    left_at: u64,
    ledger: Ledger,
}

/// What a hello led to.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) session: Arc<Session>,
    /// Whether the session was known.
    pub(crate) resumed: bool,
    /// The socket that had the session until now.
    pub(crate) previous: Option<ConnectionId>,
}

impl Sessions {
    /// Gives a session to this connection.
    pub(crate) fn attach(&self, key: SessionKey, connection: ConnectionId, now: u64) -> Attached {
        self.sweep(now);
        let mut resumed = true;
        let entry = self.sessions.entry(key.clone()).or_insert_with(|| {
            resumed = false;
            Arc::new(Session { key, state: Mutex::new(State::new()) })
        });
        // While the entry is held, no sweep can forget the session.
        let session = entry.clone();
        let previous = session.lock().connection.replace(connection);
        drop(entry);
        Attached { session, resumed, previous }
    }

    /// Takes a session from this connection, unless a newer one has it.
    pub(crate) fn detach(&self, session: &Session, connection: ConnectionId, now: u64) {
        let mut state = session.lock();
        if state.connection == Some(connection) {
            state.connection = None;
            state.left_at = now;
            drop(state);
            self.departures().push_back((now, session.key.clone()));
        }
    }

    /// The session, while it is remembered.
    pub(crate) fn find(&self, key: &SessionKey) -> Option<Arc<Session>> {
        self.sessions.get(key).map(|entry| entry.value().clone())
    }

    /// Forgets the sessions that have been away too long. Each departure is looked at once.
    fn sweep(&self, now: u64) {
        let mut departures = self.departures();
        let is_due = |departures: &VecDeque<(u64, _)>| {
            let oldest = departures.front();
            let expired = oldest.is_some_and(|(left, _)| left + KEEP_SESSION <= now);
            expired || departures.len() > KEEP_AWAY
        };
        while is_due(&departures) {
            let Some((left, key)) = departures.pop_front() else { return };
            self.sessions.remove_if(&key, |_, session| {
                let state = session.lock();
                state.connection.is_none() && state.left_at == left
            });
        }
    }

    fn departures(&self) -> MutexGuard<'_, VecDeque<(u64, SessionKey)>> {
        self.departures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// The socket the session has now.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        self.lock().connection
    }

    /// Asks whether an action is to be run.
    pub(crate) fn begin(&self, id: u64) -> Begin {
        self.lock().ledger.begin(id)
    }

    /// Notes that an action waits in a queue. Its answer may be here already, because a worker can
    /// be faster than this note; then it is returned, to be sent after "accepted".
    pub(crate) fn accepted(&self, id: u64, frame: Utf8Bytes) -> Option<Utf8Bytes> {
        self.lock().ledger.accepted(id, frame)
    }

    /// Notes what an action was answered on its connection.
    pub(crate) fn answered(&self, id: u64, frame: Utf8Bytes) {
        self.lock().ledger.answered(id, frame);
    }

    /// Notes what a worker answered. Returns whether the answer is to be sent now: not while
    /// "accepted" has still to go before it.
    pub(crate) fn answered_by_worker(&self, id: u64, frame: Utf8Bytes) -> bool {
        let mut state = self.lock();
        let early = state.ledger.awaits_accepted(id);
        state.ledger.answered(id, frame);
        !early
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new() -> Self {
        Self { connection: None, left_at: 0, ledger: Ledger::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> SessionKey {
        SessionKey::new(name, &"0123456789abcdef".parse().unwrap())
    }

    fn connection(n: u8) -> ConnectionId {
        ConnectionId::from_bytes([n; 11])
    }

    #[test]
    fn a_session_id_is_no_use_to_another_principal() {
        assert_ne!(key("ada"), key("bob"));
        assert_eq!(key("ada").as_str().len(), 24);
    }

    #[test]
    fn a_worker_that_is_faster_than_the_word_accepted_is_sent_after_it() {
        let sessions = Sessions::default();
        let session = sessions.attach(key("ada"), connection(1), 0).session;
        assert_eq!(session.begin(1), Begin::Run);
        assert!(!session.answered_by_worker(1, "answer".into()));
        assert_eq!(session.accepted(1, "accepted".into()), Some("answer".into()));
        assert_eq!(session.begin(2), Begin::Run);
        assert_eq!(session.accepted(2, "accepted".into()), None);
        assert!(session.answered_by_worker(2, "answer".into()));
        assert_eq!(session.begin(2), Begin::Answered("answer".into()));
    }

    #[test]
    fn the_newer_socket_has_the_session() {
        let sessions = Sessions::default();
        let first = sessions.attach(key("ada"), connection(1), 0);
        assert!(!first.resumed);
        let second = sessions.attach(key("ada"), connection(2), 0);
        assert!(second.resumed);
        assert_eq!(second.previous, Some(connection(1)));
        sessions.detach(&first.session, connection(1), 0);
        assert_eq!(
            second.session.connection(),
            Some(connection(2)),
            "the older one closing changes nothing"
        );
    }

    #[test]
    fn a_session_without_a_socket_is_forgotten_after_its_time() {
        let sessions = Sessions::default();
        let ada = sessions.attach(key("ada"), connection(1), 0).session;
        sessions.detach(&ada, connection(1), 0);
        assert!(sessions.attach(key("ada"), connection(2), KEEP_SESSION - 1).resumed);
        sessions.detach(&ada, connection(2), KEEP_SESSION);
        sessions.attach(key("bob"), connection(3), KEEP_SESSION + 1);
        assert!(sessions.find(&key("ada")).is_some(), "it came back, so its time began again");
        sessions.attach(key("bob"), connection(3), 2 * KEEP_SESSION);
        assert!(sessions.find(&key("ada")).is_none());
        assert!(sessions.find(&key("bob")).is_some());
    }

    #[test]
    fn clients_that_come_and_go_cannot_fill_the_memory() {
        let sessions = Sessions::default();
        for n in 0..=KEEP_AWAY {
            let session = sessions.attach(key(&n.to_string()), connection(1), 0).session;
            sessions.detach(&session, connection(1), 0);
        }
        sessions.attach(key("one more"), connection(1), 0);
        assert_eq!(sessions.sessions.len(), KEEP_AWAY + 1);
        assert!(sessions.find(&key("0")).is_none(), "the oldest went first");
    }
}
