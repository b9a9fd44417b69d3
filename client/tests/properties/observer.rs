//! What somebody knows who sees a session's inputs and outputs only, and what that person may expect.

use std::collections::BTreeMap;

use gatewire_client::session::{
    ActionId, Input, Millis, Options, Output, Overflow, PLAIN_MESSAGE, PROBE, Protocol, REWRITABLE,
    Rejection, Session, Socket, State, Welcome,
};
use gatewire_core::{CloseCode, Limits};

/// The socket on the way to a welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    None,
    Opening,
    /// `hello` was written.
    Greeted,
}

/// The open socket.
struct Line {
    /// Whether the server has closed it.
    is_over: bool,
    is_congested: bool,
    /// The last id written to it.
    last: ActionId,
    /// When the last ping was written, unless a frame came since.
    pinged: Option<Millis>,
}

#[derive(Clone, Copy)]
struct Action {
    size: usize,
    deadline: Millis,
    last_call: Millis,
    first_written: Option<Millis>,
    on_socket: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was seen")]
pub(crate) struct Observer {
    pub(crate) now: Millis,
    pub(crate) attempt: Attempt,
    pub(crate) fetching: bool,
    /// How many there were.
    pub(crate) outputs: usize,
    /// Whether the session wants to know how much the socket buffers.
    pub(crate) measures: bool,
    /// Every event up to this number was delivered, or is known to be missing.
    pub(crate) covered: u64,
    options: Options,
    line: Option<Line>,
    state: State,
    limits: Limits,
    /// Why the line may be closed, beside silence.
    suspending: bool,
    /// Whether a gap was told since the last welcome.
    gap: bool,
    /// Whether the welcome being handled is that of the attempt.
    welcomed: bool,
    was_welcomed: bool,
    /// Those without an outcome.
    actions: BTreeMap<ActionId, Action>,
}

impl Observer {
    pub(crate) fn new(options: Options) -> Self {
        let mut limits = Limits::default();
        if options.protocol == Protocol::Plain {
            limits.message = PLAIN_MESSAGE;
        }
        Self {
            now: 0,
            attempt: Attempt::None,
            fetching: false,
            outputs: 0,
            measures: false,
            covered: 0,
            options,
            line: None,
            state: State::Idle,
            limits,
            suspending: false,
            gap: false,
            welcomed: false,
            was_welcomed: false,
            actions: BTreeMap::new(),
        }
    }

    pub(crate) fn is_line_alive(&self) -> bool {
        self.line.as_ref().is_some_and(|line| !line.is_over)
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.actions.is_empty()
    }

    pub(crate) fn sends(&mut self, id: ActionId, size: usize, timeout: Millis, ttl: Millis) {
        let deadline = self.now.saturating_add(timeout);
        let last_call = self.now.saturating_add(ttl);
        let action = Action { size, deadline, last_call, first_written: None, on_socket: false };
        assert!(self.actions.insert(id, action).is_none(), "an id of its own");
    }

    /// What is refused had no chance.
    pub(crate) fn refuses(&self, size: usize, reason: Rejection) {
        let waiting = || self.actions.values().filter(|it| !it.on_socket);
        let keeps =
            |it: &&Action| it.first_written.is_some() || self.options.overflow == Overflow::Reject;
        match reason {
            Rejection::TooLarge => assert!(size > self.limits.message),
            Rejection::QueueFull => {
                let bytes = waiting().filter(keeps).map(|it| it.size).sum::<usize>();
                let length = waiting().filter(keeps).count();
                let (most, most_bytes) = (self.options.queue_length, self.options.queue_bytes);
                assert!(length >= most || bytes + size > most_bytes, "there is room");
            }
            _ => assert_eq!(self.state, State::Closed),
        }
    }

