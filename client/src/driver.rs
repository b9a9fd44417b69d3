//! The thin part: does with sockets, timers and texts what the state machine says.
//!
//! Things happen in callbacks, natively on any thread. Whoever tells the machine something does what
//! it wants done, unless somebody is at it already, who then does that too: outputs are done one after
//! the other, in order. No lock is held while code of the application runs, so that it may call back.

mod answers;
mod hear;
mod ready;

use std::{collections::HashMap, mem, time::Duration};

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
    session::{self, ActionId, Input, Millis, Output, State},
    sharing::{Lock, Shared, TokenError, Weak},
    transport::{self, Place, Socket, Timer},
};

/// One session in the place that [`transport`] stands for. Without `Debug`: it holds the token.
pub(crate) struct Driver {
    /// For callbacks: a driver that nobody holds is not kept by its own socket.
    me: Weak<Self>,
    place: Place,
    url: String,
    options: Options,
    id: SessionId,
    /// Before [`Answers`], where somebody locks both.
    core: Lock<Core>,
    /// Why this side closed the session, if it did.
    ending: Lock<Option<Error>>,
    ready: Ready,
    token: Lock<Option<String>>,
    answers: Answers,
    events: Lock<HashMap<&'static str, Shared<Listeners<RawValue>>>>,
    states: Shared<Listeners<StateChange>>,
}

/// What changes together.
struct Core {
    machine: Session,
    /// Whether somebody does outputs: further up the stack, or on another thread.
    running: bool,
    /// The state that was told last.
    state: State,
    /// The open socket.
    line: Option<Held>,
    /// The one that has no welcome yet.
    attempt: Option<Held>,
    /// The number of the newest socket, from 1. One that was let go of may still be telling something.
    number: SocketNumber,
    alarm: Option<Alarm>,
}

/// Which of a session's sockets, in the order that they were opened.
type SocketNumber = u64;

/// A socket that the session knows of.
struct Held {
    number: SocketNumber,
    socket: Socket,
}

/// The one timer.
struct Alarm {
    at: Millis,
    _timer: Timer,
}

