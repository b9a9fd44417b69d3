//! How sockets come and go.

use core::mem;

use gatewire_core::{CloseCode, Limits};

use super::{
    ATTEMPT, Attempt, Line, Millis, Output, Protocol, Rejection, Session, Socket, State, Welcome,
};

/// When to ask for a token again after a failure, in milliseconds, while the line's own lives. Ours.
pub const REFRESH_AGAIN: Millis = 5_000;

/// In the plain protocol, where nobody can be asked, how recent a frame makes a socket trustworthy
/// after the page slept, in milliseconds. Ours: a page that people switch to and fro keeps its socket.
pub const FRESH: Millis = 60_000;

/// The largest frame of the plain protocol, in bytes: API Gateway's limit (§1.4 of its quotas page).
pub const PLAIN_MESSAGE: usize = 32 * 1024;

/// After how much silence to replace a plain socket, in milliseconds: API Gateway closes it after ten
/// minutes.
pub const PLAIN_IDLE: Millis = 9 * 60 * 1000;

/// At which age to replace a plain socket, in milliseconds: API Gateway closes it after two hours.
pub const PLAIN_AGE: Millis = 115 * 60 * 1000;

/// What a plain server would say.
const PLAIN_WELCOME: Welcome = Welcome {
    heartbeat: PLAIN_IDLE,
    message: PLAIN_MESSAGE,
    in_flight: usize::MAX,
    seen: 0,
    resumed: false,
    gap: false,
    refresh_in: Millis::MAX,
};

impl Session {
    pub(super) fn connect(&mut self) {
        match self.attempt {
            Attempt::Idle if self.line.is_some() => {}
            Attempt::Idle | Attempt::Closed { .. } => {
                self.backoff.reset();
                self.begin(None);
            }
            Attempt::Waiting { .. } => self.begin(None),
            _ => {}
        }
    }

    /// What the driver fetched serves the attempt, and the line if it asked for it.
    pub(super) fn token(&mut self, ready: bool) {
        if !mem::take(&mut self.fetching) {
            return;
        }
        if let Attempt::Token { give_up } = self.attempt {
            if ready {
                self.attempt = Attempt::Socket { give_up };
                self.say(Output::OpenSocket);
            } else {
                self.fail(None);
            }
        }
        if !self.is_plain()
            && let Some(line) = &mut self.line
            && line.needs_token(self.now)
        {
            if ready {
                line.judge();
                self.say(Output::WriteToken);
            } else {
                line.refresh_in(REFRESH_AGAIN, self.now);
            }
        }
    }

    pub(super) fn opened(&mut self) {
        let Attempt::Socket { give_up } = self.attempt else { return };
        self.attempt = Attempt::Welcome { give_up };
        if self.is_plain() {
            self.welcome(&PLAIN_WELCOME);
            if let Some(line) = &mut self.line {
                line.leave_in(PLAIN_AGE, self.now);
            }
            return;
        }
        if let Some(line) = &mut self.line {
            line.has_rival = true;
        }
        self.say(Output::WriteHello);
    }

    pub(super) fn welcome(&mut self, welcome: &Welcome) {
        let Attempt::Welcome { .. } = self.attempt else { return };
        self.limits = Limits {
            message: welcome.message,
            in_flight: welcome.in_flight.max(1), // else nothing could ever be said
        };
        self.attempt = Attempt::Idle;
        self.line = Some(Line::new(welcome, self.now));
        self.outbox.rewind();
        self.say(Output::Promote);
        self.tell_state(None);
        self.catch_up(welcome);
    }

    /// Events came on the older line while the server was writing this welcome, so the counter may be
    /// ahead of it.
    fn catch_up(&mut self, welcome: &Welcome) {
        let seen = self.seen.unwrap_or(0);
        let forgotten = self.seen.is_some() && !welcome.resumed;
        let missed = welcome.gap && seen < welcome.seen;
        self.seen = Some(if welcome.resumed { seen.max(welcome.seen) } else { welcome.seen });
        if forgotten || missed {
            self.say(Output::Gap);
        }
    }

    pub(super) fn closed(&mut self, code: CloseCode) {
        let Some(line) = &mut self.line else { return };
        if code == CloseCode::TOO_BIG {
            self.outbox.refuse_largest();
        }
        let is_final = match code {
            CloseCode::TAKEN_OVER => !line.has_rival,
            // Unless another one was refused, the token has just run out: the attempt brings the next.
            CloseCode::UNAUTHORIZED => line.is_judged(),
            _ => code.is_terminal(),
        };
        if is_final {
            self.line = None;
            self.end(code, Rejection::Ended(code));
        } else if code == CloseCode::TAKEN_OVER && matches!(self.attempt, Attempt::Welcome { .. }) {
            line.end();
        } else {
            self.lose(code);
        }
    }

    pub(super) fn failed(&mut self, code: CloseCode) {
        if !self.attempt.has_socket() {
            return;
        }
        if code.is_terminal() {
            self.attempt = Attempt::Idle; // there is no socket left to close
            self.end(code, Rejection::Ended(code));
        } else {
            self.fail(Some(code));
        }
    }

