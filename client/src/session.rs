//! The client's brain: a state machine without socket, clock, randomness or text.
//!
//! A driver tells it what happened ([`Input`], with the time), does what it says ([`Output`], until
//! there is none) and wakes it at its [`deadline`](Session::deadline). The driver keeps the texts and
//! whoever waits for them by [`ActionId`]; the session only decides.
//!
//! ```
//! use gatewire_client::session::{Input, Options, Output, Session, State};
//!
//! let mut session = Session::new(Options::default(), 1);
//! session.handle(Input::Connect, 0);
//! let connecting = Output::State { state: State::Connecting, code: None, retry_in: None };
//! assert_eq!(session.poll(), Some(connecting));
//! assert_eq!(session.poll(), Some(Output::FetchToken));
//! assert_eq!(session.poll(), None);
//! ```
//!
//! What it promises:
//! - an action is answered or rejected, once, unless it is cancelled;
//! - actions are written in the order of their ids, only after `welcome`, and those without an answer
//!   again on the next socket, under the same id;
//! - what was rejected or cancelled is not written any more.

mod backoff;
mod heartbeat;
mod input;
mod list;
mod outbox;
mod output;
mod pending;
mod phase;

use core::mem;

use gatewire_core::{CloseCode, Limits};

use self::{
    backoff::Backoff,
    heartbeat::Beat,
    outbox::Outbox,
    output::Outputs,
    pending::Pending,
    phase::{Open, Phase, Step},
};
pub use self::{
    backoff::{BASE, CEILING, STABLE, delay},
    heartbeat::{PATIENCE, SHORTEST},
    input::{Input, Welcome},
    output::{Output, Rejection, State},
    pending::REWRITABLE,
};

/// Milliseconds on the driver's monotonic clock; where it began is the driver's business.
pub type Millis = u64;

/// The number of an action within its session, from 1.
pub type ActionId = u64;

/// How long one attempt may take, in milliseconds: token, socket and welcome together. Ours: longer
/// than a slow handshake, shorter than a person's patience with a page that does nothing.
pub const ATTEMPT: Millis = 15_000;

/// How long an action waits for its answer unless its caller says otherwise, in milliseconds.
pub const TIMEOUT: Millis = 60_000;

/// What an application may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many actions may wait for a socket, or for room on it.
    pub queue_length: usize,
    /// How many bytes they may have together.
    pub queue_bytes: usize,
}

impl Default for Options {
    /// 1,000 actions and 1 MiB: generous for a page, small for a browser.
    fn default() -> Self {
        Self { queue_length: 1_000, queue_bytes: 1024 * 1024 }
    }
}

/// The client's side of a conversation, over any number of sockets.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    /// Whether the driver is fetching a token; an attempt may end before the fetch does.
    fetching: bool,
    backoff: Backoff,
    outbox: Outbox,
    /// The server's limits, or the defaults until it has told them.
    limits: Limits,
    /// The number of the last ping.
    pings: u64,
    outputs: Outputs,
}

impl Session {
    /// A session that nobody has connected yet. `seed` should differ between clients: it spreads
    /// their attempts.
    #[must_use]
    pub fn new(options: Options, seed: u32) -> Self {
        Self {
            phase: Phase::Idle,
            fetching: false,
            backoff: Backoff::new(seed),
            outbox: Outbox::new(options),
            limits: Limits::default(),
            pings: 0,
            outputs: Outputs::default(),
        }
    }

    /// Where the session is.
    #[must_use]
    pub fn state(&self) -> State {
        self.phase.state()
    }

    /// The id that the next [`send`](Self::send) gives, so that a driver can write the whole frame
    /// before it tells its size.
    #[must_use]
    pub fn next_id(&self) -> ActionId {
        self.outbox.next_id()
    }

