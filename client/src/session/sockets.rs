//! How sockets come and go.

use core::mem;

use gatewire_core::{CloseCode, Limits};

use super::{
    ATTEMPT, Attempt, Flow, IS_CORE, Line, Millis, Output, Reason, Rejection, SHORTEST, Session,
    Socket, State, Timer, Token, Welcome,
};

/// How long before a token expires to ask for the next one, in milliseconds; a quarter of its life if
/// that is less. Ours: time for a slow identity provider, and for another try.
pub const REFRESH_AHEAD: Millis = 60_000;

/// When to ask for a token again after a failure, in milliseconds, while the line's own lives. Ours.
pub const REFRESH_AGAIN: Millis = 5_000;

/// The largest frame of the plain protocol, in bytes: API Gateway's limit (§1.4 of its quotas page).
pub const PLAIN_MESSAGE: usize = 32 * 1024;

/// After how much silence to replace a plain socket, in milliseconds: API Gateway closes it after ten
/// minutes.
pub const PLAIN_IDLE: Millis = 9 * 60 * 1000;

/// At which age to replace a plain socket, in milliseconds: API Gateway closes it after two hours.
pub const PLAIN_AGE: Millis = 115 * 60 * 1000;

/// No socket ended.
const NO_CODE: CloseCode = CloseCode(0);

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
            Attempt::Idle if self.line.is_up() => {}
            Attempt::Idle | Attempt::Closed => {
                self.backoff.reset();
                self.begin();
            }
            Attempt::Waiting => self.begin(),
            _ => {}
        }
    }

    /// What the driver fetched serves the attempt, and the line if it asked for it.
    pub(super) fn token(&mut self, ready: bool) {
        if !mem::take(&mut self.fetching) {
            return;
        }
        if self.attempt == Attempt::Token {
            if ready {
                self.attempt = Attempt::Socket;
                self.say(Output::OpenSocket);
            } else {
                self.fail(NO_CODE);
            }
        }
        if self.options.refreshes_in_band() && self.line.token == Token::Fetched {
            if ready {
                self.line.token = Token::Judged;
                self.say(Output::WriteToken);
            } else {
                self.line.token = Token::Good;
                self.ring_in(Timer::Refresh, REFRESH_AGAIN);
            }
        }
    }

    pub(super) fn opened(&mut self) {
        if self.attempt != Attempt::Socket {
            return;
        }
        self.attempt = Attempt::Welcome;
        if self.options.is_plain() {
            self.welcome(&PLAIN_WELCOME);
            self.ring_in(Timer::Leave, PLAIN_AGE);
        } else {
            self.line.has_rival = true;
            self.say(Output::WriteHello);
        }
    }

    pub(super) fn welcome(&mut self, welcome: &Welcome) {
        if self.attempt != Attempt::Welcome {
            return;
        }
        self.limits = Limits {
            message: welcome.message,
            in_flight: welcome.in_flight.max(1), // else nothing could ever be said
        };
        self.attempt = Attempt::Idle;
        self.drop_line();
        self.line.flow = Flow::Free;
        self.line.since = self.now;
        self.line.interval = welcome.heartbeat.max(SHORTEST);
        self.ring_in(Timer::Attempt, Millis::MAX);
        self.heard();
        self.expires(welcome.refresh_in);
        self.say(Output::Promote);
        self.tell_state(NO_CODE);
        self.catch_up(welcome);
    }

    /// Events came on the older line while the server was writing this welcome, so the counter may be
    /// ahead of it.
    fn catch_up(&mut self, welcome: &Welcome) {
        let seen = self.seen.unwrap_or(0);
        let forgotten = self.seen.is_some() && !welcome.resumed;
        let missed = welcome.gap && seen < welcome.seen;
        self.seen = Some(if welcome.resumed { seen.max(welcome.seen) } else { welcome.seen });
        if !IS_CORE && (forgotten || missed) {
            self.say(Output::Gap);
        }
    }

    pub(super) fn closed(&mut self, code: CloseCode) {
        if !self.line.is_up() {
            return;
        }
        if code == CloseCode::TOO_BIG {
            self.outbox.refuse_largest();
        }
        let taken_over = code == CloseCode::TAKEN_OVER && self.line.has_rival;
        // Unless another one was refused, the token has just run out: the attempt brings the next.
        let judged = self.options.refreshes_in_band() && self.line.token == Token::Judged;
        let run_out = code == CloseCode::UNAUTHORIZED && !judged;
        if taken_over && self.attempt == Attempt::Welcome {
            self.drop_line();
            self.line.flow = Flow::Over;
        } else if code.is_terminal() && !taken_over && !run_out {
            self.drop_line();
            self.end(code, Reason::of(Rejection::Ended(code)));
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
            self.end(code, Reason::of(Rejection::Ended(code)));
        } else {
            self.fail(code);
        }
    }

    /// Nothing may be as it was before the page slept.
    pub(super) fn wake(&mut self) {
        self.doubt();
        if self.attempt == Attempt::Waiting {
            self.begin();
        }
    }

    pub(super) fn suspend(&mut self) {
        if matches!(self.told, State::Idle | State::Closed) {
            return;
        }
        self.hang_up(CloseCode::RECONNECTING);
        self.attempt = Attempt::Waiting;
        self.ring_in(Timer::Attempt, Millis::MAX);
        self.tell_state(CloseCode::RECONNECTING);
    }

    /// The line's token is good for so long; [`Millis::MAX`] for ever.
    pub(super) fn expires(&mut self, delay: Millis) {
        let ahead = REFRESH_AHEAD.min(delay / 4);
        self.line.token = Token::Good;
        self.ring_in(Timer::Refresh, Millis::MAX);
        if delay < Millis::MAX {
            // At least a moment: by a clock that is wrong every token may have expired.
            let delay = (delay - ahead).max(SHORTEST);
            self.ring_in(Timer::Refresh, delay);
        }
    }

    /// The line's token expires soon.
    pub(super) fn refresh(&mut self) {
        self.ring_in(Timer::Refresh, Millis::MAX);
        if self.options.refreshes_in_band() {
            self.line.token = Token::Fetched;
            self.fetch();
        } else {
            self.leave();
        }
    }

    /// Goes to another socket, beside the line. At once if the line served well, else no faster than
    /// after a failure: a server that sends everyone away must not be stormed.
    pub(super) fn leave(&mut self) {
        self.ring_in(Timer::Leave, Millis::MAX);
        if self.attempt == Attempt::Idle {
            if self.line.was_stable(self.now) {
                self.backoff.reset();
                self.begin();
            } else {
                self.fail(NO_CODE);
            }
        }
    }

    /// The attempt takes too long, or the wait for it is over.
    pub(super) fn attempt_due(&mut self) {
        if self.attempt == Attempt::Waiting {
            self.begin();
        } else {
            self.hang_up_attempt(CloseCode::SILENT);
            self.fail(CloseCode::SILENT);
        }
    }

    /// The line is gone. An attempt that is under way goes on.
    pub(super) fn lose(&mut self, code: CloseCode) {
        let was_stable = self.line.was_stable(self.now);
        self.drop_line();
        if self.attempt == Attempt::Idle {
            if was_stable {
                self.backoff.reset();
            }
            self.fail(code);
        } else {
            self.tell_state(code);
        }
    }

    /// There is no next attempt.
    pub(super) fn end(&mut self, code: CloseCode, reason: Reason) {
        self.hang_up(CloseCode::NORMAL);
        self.attempt = Attempt::Closed;
        self.ended = reason;
        self.ring_in(Timer::Attempt, Millis::MAX);
        self.outbox.reject_all(reason);
        self.tell_state(code);
    }

    fn begin(&mut self) {
        self.attempt = Attempt::Token;
        self.ring_in(Timer::Attempt, ATTEMPT);
        self.tell_state(NO_CODE);
        self.fetch();
    }

    fn fetch(&mut self) {
        if !mem::replace(&mut self.fetching, true) {
            self.say(Output::FetchToken);
        }
    }

    /// The attempt is over; the next one comes by itself.
    fn fail(&mut self, code: CloseCode) {
        if self.line.flow == Flow::Over {
            self.drop_line();
        }
        self.attempt = Attempt::Waiting;
        let retry_in = self.backoff.fail();
        self.ring_in(Timer::Attempt, retry_in);
        self.tell_state(code);
    }

    fn hang_up(&mut self, code: CloseCode) {
        self.hang_up_attempt(code);
        if self.line.is_alive() {
            self.say(Output::CloseSocket { socket: Socket::Line, code });
        }
        self.drop_line();
    }

    fn hang_up_attempt(&mut self, code: CloseCode) {
        if self.attempt.has_socket() {
            self.say(Output::CloseSocket { socket: Socket::Attempt, code });
        }
    }

    #[inline(never)]
    fn drop_line(&mut self) {
        self.line = Line::DOWN;
        self.timers.stop_line();
        self.outbox.rewind();
    }

    /// Tells where the session is unless it is where it was told to be.
    fn tell_state(&mut self, code: CloseCode) {
        let state = self.state();
        if mem::replace(&mut self.told, state) == state {
            return;
        }
        let until = self.timers.at(Timer::Attempt);
        let retry_in = if state == State::Waiting && until < Millis::MAX {
            Some(until.saturating_sub(self.now).max(1)) // it may be due in this very moment
        } else {
            None
        };
        let code = (code != NO_CODE).then_some(code);
        self.say(Output::State { state, code, retry_in });
    }
}