    /// Nothing may be as it was before the page slept.
    pub(super) fn wake(&mut self) {
        self.doubt();
        if let Attempt::Waiting { .. } = self.attempt {
            self.begin(None);
        }
    }

    pub(super) fn doubt(&mut self) {
        let fresh = if self.is_plain() { FRESH } else { 0 };
        if let Some(line) = &mut self.line
            && !line.is_over()
            && line.heartbeat.doubt(fresh, self.now)
        {
            self.ask();
        }
    }

    pub(super) fn suspend(&mut self) {
        if matches!(self.told, State::Idle | State::Closed) {
            return;
        }
        self.hang_up(CloseCode::RECONNECTING);
        self.attempt = Attempt::Waiting { until: Millis::MAX };
        self.tell_state(Some(CloseCode::RECONNECTING));
    }

    /// Asks whether the peer is there. A plain one does not answer, so it is replaced.
    pub(super) fn ask(&mut self) {
        if self.is_plain() {
            if let Some(line) = &mut self.line {
                line.heartbeat.heard(self.now);
            }
            self.leave();
        } else {
            self.pings += 1;
            self.say(Output::WritePing { number: self.pings });
        }
    }

    /// The line's token expires soon.
    pub(super) fn refresh(&mut self) {
        if self.is_plain() {
            if let Some(line) = &mut self.line {
                line.refresh_in(Millis::MAX, self.now);
            }
            self.leave();
        } else {
            self.fetch();
        }
    }

    /// Goes to another socket, beside the line. At once if the line served well, else no faster than
    /// after a failure: a server that sends everyone away must not be stormed.
    pub(super) fn leave(&mut self) {
        if !matches!(self.attempt, Attempt::Idle) {
            return;
        }
        if self.line.as_ref().is_some_and(|line| line.was_stable(self.now)) {
            self.backoff.reset();
            self.begin(None);
        } else {
            self.fail(None);
        }
    }

    /// The attempt takes too long, or the wait for it is over.
    pub(super) fn attempt_due(&mut self) {
        if let Attempt::Waiting { .. } = self.attempt {
            self.begin(None);
        } else {
            self.hang_up_attempt(CloseCode::SILENT);
            self.fail(Some(CloseCode::SILENT));
        }
    }

    /// The line gives no sign of life.
    pub(super) fn give_up_line(&mut self) {
        let code = CloseCode::SILENT;
        self.say(Output::CloseSocket { socket: Socket::Line, code });
        self.lose(code);
    }

    /// There is no next attempt.
    pub(super) fn end(&mut self, code: CloseCode, reason: Rejection) {
        self.hang_up(CloseCode::NORMAL);
        self.attempt = Attempt::Closed { reason };
        self.tell_state(Some(code));
    }

    fn begin(&mut self, code: Option<CloseCode>) {
        self.attempt = Attempt::Token { give_up: self.now + ATTEMPT };
        self.tell_state(code);
        self.fetch();
    }

    fn fetch(&mut self) {
        if !mem::replace(&mut self.fetching, true) {
            self.say(Output::FetchToken);
        }
    }

    /// The line is gone. An attempt that is under way goes on.
    fn lose(&mut self, code: CloseCode) {
        let was_stable = self.line.take().is_some_and(|line| line.was_stable(self.now));
        self.outbox.rewind();
        if !matches!(self.attempt, Attempt::Idle) {
            return self.tell_state(Some(code));
        }
        if was_stable {
            self.backoff.reset();
        }
        self.fail(Some(code));
    }

    /// The attempt is over; the next one comes by itself.
    fn fail(&mut self, code: Option<CloseCode>) {
        if self.line.as_ref().is_some_and(Line::is_over) {
            self.line = None;
            self.outbox.rewind();
        }
        let retry_in = self.backoff.fail();
        self.attempt = Attempt::Waiting { until: self.now + retry_in };
        self.tell_state(code);
    }

    fn hang_up(&mut self, code: CloseCode) {
        self.hang_up_attempt(code);
        if self.line.take().is_some_and(|line| !line.is_over()) {
            self.say(Output::CloseSocket { socket: Socket::Line, code });
        }
        self.outbox.rewind();
    }

    fn hang_up_attempt(&mut self, code: CloseCode) {
        if self.attempt.has_socket() {
            self.say(Output::CloseSocket { socket: Socket::Attempt, code });
        }
    }

    /// Tells where the session is unless it is where it was told to be.
    fn tell_state(&mut self, code: Option<CloseCode>) {
        let state = self.state();
        if mem::replace(&mut self.told, state) == state {
            return;
        }
        let retry_in = match self.attempt {
            Attempt::Waiting { until } if until < Millis::MAX && state == State::Waiting => {
                Some(until.saturating_sub(self.now).max(1)) // it may be due in this very moment
            }
            _ => None,
        };
        self.say(Output::State { state, code, retry_in });
    }

    fn is_plain(&self) -> bool {
        self.options.protocol == Protocol::Plain
    }
}