    /// Takes an action whose frame has `size` bytes and whose caller waits `timeout` milliseconds
    /// ([`TIMEOUT`] by default, [`Millis::MAX`] for ever). Then poll: it may be rejected already.
    pub fn send(&mut self, size: usize, timeout: Millis, now: Millis) -> ActionId {
        let id = self.outbox.take_id();
        if let Some(reason) = self.refusal(size) {
            self.say(Output::Reject { id, reason });
        } else {
            let deadline = now.saturating_add(timeout);
            self.outbox.push(Pending::new(id, size, deadline));
        }
        self.handle(Input::Tick, now);
        id
    }

    /// Takes what happened at `now`. Then poll until there is nothing left to do.
    pub fn handle(&mut self, input: Input, now: Millis) {
        match input {
            Input::Connect => self.connect(now),
            Input::Close => self.close(),
            Input::Cancel(id) => self.outbox.remove(id),
            Input::TokenReady => self.token(true, now),
            Input::TokenFailed => self.token(false, now),
            Input::Opened => self.opened(),
            Input::Closed(code) => self.closed(code, now),
            Input::Wake => self.wake(now),
            Input::Tick => {}
            frame => self.frame(frame, now),
        }
        self.due(now);
        self.flush(now);
    }

    /// The next thing to do; `None` until something happens again.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop()
    }

    /// When to tell [`Input::Tick`], if nothing else happens before. It may have passed already.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let phase = self.phase.deadline();
        phase.into_iter().chain(self.outbox.deadline()).min()
    }

    /// Why an action of this size cannot even wait.
    fn refusal(&self, size: usize) -> Option<Rejection> {
        let at_once = self.phase.is_open() && self.outbox.is_clear(self.limits.in_flight);
        match self.phase {
            Phase::Closed => Some(Rejection::Closed),
            _ if size > self.limits.message => Some(Rejection::TooLarge),
            _ if !at_once && !self.outbox.has_room(size) => Some(Rejection::QueueFull),
            _ => None,
        }
    }

    fn connect(&mut self, now: Millis) {
        match self.phase {
            Phase::Idle | Phase::Closed => {
                self.backoff.reset();
                self.attempt(None, now);
            }
            Phase::Waiting { .. } => self.attempt(None, now),
            Phase::Connecting { .. } | Phase::Open(_) => {}
        }
    }

    fn close(&mut self) {
        if !matches!(self.phase, Phase::Closed) {
            self.hang_up(CloseCode::NORMAL);
            self.end(CloseCode::NORMAL, Rejection::Closed);
        }
    }

    fn token(&mut self, ready: bool, now: Millis) {
        if !mem::take(&mut self.fetching) {
            return;
        }
        if ready && self.phase.advance(Step::Token, Step::Socket) {
            self.say(Output::OpenSocket);
        } else if self.phase.is_at(Step::Token) {
            self.wait(None, now);
        }
    }

    fn opened(&mut self) {
        if self.phase.advance(Step::Socket, Step::Welcome) {
            self.say(Output::WriteHello);
        }
    }

    fn closed(&mut self, code: CloseCode, now: Millis) {
        if !self.phase.has_socket() {
            return;
        }
        if code == CloseCode::TOO_BIG
            && let Some(id) = self.outbox.largest_written()
        {
            // Written again it would close the next socket too.
            self.outbox.remove(id);
            let reason = Rejection::TooLarge;
            self.say(Output::Reject { id, reason });
        }
        if code.is_terminal() {
            self.end(code, Rejection::Ended(code));
        } else {
            self.wait(Some(code), now);
        }
    }

    /// Doubts the network: nothing may be as it was before the page slept.
    fn wake(&mut self, now: Millis) {
        match &mut self.phase {
            Phase::Waiting { .. } => self.attempt(None, now),
            Phase::Open(open) => open.heartbeat.suspect(now),
            Phase::Idle | Phase::Connecting { .. } | Phase::Closed => {}
        }
    }

    fn frame(&mut self, frame: Input, now: Millis) {
        if let Phase::Open(open) = &mut self.phase {
            open.heartbeat.heard(now);
            if let Input::GoAway { delay } = frame {
                open.leave_at(now.saturating_add(delay));
            }
        }
        match frame {
            Input::Welcome(welcome) => self.welcome(welcome, now),
            Input::Accepted(id) => self.outbox.accept(id),
            Input::Answered(id) => self.outbox.remove(id),
            Input::Ping(number) if self.phase.has_spoken() => {
                self.say(Output::WritePong { number });
            }
            _ => {}
        }
    }

    fn welcome(&mut self, welcome: Welcome, now: Millis) {
        if !self.phase.is_at(Step::Welcome) {
            return;
        }
        self.limits = Limits {
            message: welcome.message,
            in_flight: welcome.in_flight.max(1), // else nothing could ever be said
        };
        self.phase = Phase::Open(Open::new(welcome.heartbeat, now));
        self.enter(State::Open, None, None);
        self.outbox.reject(&mut self.outputs, &|pending, _| {
            (pending.size > welcome.message).then_some(Rejection::TooLarge)
        });
    }

    /// Does what the clock asks for.
    fn due(&mut self, now: Millis) {
        self.outbox.expire(now, &mut self.outputs);
        match &mut self.phase {
            Phase::Connecting { give_up, .. } if *give_up <= now => self.give_up(now),
            Phase::Waiting { until } if *until <= now => self.attempt(None, now),
            Phase::Open(open) if open.must_leave(now) => self.leave(now),
            Phase::Open(open) => match open.heartbeat.due(now) {
                Some(Beat::Ping) => self.ping(),
                Some(Beat::Dead) => self.give_up(now),
                None => {}
            },
            _ => {}
        }
    }

    fn flush(&mut self, now: Millis) {
        if self.phase.is_open() {
            while let Some(id) = self.outbox.write(self.limits.in_flight, now) {
                self.say(Output::Write { id });
            }
        }
    }

    fn ping(&mut self) {
        self.pings += 1;
        let number = self.pings;
        self.say(Output::WritePing { number });
    }

    /// The server asked for it. At once if this socket served well, else no faster than after a
    /// failure: a server that sends everyone away must not be stormed.
    fn leave(&mut self, now: Millis) {
        self.hang_up(CloseCode::RECONNECTING);
        if self.phase.was_stable(now) {
            self.backoff.reset();
            self.outbox.rewind();
            self.attempt(Some(CloseCode::RECONNECTING), now);
        } else {
            self.wait(Some(CloseCode::RECONNECTING), now);
        }
    }

    /// The peer takes too long.
    fn give_up(&mut self, now: Millis) {
        self.hang_up(CloseCode::SILENT);
        self.wait(Some(CloseCode::SILENT), now);
    }

    fn attempt(&mut self, code: Option<CloseCode>, now: Millis) {
        self.phase = Phase::attempt(now);
        self.enter(State::Connecting, code, None);
        if !mem::replace(&mut self.fetching, true) {
            self.say(Output::FetchToken);
        }
    }

    /// This attempt, or this socket, is over; the next one comes by itself.
    fn wait(&mut self, code: Option<CloseCode>, now: Millis) {
        if self.phase.was_stable(now) {
            self.backoff.reset();
        }
        self.outbox.rewind();
        let retry_in = self.backoff.fail();
        self.phase = Phase::Waiting { until: now + retry_in };
        self.enter(State::Waiting, code, Some(retry_in));
    }

    /// There is no next attempt.
    fn end(&mut self, code: CloseCode, reason: Rejection) {
        self.phase = Phase::Closed;
        self.enter(State::Closed, Some(code), None);
        self.outbox.reject(&mut self.outputs, &|_, _| Some(reason));
    }

    fn hang_up(&mut self, code: CloseCode) {
        if self.phase.has_socket() {
            self.say(Output::CloseSocket { code });
        }
    }

    fn enter(&mut self, state: State, code: Option<CloseCode>, retry_in: Option<Millis>) {
        self.say(Output::State { state, code, retry_in });
    }

    fn say(&mut self, output: Output) {
        self.outputs.push(output);
    }
}