impl Driver {
    /// Makes a session and begins to connect it.
    pub(crate) fn start(url: String, options: Options) -> Shared<Self> {
        let core = Core {
            machine: Session::new(options.queue, u32::from_ne_bytes(transport::random())),
            running: false,
            state: State::Idle,
            line: None,
            attempt: None,
            number: 0,
            alarm: None,
        };
        let driver = Shared::new_cyclic(|me| Self {
            me: me.clone(),
            place: Place::here(),
            url,
            options,
            id: session_id(),
            core: Lock::new(core),
            ending: Lock::default(),
            ready: Ready::new(),
            token: Lock::default(),
            answers: Answers::default(),
            events: Lock::default(),
            states: Shared::default(),
        });
        driver.tell(Input::Connect);
        driver
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn state(&self) -> State {
        self.core.lock().state
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
        let (id, answer) = {
            let machine = &mut self.core.lock().machine;
            let text = to_server::action(route, machine.next_id(), data, 0);
            let size = text.len();
            let answer = self.answers.wait(machine.next_id(), text);
            (machine.send(size, timeout, Millis::MAX, self.place.now()), answer)
        };
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
    pub(crate) fn events(&self, name: &'static str) -> Shared<Listeners<RawValue>> {
        Shared::clone(self.events.lock().entry(name).or_default())
    }

    /// The listeners of the session's own changes.
    pub(crate) fn states(&self) -> &Shared<Listeners<StateChange>> {
        &self.states
    }

    pub(crate) fn close(&self) {
        self.end(Error::Closed);
    }

    fn end(&self, reason: Error) {
        self.ending.lock().get_or_insert(reason);
        self.tell(Input::Close);
    }

    fn tell(&self, input: Input) {
        self.core.lock().machine.handle(input, self.place.now());
        self.run();
    }

    /// Does what there is to do. What that causes meanwhile is done by the same loop, in order.
    fn run(&self) {
        if mem::replace(&mut self.core.lock().running, true) {
            return;
        }
        while let Some(output) = self.next() {
            self.act(output);
        }
    }

    /// The next thing to do. That there is none and that nobody looks for one any more is one step:
    /// between them somebody could leave one more.
    fn next(&self) -> Option<Output> {
        let core = &mut *self.core.lock();
        let output = core.machine.poll();
        if output.is_none() {
            core.running = false;
            self.arm(core);
        }
        output
    }

    fn act(&self, output: Output) {
        match output {
            Output::FetchToken => self.fetch_token(),
            Output::OpenSocket => self.open(),
            Output::WriteHello => {
                let hello = Hello { session: self.id.clone(), contract: None, seen: None };
                if let Some(Held { socket, .. }) = &self.core.lock().attempt {
                    socket.send(&to_server::hello(&hello));
                }
            }
            Output::Promote => {
                let core = &mut *self.core.lock();
                if let Some(older) = mem::replace(&mut core.line, core.attempt.take()) {
                    older.socket.close(CloseCode::RECONNECTING);
                }
            }
            Output::Write { id } => {
                if let Some(Held { socket, .. }) = &self.core.lock().line {
                    self.answers.with_text(id, |text| socket.send(text));
                }
            }
            Output::WritePing { number } => self.write(&to_client::ping(number)),
            Output::WritePong { number } => self.write(&to_client::pong(number)),
            Output::CloseSocket { socket, code } => {
                let core = &mut *self.core.lock();
                let held = match socket {
                    session::Socket::Line => &mut core.line,
                    session::Socket::Attempt => &mut core.attempt,
                };
                if let Some(held) = held.take() {
                    held.socket.close(code);
                }
            }
            // The server is not asked for this yet: no token is told to expire, no buffer to be full,
            // no event is numbered.
            Output::WriteToken | Output::Measure | Output::Gap => {}
            Output::Reject { id, reason } => self.answers.tell(id, Err(reason.into())),
            Output::State { state, code, retry_in } => {
                let retry_in = retry_in.map(Duration::from_millis);
                self.enter(StateChange { state, code, retry_in });
            }
        }
    }

    fn write(&self, text: &str) {
        if let Some(Held { socket, .. }) = &self.core.lock().line {
            socket.send(text);
        }
    }

    fn enter(&self, change: StateChange) {
        self.core.lock().state = change.state;
        match change.state {
            State::Open => self.ready.settle(&Ok(())),
            State::Closed => {
                let ended = || Error::Ended(change.code.unwrap_or(CloseCode::NORMAL));
                let reason = self.ending.lock().clone().unwrap_or_else(ended);
                self.ready.settle(&Err(reason));
            }
            State::Idle | State::Connecting | State::Waiting => {}
        }
        self.states.call(&change);
    }

    fn fetch_token(&self) {
        let Some(fetch) = self.options.fetch() else {
            return self.tell(Input::TokenReady);
        };
        let me = self.me.clone();
        self.place.spawn(async move {
            let token = transport::attempt(async move { fetch().await }).await.flatten();
            if let Some(driver) = me.upgrade() {
                driver.fetched(token);
            }
        });
    }

    fn fetched(&self, token: Result<String, TokenError>) {
        match token {
            Ok(token) => {
                *self.token.lock() = Some(token);
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
        let protocols = protocols(self.token.lock().as_deref());
        let opened = protocols.and_then(|protocols| {
            let core = &mut *self.core.lock();
            core.number += 1;
            let (me, number) = (self.me.clone(), core.number);
            let hear = move |event| {
                if let Some(driver) = me.upgrade() {
                    driver.hear(number, event);
                }
            };
            let socket = self.place.open(&self.url, &protocols, hear)?;
            core.attempt = Some(Held { number, socket });
            Ok(())
        });
        if let Err(reason) = opened {
            self.end(Error::Unusable(reason));
        }
    }

    /// An early timer is left alone: it ticks, finds nothing due and arms the next.
    fn arm(&self, core: &mut Core) {
        let Some(at) = core.machine.deadline() else {
            core.alarm = None;
            return;
        };
        if core.alarm.as_ref().is_some_and(|alarm| alarm.at <= at) {
            return;
        }
        let me = self.me.clone();
        let ring = move || {
            if let Some(driver) = me.upgrade() {
                driver.core.lock().alarm = None;
                driver.tell(Input::Tick);
            }
        };
        let timer = self.place.ring_in(at.saturating_sub(self.place.now()), ring);
        core.alarm = Some(Alarm { at, _timer: timer });
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
