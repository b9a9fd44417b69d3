//! The thin part: does with sockets, timers and texts what the state machine says.
//!
//! Everything happens on one thread, in callbacks. Nothing is borrowed while code of the application
//! runs, so that it may call back.

mod answers;
mod hear;
mod ready;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::{Rc, Weak},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_channel::oneshot;
use gatewire::{
    CloseCode, SessionId,
    frame::{Hello, SUBPROTOCOL, TOKEN_SUBPROTOCOL, to_client, to_server},
};
use serde_json::value::RawValue;

pub(crate) use self::answers::Answer;
use self::{answers::Answers, ready::Ready};
use crate::{
    Error, Options, Problem, Session, StateChange,
    listeners::Listeners,
    options::TokenError,
    session::{ActionId, Input, Millis, Output, State},
    transport::{self, Socket, Timer},
};

/// One session in the place that [`transport`] stands for. Without `Debug`: it holds the token.
pub(crate) struct Driver {
    /// For callbacks: a driver that nobody holds is not kept by its own socket.
    me: Weak<Self>,
    url: String,
    options: Options,
    id: SessionId,
    machine: RefCell<Session>,
    /// Whether outputs are being done further up the stack.
    running: Cell<bool>,
    state: Cell<State>,
    /// Why this side closed the session, if it did.
    ending: RefCell<Option<Error>>,
    ready: Ready,
    token: RefCell<Option<String>>,
    socket: RefCell<Option<Socket>>,
    alarm: RefCell<Option<Alarm>>,
    answers: Answers,
    events: RefCell<HashMap<&'static str, Rc<Listeners<RawValue>>>>,
    states: Rc<Listeners<StateChange>>,
}

/// The one timer.
#[derive(Debug)]
struct Alarm {
    at: Millis,
    _timer: Timer,
}

