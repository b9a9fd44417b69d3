//! The open socket: what is timed about it, and whether it takes more.

use super::{
    MEASURE, Millis, STABLE, Welcome,
    heartbeat::{Beat, Heartbeat, SHORTEST},
};

/// How long before a token expires to ask for the next one, in milliseconds; a quarter of its life if
/// that is less. Ours: time for a slow identity provider, and for another try.
pub const REFRESH_AHEAD: Millis = 60_000;

/// The socket that is open.
#[derive(Debug)]
pub(super) struct Line {
    since: Millis,
    pub(super) heartbeat: Heartbeat,
    pub(super) flow: Flow,
    token: Token,
    /// When to go to another socket; [`Millis::MAX`] for never.
    leave: Millis,
    /// Whether an attempt beside it has said `hello`, so that the server may close this one for it.
    pub(super) has_rival: bool,
}

/// Whether the socket takes more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Free,
    /// Too much waits in the socket's own buffer, which is measured at this moment.
    Congested {
        measure: Millis,
    },
    /// The server closed it in favour of the attempt, whose welcome must be on its way.
    Over,
}

/// What the server thinks of the token.
#[derive(Debug)]
enum Token {
    /// It is good; bring another one at this moment, [`Millis::MAX`] for never.
    Good { refresh: Millis },
    /// Another one was written and has no answer yet.
    Judged,
}

/// What the time calls for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Go to another socket.
    Leave,
    /// Fetch another token.
    Refresh,
    /// Measure the socket's buffer.
    Measure,
    /// Ask whether the peer is there.
    Ask,
    /// The peer is not there.
    GiveUp,
}

impl Line {
    pub(super) fn new(welcome: &Welcome, now: Millis) -> Self {
        let mut line = Self {
            since: now,
            heartbeat: Heartbeat::new(welcome.heartbeat, now),
            flow: Flow::Free,
            token: Token::Judged,
            leave: Millis::MAX,
            has_rival: false,
        };
        line.expires_in(welcome.refresh_in, now);
        line
    }

    /// The token is good for so long; [`Millis::MAX`] for ever.
    pub(super) fn expires_in(&mut self, delay: Millis, now: Millis) {
        let ahead = REFRESH_AHEAD.min(delay / 4);
        // At least a moment: by a clock that is wrong every token may have expired.
        let delay = if delay == Millis::MAX { delay } else { (delay - ahead).max(SHORTEST) };
        self.refresh_in(delay, now);
    }

    /// Bring another token then.
    pub(super) fn refresh_in(&mut self, delay: Millis, now: Millis) {
        self.token = Token::Good { refresh: now.saturating_add(delay) };
    }

    /// Another token was written.
    pub(super) fn judge(&mut self) {
        self.token = Token::Judged;
    }

    pub(super) fn is_judged(&self) -> bool {
        matches!(self.token, Token::Judged)
    }

    pub(super) fn needs_token(&self, now: Millis) -> bool {
        self.refresh() <= now
    }

    /// Go to another socket in so many milliseconds; the earliest time named counts.
    pub(super) fn leave_in(&mut self, delay: Millis, now: Millis) {
        self.leave = self.leave.min(now.saturating_add(delay));
    }

    /// The server closed it in favour of the attempt.
    pub(super) fn end(&mut self) {
        self.flow = Flow::Over;
        self.heartbeat.stop();
        self.leave = Millis::MAX;
        self.token = Token::Judged;
    }

    pub(super) fn is_over(&self) -> bool {
        self.flow == Flow::Over
    }

    /// Whether it was open for long enough to be called good.
    pub(super) fn was_stable(&self, now: Millis) -> bool {
        now.saturating_sub(self.since) >= STABLE
    }

    /// When something is due next. While the driver is `fetching` a token, it is not asked for another.
    pub(super) fn deadline(&self, fetching: bool) -> Millis {
        let refresh = if fetching { Millis::MAX } else { self.refresh() };
        let timers = [self.leave, refresh, self.measure()];
        timers.into_iter().fold(self.heartbeat.deadline(), Millis::min)
    }

    /// Something that is due, once.
    pub(super) fn due(&mut self, fetching: bool, now: Millis) -> Option<Duty> {
        if self.leave <= now {
            self.leave = Millis::MAX;
            return Some(Duty::Leave);
        }
        if !fetching && self.needs_token(now) {
            return Some(Duty::Refresh);
        }
        if self.measure() <= now {
            self.flow = Flow::Congested { measure: now + MEASURE };
            return Some(Duty::Measure);
        }
        self.heartbeat.due(now).map(|beat| match beat {
            Beat::Ask => Duty::Ask,
            Beat::Dead => Duty::GiveUp,
        })
    }

    fn refresh(&self) -> Millis {
        if let Token::Good { refresh } = self.token { refresh } else { Millis::MAX }
    }

    fn measure(&self) -> Millis {
        if let Flow::Congested { measure } = self.flow { measure } else { Millis::MAX }
    }
}
