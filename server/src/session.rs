//! What the server remembers of a session, so that an action sent twice runs once and an event is
//! not missed.
//!
//! A client that reconnects sends its unanswered actions again, under the same session and id. The
//! `Ledger` of the session knows which of them run already and what the others were answered; the
//! `Replay` has the events that the client has not acknowledged. Both live in memory; at a drain
//! they go into the store, if there is one.
//!
//! One lock per session decides the order of everything that is told to its client: an event gets
//! its number and its place in the mailbox at once, and a newer socket takes over between two of
//! them.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZeroU64,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewire::{ConnectionId, Principal, SessionId, frame::to_client};
use sha2::{Digest, Sha256};

use crate::{
    event::Opened,
    mailbox::{End, Mailbox, Refused},
};

mod away;
mod kept;
mod ledger;
mod place;
mod replay;

pub(crate) use away::Away;
pub(crate) use kept::KeptSession;
pub(crate) use ledger::Begin;
pub(crate) use place::{Arrival, Forgotten, Resumption, Succession};

use ledger::Ledger;
use place::Place;
use replay::{Bounds, Replay};

/// How much is kept for the clients that may come back. The figures are ours; a deployment may
/// change them with [`Gateway::resume`](crate::Gateway::resume).
#[derive(Clone, Copy, Debug)]
pub struct ResumeLimits {
    /// How many events that its client has not acknowledged one session keeps.
    pub events: usize,
    /// How many bytes of them. The texts are shared between the receivers of a post, and count for
    /// each.
    pub bytes: usize,
    /// How long an event is kept for a client that is there and does not acknowledge.
    pub age: Duration,
    /// How long a session that lost its socket is remembered.
    pub keep: Duration,
    /// How many sessions that lost their socket are remembered; above it the oldest is forgotten.
    pub away: usize,
    /// How many bytes of events and answers are kept for all of them; above it the oldest is
    /// forgotten.
    pub away_bytes: usize,
}

impl Default for ResumeLimits {
    fn default() -> Self {
        Self {
            events: 1000,
            bytes: 1024 * 1024,
            age: Duration::from_mins(5),
            // As long as a queue remembers what it has seen.
            keep: Duration::from_mins(5),
            away: 10_000,
            away_bytes: 64 * 1024 * 1024,
        }
    }
}

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

    /// The key as a queue or a store carries it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that came back from a queue or a store.
    pub(crate) fn from_kept(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.0)
    }
}

/// One session: what it was told, what it asked, and where it is.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) key: SessionKey,
    away: Arc<Away>,
    /// Whether more than one connection id leads here.
    renamed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    place: Place,
    /// The handshake of the present connection, or of the last one.
    opened: Arc<Opened>,
    principal: Arc<Principal>,
    /// The connections it had before, oldest first.
    former: VecDeque<ConnectionId>,
    /// Those of them whose groups have still to be moved to the present one.
    bequeathing: Vec<ConnectionId>,
    replay: Replay,
    ledger: Ledger,
}

impl Session {
    pub(crate) fn new(key: SessionKey, away: Arc<Away>, now: u64) -> Self {
        let replay = Replay::new(Bounds::of(&away.limits), now);
        let state = State {
            place: Place::Nowhere,
            opened: Arc::default(),
            principal: Arc::default(),
            former: VecDeque::new(),
            bequeathing: Vec::new(),
            replay,
            ledger: Ledger::default(),
        };
        Self { key, away, renamed: AtomicBool::new(false), state: Mutex::new(state) }
    }

    /// Posts a text to the client: now, and if it is an event, once more if the client misses it.
    /// What is no event has no number and cannot be missed and repeated, so a session without a
    /// socket does not take it.
    pub(crate) fn post(&self, text: Utf8Bytes, now: u64) -> Result<(), Refused> {
        self.lock().post(text, now, &self.away)
    }

    /// Asks whether an action is to be run.
    pub(crate) fn begin(&self, id: u64) -> Begin {
        self.lock().ledger.begin(id)
    }