impl Driver {
    /// Makes a session and begins to connect it.
    pub(crate) fn start(url: String, options: Options) -> Rc<Self> {
        let machine = Session::new(options.queue, u32::from_ne_bytes(transport::random()));
        let driver = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            url,
            options,
            id: session_id(),
            machine: RefCell::new(machine),
            running: Cell::new(false),
            state: Cell::new(State::Idle),
            ending: RefCell::default(),
            ready: Ready::new(),
            token: RefCell::default(),
            socket: RefCell::default(),
            alarm: RefCell::default(),
            answers: Answers::default(),
            events: RefCell::default(),
            states: Rc::default(),
        });
        driver.tell(Input::Connect);
        driver
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    pub(crate) async fn ready(&self) -> Result<(), Error> {
        self.ready.wait().await
    }

    /// Sends an action whose payload is this JSON.
    pub(crate) fn send(
        &self,
        route: &str,
        data: &str,
        timeout: Millis,
    ) -> (ActionId, oneshot::Receiver<Answer>) {
        let id = self.machine.borrow().next_id();
        let text = to_server::action(route, id, data);
        let size = text.len();
        let answer = self.answers.wait(id, text);
        self.machine.borrow_mut().send(size, timeout, transport::now());
        self.run();
        (id, answer)
    }

    /// Nobody waits for this answer any more.
    pub(crate) fn cancel(&self, id: ActionId) {
        if self.answers.forget(id).is_some() {
            self.tell(Input::Cancel(id));
        }
    }

    /// The listeners of one event.
    pub(crate) fn events(&self, name: &'static str) -> Rc<Listeners<RawValue>> {
        Rc::clone(self.events.borrow_mut().entry(name).or_default())
    }

    /// The listeners of the session's own changes.
    pub(crate) fn states(&self) -> &Rc<Listeners<StateChange>> {
        &self.states
    }

    pub(crate) fn close(&self) {
        self.end(Error::Closed);
    }

    fn end(&self, reason: Error) {
        self.ending.borrow_mut().get_or_insert(reason);
        self.tell(Input::Close);
    }

    fn tell(&self, input: Input) {
        self.machine.borrow_mut().handle(input, transport::now());
        self.run();
    }

    /// Does what there is to do. What that causes meanwhile is done by the same loop, in order.
    fn run(&self) {
        if self.running.replace(true) {
            return;
        }
        while let Some(output) = self.poll() {
            self.act(output);
        }
        self.running.set(false);
        self.arm();
    }

    /// A function of its own, so that the session is free again when the output is done.
    fn poll(&self) -> Option<Output> {
        self.machine.borrow_mut().poll()
    }

    fn act(&self, output: Output) {
        match output {
            Output::FetchToken => self.fetch_token(),
            Output::OpenSocket => self.open(),
            Output::WriteHello => {
                let hello = Hello { session: self.id.clone(), contract: None, seen: None };
                self.write(&to_server::hello(&hello));
            }
            Output::Write { id } => self.answers.with_text(id, |text| self.write(text)),
            Output::WritePing { number } => self.write(&to_client::ping(number)),
            Output::WritePong { number } => self.write(&to_client::pong(number)),
            Output::CloseSocket { code } => {
                if let Some(socket) = self.socket.take() {
                    socket.close(code);
                }
            }
            Output::Reject { id, reason } => self.answers.tell(id, Err(reason.into())),
            Output::State { state, code, retry_in } => {
                let retry_in = retry_in.map(Duration::from_millis);
                self.enter(StateChange { state, code, retry_in });
            }
        }
    }

    fn write(&self, text: &str) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(text);
        }
    }

    fn enter(&self, change: StateChange) {
        self.state.set(change.state);
        match change.state {
            State::Open => self.ready.settle(&Ok(())),
            State::Closed => {
                let ended = || Error::Ended(change.code.unwrap_or(CloseCode::NORMAL));
                let reason = self.ending.borrow().clone().unwrap_or_else(ended);
                self.ready.settle(&Err(reason));
            }
            State::Idle | State::Connecting | State::Waiting => {}
        }
        self.states.call(&change);
    }

    fn fetch_token(&self) {
        let Some(fetching) = self.options.fetch_token() else {
            return self.tell(Input::TokenReady);
        };
        let me = self.me.clone();
        transport::spawn(async move {
            let token = fetching.await;
            if let Some(driver) = me.upgrade() {
                driver.fetched(token);
            }
        });
    }

    fn fetched(&self, token: Result<String, TokenError>) {
        match token {
            Ok(token) => {
                self.token.replace(Some(token));
                self.tell(Input::TokenReady);
            }
            Err(problem) => {
                self.options.report(&Problem::Token(problem));
                self.tell(Input::TokenFailed);
            }
        }
    }

    /// Tried again, a token or a URL that cannot be used stays so: the session ends with the reason.
    fn open(&self) {
        let me = self.me.clone();
        let hear = move |event| {
            if let Some(driver) = me.upgrade() {
                driver.hear(event);
            }
        };
        let opened = protocols(self.token.borrow().as_deref())
            .and_then(|protocols| Socket::open(&self.url, &protocols, hear));
        match opened {
            Ok(socket) => drop(self.socket.replace(Some(socket))),
            Err(reason) => self.end(Error::Unusable(reason)),
        }
    }

    /// An early timer is left alone: it ticks, finds nothing due and arms the next.
    fn arm(&self) {
        let Some(at) = self.machine.borrow().deadline() else {
            self.alarm.take();
            return;
        };
        if self.alarm.borrow().as_ref().is_some_and(|alarm| alarm.at <= at) {
            return;
        }
        let me = self.me.clone();
        let ring = move || {
            if let Some(driver) = me.upgrade() {
                driver.alarm.take();
                driver.tell(Input::Tick);
            }
        };
        let timer = Timer::start(at.saturating_sub(transport::now()), ring);
        self.alarm.replace(Some(Alarm { at, _timer: timer }));
    }
}

/// The entries of `Sec-WebSocket-Protocol`. The error does not repeat the token, as the browser's would.
fn protocols(token: Option<&str>) -> Result<Vec<String>, String> {
    let mut protocols = vec![SUBPROTOCOL.to_owned()];
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        if !token.bytes().all(is_token_character) {
            let reason = "the token has characters that a WebSocket subprotocol cannot carry";
            return Err(reason.to_owned());
        }
        protocols.push(format!("{TOKEN_SUBPROTOCOL}{token}"));
    }
    Ok(protocols)
}

/// RFC 9110 §5.6.2, which RFC 6455 §4.1 asks of subprotocols.
fn is_token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// 16 random bytes as base64url.
fn session_id() -> SessionId {
    let text = URL_SAFE_NO_PAD.encode(transport::random::<16>());
    text.parse().expect("16 bytes are 22 characters of base64url")
}
