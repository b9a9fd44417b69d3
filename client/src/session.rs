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
mod numbers;
mod options;
mod outbox;
mod output;
mod pending;
mod sockets;
mod timers;

use gatewire_core::{CloseCode, Limits};

#[cfg(feature = "js")]
pub(crate) use self::numbers::KINDS;
pub(crate) use self::numbers::{Kind, Numbers, Reason};
use self::{
    attempt::Attempt,
    backoff::Backoff,
    line::{Flow, Line, Token},
    options::IS_CORE,
    outbox::{Due, Outbox},
    output::Outputs,
    timers::{Timer, Timers},
};
pub use self::{
    backoff::{BASE, CEILING, STABLE, delay},
    heartbeat::{FRESH, PATIENCE, PROBE, SHORTEST},
    input::{Input, Welcome},
    options::{Options, Overflow, Protocol},
    output::{Delivery, Output, Rejection, Socket, State},
    pending::REWRITABLE,
    sockets::{PLAIN_AGE, PLAIN_IDLE, PLAIN_MESSAGE, REFRESH_AGAIN, REFRESH_AHEAD},
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
#[repr(C)] // the lists come last: what is before them has short addresses in the npm package
pub struct Session {
    options: Options,
    line: Line,
    attempt: Attempt,
    /// Why there will be no other attempt, if that is so.
    ended: Reason,
    timers: Timers,
    /// The state that was told last.
    told: State,
    /// Whether the driver is fetching a token; an attempt may end before the fetch does.
    fetching: bool,
    backoff: Backoff,
    /// The server's limits, or the defaults until it has told them.
    limits: Limits,
    /// The number of the last ping.
    pings: u64,
    /// The number of the last event.
    seen: Option<u64>,
    /// What goes with the output polled last: an id, the number of a ping, or milliseconds.
    number: u64,
    /// When something happened last.
    now: Millis,
    outputs: Outputs,
    outbox: Outbox,
}

impl Session {
    /// A session that nobody has connected yet. `seed` should differ between clients: it spreads
    /// their attempts.
    #[must_use]
    pub const fn new(options: Options, seed: u32) -> Self {
        let mut session = Self {
            options,
            line: Line::DOWN,
            attempt: Attempt::Idle,
            ended: Reason::of(Rejection::Closed),
            timers: Timers::new(),
            told: State::Idle,
            fetching: false,
            backoff: Backoff::new(0),
            limits: Limits { message: Limits::MESSAGE, in_flight: Limits::IN_FLIGHT },
            pings: 0,
            seen: None,
            number: 0,
            now: 0,
            outputs: Outputs::new(),
            outbox: Outbox::new(),
        };
        session.set_up(options, seed);
        session
    }

    /// Makes a session that nobody has connected yet a new one with other options.
    pub(crate) const fn set_up(&mut self, options: Options, seed: u32) {
        self.options = options;
        self.backoff = Backoff::new(seed);
        if let Protocol::Plain = options.protocol {
            self.limits.message = PLAIN_MESSAGE;
        }
    }

    /// Where the session is: open while there is a line, otherwise where the attempt is.
    #[must_use]
    pub fn state(&self) -> State {
        if self.line.is_up() { State::Open } else { self.attempt.state() }
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
    /// poll. What is refused here is not heard of again, and its id is the next one's.
    pub fn send(
        &mut self,
        size: usize,
        timeout: Millis,
        ttl: Millis,
        now: Millis,
    ) -> Result<ActionId, Rejection> {
        let id = self.next_id();
        match self.offer(size, timeout, ttl, now) {
            Reason::NONE => Ok(id),
            reason => Err(reason.rejection()),
        }
    }

    /// Takes the event of this number, a frame of the line's; then poll. Only what is
    /// [`Delivery::Duplicate`] is not for the application.
    pub fn event(&mut self, number: u64, now: Millis) -> Delivery {
        self.now = now;
        self.heard();
        self.due();
        let last = self.seen.unwrap_or(0);
        if number <= last {
            return Delivery::Duplicate;
        }
        self.seen = Some(number);
        if number - last > 1 { Delivery::Gap } else { Delivery::Fresh }
    }

    /// Takes what happened at `now`. Then poll until there is nothing left to do.
    pub fn handle(&mut self, input: Input, now: Millis) {
        if let Input::Welcome(welcome) = input {
            self.take_welcome(&welcome, now);
        } else {
            let (kind, number) = numbers::of_input(input);
            self.take(kind, number, now);
        }
    }

    /// The next thing to do; `None` until something happens again.
    ///
    /// What to write comes last and one at a time, so that a driver can tell
    /// [`Input::Buffered`] in between.
    pub fn poll(&mut self) -> Option<Output> {
        let word = self.poll_word();
        Numbers { word, number: self.number }.output()
    }

    /// When to tell [`Input::Tick`], if nothing else happens before. Asked after polling: what there is
    /// to do may change it. It may have passed already.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let deadline = self.next_deadline();
        (deadline < Millis::MAX).then_some(deadline)
    }

    /// [`deadline`](Self::deadline), or [`Millis::MAX`].
    pub(crate) fn next_deadline(&self) -> Millis {
        self.timers.next().min(self.outbox.due().when)
    }

    /// [`send`](Self::send), in numbers: why not.
    pub(crate) fn offer(
        &mut self,
        size: usize,
        timeout: Millis,
        ttl: Millis,
        now: Millis,
    ) -> Reason {
        if self.attempt == Attempt::Closed {
            return self.ended;
        }
        if size > self.limits.message {
            return Reason::of(Rejection::TooLarge);
        }
        let at_once = if self.line.flow == Flow::Free { self.limits.in_flight } else { 0 };
        if !self.outbox.make_room(size, at_once, &self.options) {
            return Reason::of(Rejection::QueueFull);
        }
        let (deadline, last_call) = (now.saturating_add(timeout), now.saturating_add(ttl));
        self.outbox.push(size, deadline, last_call);
        self.now = now;
        self.due();
        Reason::NONE
    }

    /// [`handle`](Self::handle), in numbers.
    #[expect(clippy::cast_possible_truncation, reason = "it has grown from what it becomes here")]
    pub(crate) fn take(&mut self, kind: Kind, number: u64, now: Millis) {
        self.now = now;
        let code = CloseCode(number as u16);
        if IS_CORE && kind.is_for_more_than_the_core() {
            return;
        }
        match kind {
            Kind::Connect => self.connect(),
            Kind::Close => self.close(),
            Kind::Cancel => self.outbox.remove(number),
            Kind::TokenReady => self.token(true),
            Kind::TokenFailed => self.token(false),
            Kind::Opened => self.opened(),
            Kind::Closed => self.closed(code),
            Kind::Failed => self.failed(code),
            Kind::Wake => self.wake(),
            Kind::Doubt => self.doubt(),
            Kind::Suspend => self.suspend(),
            Kind::Buffered => self.buffered(number as usize),
            Kind::Tick => {}
            frame => self.frame(frame, number),
        }
        self.due();
    }

    /// [`Input::Welcome`]
    pub(crate) fn take_welcome(&mut self, welcome: &Welcome, now: Millis) {
        self.now = now;
        self.welcome(welcome);
        self.due();
    }

    /// [`poll`](Self::poll), in numbers: the word. [`number`](Self::number) goes with it.
    pub(crate) fn poll_word(&mut self) -> u32 {
        let mut next = self.outputs.pop();
        if next == Numbers::NONE {
            self.outbox.look(self.limits.message);
            let Due { when, id, reason } = self.outbox.due();
            if when <= self.now {
                self.outbox.remove(id);
                next = Numbers::rejection(id, reason);
            } else if self.line.flow == Flow::Free
                && let Some(id) = self.outbox.write(self.limits.in_flight, self.now)
            {
                next = Numbers::of(Output::Write { id });
            }
        }
        self.number = next.number;
        next.word
    }

    /// The number that goes with the word polled last.
    #[cfg(feature = "js")]
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// A frame came on the line.
    fn frame(&mut self, frame: Kind, number: u64) {
        self.heard();
        match frame {
            Kind::Accepted => self.outbox.accept(number),
            Kind::Answered => self.outbox.remove(number),
            Kind::Ping => self.say(Output::WritePong { number }),
            Kind::GoAway => self.go_away(number),
            Kind::Expires => self.expires(number),
            _ => {}
        }
    }

    /// The server wants this client elsewhere; the earliest time that it names counts.
    fn go_away(&mut self, delay: Millis) {
        let before = self.timers.at(Timer::Leave).saturating_sub(self.now);
        self.ring_in(Timer::Leave, before.min(delay));
    }

    fn buffered(&mut self, bytes: usize) {
        if !self.line.is_alive() {
            return;
        }
        if bytes <= self.options.low_water {
            self.line.flow = Flow::Free;
            self.ring_in(Timer::Measure, Millis::MAX);
        } else {
            self.line.flow = Flow::Congested;
            self.ring_in(Timer::Measure, MEASURE);
        }
    }

    /// Does what the clock asks for.
    fn due(&mut self) {
        while let Some(timer) = self.timers.due(self.now) {
            match timer {
                Timer::Attempt => self.attempt_due(),
                Timer::Leave => self.leave(),
                Timer::Refresh => self.refresh(),
                Timer::Measure => {
                    self.ring_in(Timer::Measure, MEASURE);
                    self.say(Output::Measure);
                }
                Timer::Silence => self.silence(),
            }
        }
    }

    /// A call is shorter than what it does, and there are many.
    #[inline(never)]
    fn ring_in(&mut self, timer: Timer, delay: Millis) {
        self.timers.set(timer, self.now.saturating_add(delay));
    }

    fn close(&mut self) {
        if self.told != State::Closed {
            self.end(CloseCode::NORMAL, Reason::of(Rejection::Closed));
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see Numbers::of")]
    fn say(&mut self, output: Output) {
        self.outputs.push(Numbers::of(output));
    }
}