    /// Notes that an action waits in a queue, and tells the client. Its answer may be here already,
    /// because a worker can be faster than this note; then it follows.
    pub(crate) fn accepted(&self, id: u64, frame: Utf8Bytes) {
        let mut state = self.lock();
        let early = state.ledger.accepted(id, frame.clone());
        state.say(frame);
        if let Some(answer) = early {
            state.say(answer);
        }
    }

    /// Notes what an action was answered, and tells the client.
    pub(crate) fn answered(&self, id: u64, frame: Utf8Bytes) {
        let mut state = self.lock();
        state.note_answer(id, frame.clone(), &self.away);
        state.say(frame);
    }

    /// Notes what a worker answered, and tells the client, unless "accepted" has still to go
    /// before it.
    pub(crate) fn answered_by_worker(&self, id: u64, frame: Utf8Bytes) {
        let mut state = self.lock();
        let early = state.ledger.awaits_accepted(id);
        state.note_answer(id, frame.clone(), &self.away);
        if !early {
            state.say(frame);
        }
    }

    /// The client has handled the events up to this number.
    pub(crate) fn acknowledge(&self, seen: u64) {
        let mut state = self.lock();
        state.replay.acknowledge(seen);
        state.recount(&self.away);
    }

    /// The connection that the session has now or had last, while it is remembered.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        self.lock().place.connection()
    }

    /// Every connection that may be in groups for this session, the present one last.
    pub(crate) fn members(&self) -> Vec<ConnectionId> {
        let state = self.lock();
        state.bequeathing.iter().copied().chain(state.place.connection()).collect()
    }

    /// When the client last sent or got a frame, in milliseconds since the Unix epoch; `None` once
    /// the session has ended.
    pub(crate) fn last_active(&self) -> Option<u64> {
        self.lock().place.last_active()
    }

    /// Ends the session's socket; without one, the session.
    pub(crate) fn close(&self, end: End) -> Result<(), Refused> {
        let mut state = self.lock();
        match &mut state.place {
            Place::Here(socket) => socket.mailbox.end(end),
            Place::Away(absence) => absence.hurry(&self.key, &self.away),
            Place::Nowhere | Place::Kept => return Err(Refused::Ended),
        }
        Ok(())
    }

    /// The mailbox of the session's socket, if it has one.
    pub(crate) fn socket(&self) -> Option<Arc<Mailbox>> {
        match &self.lock().place {
            Place::Here(socket) => Some(socket.mailbox.clone()),
            Place::Away(_) | Place::Nowhere | Place::Kept => None,
        }
    }

    /// Whether more than one connection id leads here.
    pub(crate) fn is_renamed(&self) -> bool {
        self.renamed.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn post(&mut self, text: Utf8Bytes, now: u64, away: &Away) -> Result<(), Refused> {
        let is_event = to_client::is_event(&text);
        match &mut self.place {
            Place::Here(socket) if is_event => {
                self.replay.forget_aged(now);
                let number = self.replay.push(text.clone(), now);
                // A mailbox that refuses belongs to a socket that closes: the replay has the event.
                let _missed = socket.mailbox.push(NonZeroU64::new(number), text);
                Ok(())
            }
            Place::Here(socket) => socket.mailbox.offer(text),
            Place::Away(_) if is_event => {
                self.replay.push(text, now);
                self.recount(away);
                Ok(())
            }
            Place::Away(_) | Place::Nowhere | Place::Kept => Err(Refused::Ended),
        }
    }

    fn note_answer(&mut self, id: u64, frame: Utf8Bytes, away: &Away) {
        self.ledger.answered(id, frame);
        self.recount(away);
    }

    /// Says something that is not repeated: the client asks again for what it misses.
    fn say(&self, frame: Utf8Bytes) {
        if let Place::Here(socket) = &self.place {
            let _gone = socket.mailbox.answer(frame);
        }
    }

    fn recount(&mut self, away: &Away) {
        let bytes = self.bytes();
        if let Place::Away(absence) = &mut self.place {
            away.resize(absence.counted, bytes);
            absence.counted = bytes;
        }
    }

    /// How many bytes are kept for the client.
    fn bytes(&self) -> usize {
        self.replay.bytes() + self.ledger.bytes()
    }
}

#[cfg(test)]
mod tests;
