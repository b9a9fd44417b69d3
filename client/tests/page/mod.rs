//! A page with a hand-held clock, for telling stories about a [`Session`].
//!
//! The manual, from most to least common use:
//!
//! - `Page::open()` is a page whose session is open; `Page::new()` one that has only asked to connect.
//! - `page.send(size)` sends an action, and one that is refused counts as rejected; `page.hear(input)` tells what happened.
//! - `page.wait(milliseconds)` lets time pass: the timer rings at each deadline on the way.
//! - `page.event(number)` is an event of the server's.
//! - `page.lose(code)` ends the socket, `page.reconnect()` waits for the next attempt and lets it succeed.
//! - `page.written()`, `page.rejected()` and `page.states()` say what happened since they were last asked.
//! - `page.retry_in()` is the last announced wait; `page.outputs()` says everything, in order.

use gatewire_client::session::{
    ActionId, Delivery, Input, Millis, Options, Output, Rejection, Session, State, TIMEOUT, Welcome,
};
use gatewire_core::CloseCode;

/// What the server of these stories says.
pub(crate) const WELCOME: Welcome = Welcome {
    heartbeat: 25_000,
    message: 1_000,
    in_flight: 4,
    seen: 0,
    resumed: true,
    gap: false,
    refresh_in: Millis::MAX,
};

pub(crate) struct Page {
    pub(crate) session: Session,
    pub(crate) now: Millis,
    outputs: Vec<Output>,
}

impl Page {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let mut page =
            Self { session: Session::new(options, 7), now: 1_000_000, outputs: Vec::new() };
        page.hear(Input::Connect);
        page
    }

    pub(crate) fn open() -> Self {
        let mut page = Self::new();
        page.succeed();
        page.outputs();
        page
    }

    pub(crate) fn send(&mut self, size: usize) -> ActionId {
        self.send_within(size, TIMEOUT)
    }

    pub(crate) fn send_within(&mut self, size: usize, timeout: Millis) -> ActionId {
        self.send_soon(size, timeout, Millis::MAX)
    }

    /// Sends what is worth nothing if it is not written within `ttl`.
    pub(crate) fn send_soon(&mut self, size: usize, timeout: Millis, ttl: Millis) -> ActionId {
        let id = self.session.next_id();
        if let Err(reason) = self.session.send(size, timeout, ttl, self.now) {
            self.outputs.push(Output::Reject { id, reason });
        }
        self.outputs.extend(std::iter::from_fn(|| self.session.poll()));
        id
    }

    pub(crate) fn event(&mut self, number: u64) -> Delivery {
        let delivery = self.session.event(number, self.now);
        self.outputs.extend(std::iter::from_fn(|| self.session.poll()));
        delivery
    }

    pub(crate) fn hear(&mut self, input: Input) {
        self.session.handle(input, self.now);
        self.outputs.extend(std::iter::from_fn(|| self.session.poll()));
    }

    pub(crate) fn wait(&mut self, milliseconds: Millis) {
        let end = self.now + milliseconds;
        while let Some(deadline) = self.session.deadline().filter(|it| *it <= end) {
            self.now = self.now.max(deadline);
            self.hear(Input::Tick);
        }
        self.now = end;
    }

    /// The line ends; where there is none, the attempt's socket does.
    pub(crate) fn lose(&mut self, code: CloseCode) {
        let is_open = self.session.state() == State::Open;
        self.hear(if is_open { Input::Closed(code) } else { Input::Failed(code) });
    }

    /// The attempt under way goes well.
    pub(crate) fn succeed(&mut self) {
        self.hear(Input::TokenReady);
        self.hear(Input::Opened);
        self.hear(Input::Welcome(WELCOME));
    }

    pub(crate) fn reconnect(&mut self) {
        if self.session.state() == State::Waiting {
            let deadline = self.session.deadline().expect("an attempt comes");
            self.wait(deadline.saturating_sub(self.now));
        }
        self.succeed();
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    pub(crate) fn written(&mut self) -> Vec<ActionId> {
        self.pick(|output| match output {
            Output::Write { id } => Some(id),
            _ => None,
        })
    }

    pub(crate) fn rejected(&mut self) -> Vec<(ActionId, Rejection)> {
        self.pick(|output| match output {
            Output::Reject { id, reason } => Some((id, reason)),
            _ => None,
        })
    }

    pub(crate) fn states(&mut self) -> Vec<(State, Option<CloseCode>)> {
        self.pick(|output| match output {
            Output::State { state, code, .. } => Some((state, code)),
            _ => None,
        })
    }

    /// How long the page waits for the next attempt, as it was told last.
    pub(crate) fn retry_in(&mut self) -> Millis {
        let waits = self.pick(|output| match output {
            Output::State { retry_in, .. } => retry_in,
            _ => None,
        });
        *waits.last().expect("the page waits")
    }

    fn pick<T>(&mut self, wanted: impl Fn(Output) -> Option<T>) -> Vec<T> {
        let (picked, rest) = self.outputs.iter().partition(|it| wanted(**it).is_some());
        self.outputs = rest;
        let picked: Vec<Output> = picked;
        picked.into_iter().filter_map(wanted).collect()
    }
}
