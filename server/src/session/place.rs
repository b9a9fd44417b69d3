//! Where a session is: on a socket, waiting for the next one, or nowhere.

use std::{num::NonZeroU64, sync::Arc, sync::atomic::Ordering};

use axum::extract::ws::Utf8Bytes;
use gatewire::{ConnectionId, Principal};

use super::{Away, Session, SessionKey, State, away::Ticket};
use crate::{
    departure::Departed,
    event::Opened,
    mailbox::{Mailbox, Waiting},
};

/// To how many former connections of a session posts still find their way. Ours: a handler that
/// runs since more reconnects ago has to look its connection up again.
const FORMER: usize = 16;

/// Where a session is.
#[derive(Debug)]
pub(super) enum Place {
    /// On a socket.
    Here(Socket),
    /// Without a socket, remembered for a while.
    Away(Absence),
    /// It has ended, or has not begun.
    Nowhere,
    /// The next process goes on with it.
    Kept,
}

/// The socket of a session.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) connection: ConnectionId,
    pub(super) mailbox: Arc<Mailbox>,
}

/// The time between two sockets.
#[derive(Debug)]
pub(super) struct Absence {
    connection: ConnectionId,
    last_active: u64,
    ticket: Ticket,
    /// How many bytes count as kept for it.
    pub(super) counted: usize,
    /// What its `$disconnect` will be told; `None` while an action of the connection still runs.
    departed: Option<Departed>,
}

/// A client that said hello on a new socket.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionId,
    pub(crate) opened: Arc<Opened>,
    pub(crate) principal: Arc<Principal>,
    pub(crate) mailbox: Arc<Mailbox>,
    /// The last event that the client has handled, where it knows.
    pub(crate) seen: Option<u64>,
}

/// What is left of the session, for the welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resumption {
    /// Whether the session was known.
    pub(crate) resumed: bool,
    /// The events on this socket follow this number.
    pub(crate) seen: u64,
    /// Whether events before that are lost.
    pub(crate) gap: bool,
    /// The highest id of an action there was.
    pub(crate) last_id: u64,
}

/// What a new socket takes over.
#[derive(Debug)]
pub(crate) struct Succession {
    /// The connections whose groups become those of the new one.
    pub(crate) bequeathing: Vec<ConnectionId>,
    /// The connection that was away, if its last action has ended: `$disconnect` can run for it.
    pub(crate) departed: Option<Departed>,
    /// Connections that do not lead to the session any more.
    pub(crate) unreachable: Vec<ConnectionId>,
}

/// What remains of a session that is forgotten.
#[derive(Debug)]
pub(crate) struct Forgotten {
    /// The connections to be taken out of the table.
    pub(crate) rows: Vec<ConnectionId>,
    /// The connections that led to the session.
    pub(crate) routes: Vec<ConnectionId>,
    /// The connection for which `$disconnect` is to run now.
    pub(crate) departed: Option<Departed>,
}

impl Place {
    pub(super) fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::Here(socket) => Some(socket.connection),
            Self::Away(absence) => Some(absence.connection),
            Self::Nowhere | Self::Kept => None,
        }
    }

    pub(super) fn last_active(&self) -> Option<u64> {
        match self {
            Self::Here(socket) => Some(socket.mailbox.last_active()),
            Self::Away(absence) => Some(absence.last_active),
            Self::Nowhere | Self::Kept => None,
        }
    }
}

impl Absence {
    /// An absence that began in the process before.
    pub(super) fn restored(
        departed: Departed,
        last_active: u64,
        ticket: Ticket,
        counted: usize,
    ) -> Self {
        let connection = departed.connection;
        Self { connection, last_active, ticket, counted, departed: Some(departed) }
    }

    /// When the session is forgotten.
    pub(super) fn until(&self) -> u64 {
        self.ticket.until()
    }

    /// What its `$disconnect` will be told, once its last action has ended.
    pub(super) fn departed(&self) -> Option<&Departed> {
        self.departed.as_ref()
    }

    /// Its time is up.
    pub(super) fn hurry(&mut self, key: &SessionKey, away: &Away) {
        away.leave(self.ticket, self.counted);
        self.ticket = away.enter(key.clone(), 0, self.counted);
    }
}