    pub(crate) fn hears(&mut self, input: Input) {
        self.suspending = input == Input::Suspend;
        self.welcomed = false;
        match input {
            Input::Answered(id) | Input::Cancel(id) => drop(self.actions.remove(&id)),
            Input::TokenReady | Input::TokenFailed => self.fetching = false,
            Input::Closed(code) => self.line_closes(code),
            Input::Failed(_) => self.attempt_fails(),
            Input::Opened => self.welcomed = self.options.protocol == Protocol::Plain,
            Input::Welcome(welcome) => {
                self.welcomed = true;
                self.gap = false;
                let in_flight = welcome.in_flight.max(1);
                self.limits = Limits { message: welcome.message, in_flight };
            }
            Input::Buffered(bytes) => {
                if let Some(line) = &mut self.line {
                    line.is_congested = bytes > self.options.low_water;
                }
            }
            _ => {}
        }
        let frame = matches!(
            input,
            Input::Answered(_)
                | Input::Accepted(_)
                | Input::Ping(_)
                | Input::GoAway { .. }
                | Input::Expires { .. }
                | Input::Heard
        );
        if let Some(line) = &mut self.line
            && frame
        {
            line.pinged = None;
        }
    }

    /// Sees what the session wants; whether that is `hello`.
    pub(crate) fn sees(&mut self, output: Output) -> bool {
        self.outputs += 1;
        match output {
            Output::FetchToken => {
                assert!(!std::mem::replace(&mut self.fetching, true), "single flight");
            }
            Output::OpenSocket => {
                assert_eq!(self.attempt, Attempt::None, "one attempt at a time");
                self.attempt = Attempt::Opening;
            }
            Output::WriteHello => {
                assert_eq!(self.attempt, Attempt::Opening, "hello is first");
                assert_eq!(self.options.protocol, Protocol::Gatewire);
                self.attempt = Attempt::Greeted;
                return true;
            }
            Output::Promote => self.promotes(),
            Output::WritePing { .. } => {
                assert_eq!(self.options.protocol, Protocol::Gatewire);
                self.writes().pinged = Some(self.now);
            }
            Output::WritePong { .. } | Output::WriteToken => drop(self.writes()),
            Output::Measure => {
                assert!(self.writes().is_congested);
                self.measures = true;
            }
            Output::Gap => self.gap = true,
            Output::CloseSocket { socket: Socket::Attempt, .. } => {
                assert_ne!(self.attempt, Attempt::None);
                self.attempt = Attempt::None;
            }
            Output::CloseSocket { socket: Socket::Line, code } => self.closes_line(code),
            Output::Write { id } => self.writes_action(id),
            Output::Reject { id, reason } => self.rejects(id, reason),
            Output::State { state, code, retry_in } => {
                assert_ne!(std::mem::replace(&mut self.state, state), state, "a transition");
                assert!(retry_in.is_none() || state == State::Waiting);
                assert_ne!(retry_in, Some(0));
                assert!(code.is_none() || state != State::Open);
                if state != State::Open {
                    assert!(!self.is_line_alive(), "a line is not abandoned without a word");
                    self.loses_line();
                }
            }
        }
        false
    }

    /// After a welcome the count goes on without a duplicate and without a silent hole.
    pub(crate) fn caught_up(&mut self, welcome: &Welcome, seen: Option<u64>) {
        let first = !std::mem::replace(&mut self.was_welcomed, true);
        let expected = match (first, welcome.resumed) {
            (true, _) => (welcome.seen, welcome.gap),
            (false, false) => (welcome.seen, true),
            (false, true) => (welcome.seen.max(self.covered), welcome.seen > self.covered),
        };
        self.covered = expected.0;
        assert_eq!((seen, self.gap), (Some(expected.0), expected.1), "{welcome:?}");
    }

