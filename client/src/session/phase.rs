//! Where a session is, with what belongs to it there.

use super::{ATTEMPT, Millis, STABLE, State, heartbeat::Heartbeat};

/// [`State`] with its own data, so that nothing is remembered beyond the state it belongs to.
#[derive(Debug)]
pub(super) enum Phase {
    Idle,
    Connecting { step: Step, give_up: Millis },
    Open(Open),
    Waiting { until: Millis },
    Closed,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Token,
    Socket,
    Welcome,
}

/// One open socket.
#[derive(Debug)]
pub(super) struct Open {
    since: Millis,
    pub(super) heartbeat: Heartbeat,
    /// When to leave for another socket because the server asked for it.
    leave: Option<Millis>,
}

impl Phase {
    pub(super) fn attempt(now: Millis) -> Self {
        Self::Connecting { step: Step::Token, give_up: now + ATTEMPT }
    }

    pub(super) fn state(&self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Connecting { .. } => State::Connecting,
            Self::Open(_) => State::Open,
            Self::Waiting { .. } => State::Waiting,
            Self::Closed => State::Closed,
        }
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        match self {
            Self::Idle | Self::Closed => None,
            Self::Connecting { give_up, .. } => Some(*give_up),
            Self::Waiting { until } => Some(*until),
            Self::Open(open) => {
                let heartbeat = open.heartbeat.deadline();
                Some(open.leave.map_or(heartbeat, |leave| leave.min(heartbeat)))
            }
        }
    }

    /// Goes from one step of the attempt to the next; whether it was at that step.
    pub(super) fn advance(&mut self, from: Step, to: Step) -> bool {
        match self {
            Self::Connecting { step, .. } if *step == from => {
                *step = to;
                true
            }
            _ => false,
        }
    }

    pub(super) fn is_at(&self, wanted: Step) -> bool {
        matches!(self, Self::Connecting { step, .. } if *step == wanted)
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    pub(super) fn has_socket(&self) -> bool {
        self.is_open() || self.is_at(Step::Socket) || self.is_at(Step::Welcome)
    }

    /// Whether `hello` was written, so that other frames may follow.
    pub(super) fn has_spoken(&self) -> bool {
        self.is_open() || self.is_at(Step::Welcome)
    }

    /// Whether a socket was open for long enough to be called good.
    pub(super) fn was_stable(&self, now: Millis) -> bool {
        matches!(self, Self::Open(open) if now.saturating_sub(open.since) >= STABLE)
    }
}

impl Open {
    pub(super) fn new(heartbeat: Millis, now: Millis) -> Self {
        Self { since: now, heartbeat: Heartbeat::new(heartbeat, now), leave: None }
    }

    /// The server wants this client elsewhere at that moment; the earliest it named counts.
    pub(super) fn leave_at(&mut self, when: Millis) {
        self.leave = Some(self.leave.map_or(when, |before| before.min(when)));
    }

    pub(super) fn must_leave(&self, now: Millis) -> bool {
        self.leave.is_some_and(|leave| leave <= now)
    }
}