impl Session {
    /// Gives the session to a new socket. In one step, so that every event is either among those
    /// that follow the welcome or comes after them: `route` makes the connection lead here, then
    /// the mailbox gets the welcome and what was missed.
    pub(crate) fn arrive(
        &self,
        arrival: Arrival,
        resumed: bool,
        now: u64,
        route: impl FnOnce(ConnectionId),
        welcome: impl FnOnce(Resumption) -> Utf8Bytes,
    ) -> Succession {
        let Arrival { connection, opened, principal, mailbox, seen } = arrival;
        let mut guard = self.lock();
        let state = &mut *guard;
        state.opened = opened;
        state.principal = principal;
        let socket = Socket { connection, mailbox: mailbox.clone() };
        let departed = match std::mem::replace(&mut state.place, Place::Here(socket)) {
            Place::Here(old) => {
                old.mailbox.take_over();
                self.succeed(state, old.connection);
                None
            }
            Place::Away(old) => {
                self.away.leave(old.ticket, old.counted);
                self.succeed(state, old.connection);
                old.departed
            }
            Place::Nowhere | Place::Kept => None,
        };
        route(connection);
        let missed = state.replay.since(seen);
        let welcome = welcome(Resumption {
            resumed,
            seen: missed.seen,
            gap: missed.gap,
            last_id: state.ledger.highest(),
        });
        let numbers = (missed.seen + 1..).map(NonZeroU64::new);
        let events =
            numbers.zip(missed.events).map(|(number, text)| Waiting { number, frame: text.into() });
        for text in mailbox.greet(welcome, events) {
            let _gone = state.post(text, now, &self.away);
        }
        let surplus = state.former.len().saturating_sub(FORMER);
        Succession {
            bequeathing: state.bequeathing.clone(),
            departed,
            unreachable: state.former.drain(..surplus).collect(),
        }
    }

    fn succeed(&self, state: &mut State, former: ConnectionId) {
        state.former.push_back(former);
        state.bequeathing.push(former);
        self.renamed.store(true, Ordering::Release);
    }

    /// The groups of these connections have been moved.
    pub(crate) fn settle(&self, moved: &[ConnectionId]) {
        self.lock().bequeathing.retain(|connection| !moved.contains(connection));
    }

    /// This connection's socket is lost: the session waits for the next one, unless it has it.
    pub(crate) fn leave(&self, connection: ConnectionId, now: u64) {
        let mut state = self.lock();
        let counted = state.bytes();
        if let Place::Here(socket) = &state.place
            && socket.connection == connection
        {
            let last_active = socket.mailbox.last_active();
            let ticket = self.away.enter(self.key.clone(), self.away.deadline(now), counted);
            let absence = Absence { connection, last_active, ticket, counted, departed: None };
            state.place = Place::Away(absence);
        }
    }

    /// The last action of a connection has ended. Its `$disconnect` waits with the session; if that
    /// has gone on, it is given back, to be run now.
    pub(crate) fn rest(&self, departed: Departed) -> Option<Departed> {
        match &mut self.lock().place {
            Place::Away(absence) if absence.connection == departed.connection => {
                absence.departed = Some(departed);
                None
            }
            Place::Kept => None, // the next process runs it
            Place::Here(_) | Place::Away(_) | Place::Nowhere => Some(departed),
        }
    }

    /// Ends the session, if it is still on this connection.
    pub(crate) fn end_at(&self, connection: ConnectionId) -> Option<Forgotten> {
        let mut state = self.lock();
        (state.place.connection() == Some(connection)).then(|| self.end(&mut state))
    }

    /// Ends the session, if it still waits with this ticket.
    pub(crate) fn end_waiting(&self, ticket: Ticket) -> Option<Forgotten> {
        let mut state = self.lock();
        let waits = matches!(&state.place, Place::Away(absence) if absence.ticket == ticket);
        waits.then(|| self.end(&mut state))
    }

    pub(super) fn end(&self, state: &mut State) -> Forgotten {
        let place = std::mem::replace(&mut state.place, Place::Nowhere);
        let present = place.connection();
        let departed = match place {
            Place::Away(absence) => {
                self.away.leave(absence.ticket, absence.counted);
                absence.departed
            }
            Place::Here(_) | Place::Nowhere | Place::Kept => None,
        };
        let rows = state.bequeathing.drain(..).chain(present).collect();
        let routes = state.former.drain(..).chain(present).collect();
        Forgotten { rows, routes, departed }
    }
}
