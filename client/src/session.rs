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
//! - what was rejected or cancelled is not written any more;
//! - no event is delivered twice, and none is missed without a word;
//! - while a socket is good enough to write to, it is left only for one with a `welcome`.
//!
//! Two parts are independent of each other: the *line*, which is the open socket, and the *attempt*,
//! which is the way to the next one. To move to another server the session makes an attempt beside the
//! line; when it loses the line, it makes an attempt without one.

mod attempt;
mod backoff;
mod heartbeat;
mod input;
mod line;
mod list;
mod options;
mod outbox;
mod output;
mod pending;
mod sockets;

use gatewire_core::{CloseCode, Limits};

use self::{
    attempt::Attempt,
    backoff::Backoff,
    line::{Duty, Flow, Line},
    outbox::Outbox,
    output::Outputs,
    pending::Pending,
};
pub use self::{
    backoff::{BASE, CEILING, STABLE, delay},
    heartbeat::{PATIENCE, PROBE, SHORTEST},
    input::{Input, Welcome},
    line::REFRESH_AHEAD,
    options::{Options, Overflow, Protocol},
    output::{Delivery, Output, Rejection, Socket, State},
    pending::REWRITABLE,
    sockets::{FRESH, PLAIN_AGE, PLAIN_IDLE, PLAIN_MESSAGE, REFRESH_AGAIN},
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

/// How often to measure the buffer of a congested socket, in milliseconds. Browsers do not tell when it
/// has become shorter. Ours: a slow socket is not idle for long, and a measurement costs next to nothing.
pub const MEASURE: Millis = 50;

/// The client's side of a conversation, over any number of sockets.
#[derive(Debug)]
pub struct Session {
    options: Options,
    line: Option<Line>,
    attempt: Attempt,
    /// The state that was told last.
    told: State,
    /// Whether the driver is fetching a token; an attempt may end before the fetch does.
    fetching: bool,
    backoff: Backoff,
    outbox: Outbox,
    /// The server's limits, or the defaults until it has told them.
    limits: Limits,
    /// The number of the last ping.
    pings: u64,
    /// The number of the last event.
    seen: Option<u64>,
    /// When something happened last.
    now: Millis,
    outputs: Outputs,
}

impl Session {
    /// A session that nobody has connected yet. `seed` should differ between clients: it spreads
    /// their attempts.
    #[must_use]
    pub fn new(options: Options, seed: u32) -> Self {
        let mut limits = Limits::default();
        if options.protocol == Protocol::Plain {
            limits.message = PLAIN_MESSAGE;
        }
        Self {
            options,
            line: None,
            attempt: Attempt::Idle,
            told: State::Idle,
            fetching: false,
            backoff: Backoff::new(seed),
            outbox: Outbox::new(),
            limits,
            pings: 0,
            seen: None,
            now: 0,
            outputs: Outputs::default(),
        }
    }

    /// Where the session is: open while there is a line, otherwise where the attempt is.
    #[must_use]
    pub fn state(&self) -> State {
        if self.line.is_some() { State::Open } else { self.attempt.state() }
    }

    /// The id that the next [`send`](Self::send) gives, so that a driver can write the whole frame
    /// before it tells its size.
    #[must_use]
    pub fn next_id(&self) -> ActionId {
        self.outbox.next_id()
    }

    /// The number of the last event, for `hello` and to acknowledge it. Unknown before the first
    /// welcome.
    #[must_use]
    pub fn seen(&self) -> Option<u64> {
        self.seen
    }

    /// Takes an action whose frame has `size` bytes and whose caller waits `timeout` milliseconds
    /// ([`TIMEOUT`] by default) and wants it written within `ttl`; [`Millis::MAX`] is for ever. Then
    /// poll: it may be rejected already.
    pub fn send(&mut self, size: usize, timeout: Millis, ttl: Millis, now: Millis) -> ActionId {
        let id = self.outbox.take_id();
        let (deadline, last_call) = (now.saturating_add(timeout), now.saturating_add(ttl));
        let mut pending = Pending::new(id, size, deadline, last_call);
        let at_once = self.writable().is_some_and(|in_flight| self.outbox.len() < in_flight);
        let is_small = size <= self.limits.message; // else it goes, without taking another's place
        if is_small && !at_once && !self.outbox.make_room(size, &self.options) {
            pending.rejection = Some(Rejection::QueueFull);
        }
        self.outbox.push(pending);
        self.handle(Input::Tick, now);
        id
    }

    /// Takes the event of this number, a frame of the line's; then poll. Only what is
    /// [`Delivery::Duplicate`] is not for the application.
    pub fn event(&mut self, number: u64, now: Millis) -> Delivery {
        self.handle(Input::Heard, now);
        let last = self.seen.unwrap_or(0);
        if number <= last {
            return Delivery::Duplicate;
        }
        self.seen = Some(number);
        if number - last > 1 { Delivery::Gap } else { Delivery::Fresh }
    }

    /// Takes what happened at `now`. Then poll until there is nothing left to do.
    pub fn handle(&mut self, input: Input, now: Millis) {
        self.now = now;
        match input {
            Input::Connect => self.connect(),
            Input::Close => self.close(),
            Input::Cancel(id) => self.outbox.remove(id),
            Input::TokenReady => self.token(true),
            Input::TokenFailed => self.token(false),
            Input::Opened => self.opened(),
            Input::Closed(code) => self.closed(code),
            Input::Failed(code) => self.failed(code),
            Input::Welcome(welcome) => self.welcome(&welcome),
            Input::Wake => self.wake(),
            Input::Doubt => self.doubt(),
            Input::Suspend => self.suspend(),
            Input::Buffered(bytes) => self.buffered(bytes),
            Input::Tick => {}
            frame => self.frame(frame),
        }
        self.due();
    }

    /// The next thing to do; `None` until something happens again.
    ///
    /// What to write comes last and one at a time, so that a driver can tell
    /// [`Input::Buffered`] in between.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop().or_else(|| self.reject()).or_else(|| self.write())
    }

    /// When to tell [`Input::Tick`], if nothing else happens before. It may have passed already.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let line = self.line.as_ref().map_or(Millis::MAX, |line| line.deadline(self.fetching));
        let earliest = self.attempt.deadline().min(line).min(self.outbox.deadline());
        (earliest < Millis::MAX).then_some(earliest)
    }

    /// How many actions may be on the line, if it takes any now.
    fn writable(&self) -> Option<usize> {
        let line = self.line.as_ref()?;
        (line.flow == Flow::Free).then_some(self.limits.in_flight)
    }

    fn write(&mut self) -> Option<Output> {
        let id = self.outbox.write(self.writable()?, self.now)?;
        Some(Output::Write { id })
    }

    fn reject(&mut self) -> Option<Output> {
        let ended = match self.attempt {
            Attempt::Closed { reason } => Some(reason),
            _ => None,
        };
        let rejected = self.outbox.take_rejected(ended, self.limits.message, self.now);
        rejected.map(|(id, reason)| Output::Reject { id, reason })
    }

    /// A frame came on the line.
    fn frame(&mut self, frame: Input) {
        match frame {
            Input::Accepted(id) => self.outbox.accept(id),
            Input::Answered(id) => self.outbox.remove(id),
            _ => {}
        }
        let Some(line) = &mut self.line else { return };
        line.heartbeat.heard(self.now);
        match frame {
            Input::GoAway { delay } => line.leave_in(delay, self.now),
            Input::Expires { delay } => line.expires_in(delay, self.now),
            Input::Ping(number) => self.say(Output::WritePong { number }),
            _ => {}
        }
    }

    fn buffered(&mut self, bytes: usize) {
        if let Some(line) = &mut self.line
            && line.flow != Flow::Over
        {
            line.flow = if bytes <= self.options.low_water {
                Flow::Free
            } else {
                Flow::Congested { measure: self.now + MEASURE }
            };
        }
    }

    /// Does what the clock asks for.
    fn due(&mut self) {
        if self.attempt.deadline() <= self.now {
            self.attempt_due();
        }
        while let Some(duty) = self.duty() {
            match duty {
                Duty::Leave => self.leave(),
                Duty::Refresh => self.refresh(),
                Duty::Measure => self.say(Output::Measure),
                Duty::Ask => self.ask(),
                Duty::GiveUp => self.give_up_line(),
            }
        }
    }

    fn duty(&mut self) -> Option<Duty> {
        self.line.as_mut()?.due(self.fetching, self.now)
    }

    fn close(&mut self) {
        if self.told != State::Closed {
            self.end(CloseCode::NORMAL, Rejection::Closed);
        }
    }

    fn say(&mut self, output: Output) {
        self.outputs.push(output);
    }
}
