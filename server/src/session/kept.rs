//! A session as it outlives its process: one row of JSON in the store.

use std::sync::{Arc, Mutex, atomic::AtomicBool};

use axum::extract::ws::Utf8Bytes;
use gatewire::{CloseCode, ConnectionId, Principal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Away, Session, SessionKey, State,
    ledger::{KeptLedger, Ledger},
    place::{Absence, Place},
    replay::{Bounds, Kept, Replay},
};
use crate::{connection::Closed, departure::Departed, event::Opened};

/// Everything that the next process has to know of a session, but for its row and its groups,
/// which the table knows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptSession {
    key: String,
    connection: ConnectionId,
    former: Vec<ConnectionId>,
    #[serde(default)]
    opened: Opened,
    principal: KeptPrincipal,
    /// When it is forgotten, in milliseconds since the Unix epoch.
    until: u64,
    last_active: u64,
    close_code: u16,
    close_reason: String,
    last: u64,
    acknowledged: u64,
    /// When each was posted, and its text.
    events: Vec<(u64, String)>,
    ledger: KeptLedger,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptPrincipal {
    id: String,
    claims: Map<String, Value>,
}

impl Session {
    /// Ends the session here, for the next process to go on with. `closed` is how a socket ends
    /// that is still there.
    pub(crate) fn keep(&self, now: u64, closed: &Closed) -> Option<KeptSession> {
        let mut state = self.lock();
        let connection = state.place.connection()?;
        let (until, departed) = match &state.place {
            Place::Away(absence) => (absence.until(), absence.departed()),
            Place::Here(_) | Place::Nowhere | Place::Kept => (self.away.deadline(now), None),
        };
        let closed = departed.map_or(closed, |departed| &departed.closed);
        // A token that was renewed on the connection has brought newer claims.
        let principal = departed.map_or(&state.principal, |departed| &departed.principal);
        let kept = KeptSession {
            key: self.key.as_str().to_owned(),
            connection,
            former: state.former.iter().copied().collect(),
            opened: departed.map_or(&state.opened, |departed| &departed.opened).as_ref().clone(),
            principal: KeptPrincipal { id: principal.id.clone(), claims: principal.claims.clone() },
            until,
            last_active: state.place.last_active().unwrap_or(now),
            close_code: closed.code.0,
            close_reason: closed.reason.clone(),
            last: state.replay.last(),
            acknowledged: state.replay.acknowledged(),
            events: state.replay.kept().map(|kept| (kept.at, kept.text.to_string())).collect(),
            ledger: state.ledger.keep(),
        };
        self.end(&mut state);
        state.place = Place::Kept;
        Some(kept)
    }

    /// Goes on with a session of the process before. It waits for its client.
    pub(crate) fn restore(kept: KeptSession, away: &Arc<Away>) -> Self {
        let key = SessionKey::from_kept(&kept.key);
        let principal =
            Arc::new(Principal { id: kept.principal.id, claims: kept.principal.claims });
        let opened = Arc::new(kept.opened);
        let departed = Departed {
            connection: kept.connection,
            opened: opened.clone(),
            principal: principal.clone(),
            closed: Closed {
                code: CloseCode(kept.close_code),
                reason: kept.close_reason,
                successor: None,
            },
        };
        let event = |(at, text)| Kept { at, text: Utf8Bytes::from(text) };
        let events = kept.events.into_iter().map(event).collect();
        let bounds = Bounds::of(&away.limits);
        let replay = Replay::restored(kept.last, kept.acknowledged, events, bounds);
        let ledger = Ledger::restore(kept.ledger);
        let counted = replay.bytes() + ledger.bytes();
        let ticket = away.enter(key.clone(), kept.until, counted);
        let absence = Absence::restored(departed, kept.last_active, ticket, counted);
        let renamed = AtomicBool::new(!kept.former.is_empty());
        let state = State {
            place: Place::Away(absence),
            opened,
            principal,
            former: kept.former.into(),
            bequeathing: Vec::new(),
            replay,
            ledger,
        };
        Self { key, away: away.clone(), renamed, state: Mutex::new(state) }
    }
}

impl KeptSession {
    /// The name of its row.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The connection that closed last.
    pub(crate) fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Every connection that leads to the session.
    pub(crate) fn routes(&self) -> impl Iterator<Item = ConnectionId> {
        self.former.iter().copied().chain([self.connection])
    }
}