    /// Holds between any two steps.
    pub(crate) fn check(&self, session: &Session) {
        assert_eq!(session.state(), self.state);
        assert_eq!(self.line.is_some(), self.state == State::Open);
        let fresh = |it: &&Action| it.first_written.is_none();
        let waiting: Vec<_> = self.actions.values().filter(fresh).collect();
        let longest = match self.limits.in_flight {
            // What is written at once needs no place; on a congested or dead socket it gets one.
            usize::MAX => usize::MAX,
            in_flight => self.options.queue_length.max(in_flight),
        };
        assert!(waiting.len() <= longest);
        if let Some(line) = &self.line
            && !line.is_over
            && !line.is_congested
        {
            let written = self.actions.values().filter(|it| it.on_socket).count();
            let expected = self.actions.len().min(self.limits.in_flight);
            assert_eq!(written, expected, "none waits without need");
        } else {
            assert!(waiting.len() <= self.options.queue_length);
            let bytes = waiting.iter().map(|it| it.size).sum::<usize>();
            assert!(bytes <= self.options.queue_bytes);
        }
        if self.state == State::Closed {
            assert!(self.actions.is_empty(), "every promise was kept");
            assert_eq!(self.attempt, Attempt::None);
            assert_eq!(session.deadline(), None);
        }
    }

    /// The line, which something is written to.
    fn writes(&mut self) -> &mut Line {
        let line = self.line.as_mut().expect("nothing is written before its socket is the line");
        assert!(!line.is_over, "nothing is written to a closed socket");
        line
    }

    fn promotes(&mut self) {
        assert!(std::mem::take(&mut self.welcomed), "only a welcome makes a line");
        if self.options.protocol == Protocol::Plain {
            self.limits.in_flight = usize::MAX;
            assert_eq!(self.attempt, Attempt::Opening);
        } else {
            assert_eq!(self.attempt, Attempt::Greeted);
        }
        self.attempt = Attempt::None;
        self.loses_line();
        self.line = Some(Line { is_over: false, is_congested: false, last: 0, pinged: None });
    }

    fn writes_action(&mut self, id: ActionId) {
        let now = self.now;
        let line = self.writes();
        assert!(line.last < id, "ascending");
        assert!(!line.is_congested);
        line.last = id;
        let message = self.limits.message;
        let action = self.actions.get_mut(&id).expect("it has no outcome yet");
        assert!(action.size <= message, "within the limit");
        assert!(now < action.deadline, "in time");
        assert!(action.first_written.is_some() || now < action.last_call, "in time");
        assert!(*action.first_written.get_or_insert(now) + REWRITABLE > now);
        action.on_socket = true;
        let written = self.actions.values().filter(|it| it.on_socket).count();
        assert!(written <= self.limits.in_flight, "no more than may be in flight");
    }

    fn rejects(&mut self, id: ActionId, reason: Rejection) {
        let action = self.actions.remove(&id).expect("one outcome");
        match reason {
            Rejection::Timeout => assert!(action.deadline <= self.now),
            Rejection::Lost => assert!(action.first_written.is_some() && !action.on_socket),
            Rejection::Expired => {
                assert!(action.last_call <= self.now && action.first_written.is_none());
            }
            Rejection::QueueFull => panic!("the queue was not full when it came"),
            Rejection::Dropped => {
                assert_eq!(action.first_written, None);
                assert_eq!(self.options.overflow, Overflow::DropOldest);
            }
            _ => {}
        }
    }

    /// A line is left for silence, or because there is no session any more.
    fn closes_line(&mut self, code: CloseCode) {
        let now = self.now;
        let suspending = self.suspending;
        let line = self.writes();
        match code {
            CloseCode::SILENT => {
                let pinged = line.pinged.expect("the peer was asked");
                assert!(pinged + PROBE <= now, "and had time to answer");
            }
            CloseCode::RECONNECTING => assert!(suspending),
            code => assert_eq!(code, CloseCode::NORMAL),
        }
        self.loses_line();
    }

    fn line_closes(&mut self, code: CloseCode) {
        if code == CloseCode::TAKEN_OVER && self.attempt == Attempt::Greeted {
            let line = self.line.as_mut().expect("only a line is told to close");
            line.is_over = true;
        } else {
            self.loses_line();
        }
    }

    fn attempt_fails(&mut self) {
        self.attempt = Attempt::None;
    }

    fn loses_line(&mut self) {
        self.line = None;
        for action in self.actions.values_mut() {
            action.on_socket = false;
        }
    }
}
