//! The thin part: does with sockets, timers and texts what the state machine says.
//!
//! Things happen in callbacks, natively on any thread. Whoever tells the machine something does what
//! it wants done, unless somebody is at it already, who then does that too: outputs are done one after
//! the other, in order. No lock is held while code of the application runs, so that it may call back.
//!
//! | module | holds |
//! |---|---|
//! | `sockets` | the two sockets that there may be, and what is written to them |
//! | `hear` | what the sockets tell, and what that means |
//! | `token` | how a token is fetched and travels, and when it ends |
//! | `plain` | what API Gateway speaks |
//! | `page` | what the place tells of sleep and network |
//! | `clock` | the one timer, and whether the machine has slept |
//! | `answers` | the texts of actions, and who waits for their answers |
//! | `contract` | what the server says of the contract |
//! | `ready` | who waits for the first opening |

mod answers;
mod clock;
mod contract;
mod hear;
mod page;
mod plain;
mod ready;
mod sockets;
mod token;

use std::{collections::HashMap, mem, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewire::{CloseCode, Limits, SessionId};
use serde_json::value::RawValue;

pub(crate) use self::{
    answers::{Answer, Awaited},
    page::Life,
};
use self::{
    answers::{Answers, Frame},
    clock::{Alarm, Clock},
    contract::Contract,
    ready::Ready,
    sockets::{Held, SocketNumber},
};
use crate::{
    Error, Options, Session, StateChange,
    listeners::Listeners,
    options::Sending,
    session::{ActionId, Input, Output, Rejection, State},
    sharing::{Lock, Shared, Turns, Weak},
    transport::{self, Place, Watch},
};

/// One session in the place that [`transport`] stands for. Without `Debug`: it holds the token.
pub(crate) struct Driver {
    /// For callbacks: a driver that nobody holds is not kept by its own socket.
    me: Weak<Self>,
    place: Place,
    url: String,
    options: Options,
    key: SessionId,
    /// Before [`Answers`], where somebody locks both.
    core: Lock<Core>,
    /// Why this side closed the session, if it did.
    ending: Lock<Option<Error>>,
    ready: Ready,
    token: Lock<Option<String>>,
    answers: Answers,
    /// Who delivers events, one socket after the other. Before `core`.
    delivering: Turns,
    events: Lock<HashMap<&'static str, Shared<Listeners<RawValue>>>>,
    states: Shared<Listeners<StateChange>>,
    gaps: Shared<Listeners<()>>,
    unauthorized: Shared<Listeners<()>>,
    contract: Contract,
    /// Until the session is closed.
    watch: Lock<Option<Watch>>,
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
    /// The one that is to become it.
    attempt: Option<Held>,
    /// The number of the newest socket, from 1.
    number: SocketNumber,
    alarm: Option<Alarm>,
    clock: Clock,
    /// How far ids on the wire are ahead of the session's own. Not known before the first welcome.
    offset: Option<ActionId>,
    /// Whether the server still knew the session at the last welcome.
    resumed: bool,
    /// The largest frame that the server takes.
    limit: usize,
}

impl Driver {
    /// Makes a session and begins to connect it. The fingerprint says what contract it speaks.
    pub(crate) fn start(
        url: String,
        options: Options,
        fingerprint: Option<&'static str>,
    ) -> Shared<Self> {
        let place = Place::here(&options.trust);
        let core = Core {
            machine: Session::new(options.session, u32::from_ne_bytes(transport::random())),
            running: false,
            state: State::Idle,
            line: None,
            attempt: None,
            number: 0,
            alarm: None,
            clock: Clock::new(place.now(), transport::unix_now()),
            offset: None,
            resumed: false,
            limit: Limits::default().message,
        };
        let driver = Shared::new_cyclic(|me| Self {
            me: me.clone(),
            place,
            url,
            key: options.key.clone().unwrap_or_else(session_key),
            options,
            core: Lock::new(core),
            ending: Lock::default(),
            ready: Ready::new(),
            token: Lock::default(),
            answers: Answers::default(),
            delivering: Turns::default(),
            events: Lock::default(),
            states: Shared::default(),
            gaps: Shared::default(),
            unauthorized: Shared::default(),
            contract: Contract::new(fingerprint),
            watch: Lock::default(),
        });
        driver.watch();
        driver.tell(Input::Connect);
        driver
    }

    pub(crate) fn key(&self) -> &SessionId {
        &self.key
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn state(&self) -> State {
        self.core.lock().state
    }

    pub(crate) fn resumed(&self) -> bool {
        self.core.lock().resumed
    }

    pub(crate) async fn ready(&self) -> Result<(), Error> {
        self.ready.wait().await
    }

    /// Sends an action whose payload is this JSON. One with the same key that was not written yet makes
    /// place for it.
    pub(crate) fn send(
        &self,
        route: &'static str,
        data: String,
        sending: Sending,
    ) -> Result<(ActionId, Awaited), Error> {
        let frame = Frame { route, data };
        let (sent, replaced) = {
            let core = &mut *self.core.lock();
            let now = self.place.now();
            let replaced = self.answers.take_waiting(sending.key.as_deref());
            for (id, _) in &replaced {
                core.machine.handle(Input::Cancel(*id), now);
            }
            let size = self.size(&frame, core.machine.next_id() + core.offset.unwrap_or(0));
            let sent = core.machine.send(size, sending.timeout, sending.ttl, now);
            (sent.map(|id| (id, self.answers.wait(id, frame, sending.key))), replaced)
        };
        for (_, waiting) in replaced {
            waiting.settle(Err(Error::Replaced));
        }
        self.run();
        sent.map_err(|reason| self.rejection(reason))
    }

    /// Nobody waits for this answer any more.
    pub(crate) fn cancel(&self, id: ActionId) {
        if self.answers.tell(id, Err(Error::Cancelled)) {
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

    /// The listeners of lost events.
    pub(crate) fn gaps(&self) -> &Shared<Listeners<()>> {
        &self.gaps
    }

    /// The listeners of a refused token.
    pub(crate) fn unauthorized(&self) -> &Shared<Listeners<()>> {
        &self.unauthorized
    }

    /// What the server says of the contract.
    pub(crate) fn contract(&self) -> &Contract {
        &self.contract
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
        {
            let core = &mut *self.core.lock();
            if mem::replace(&mut core.running, true) {
                return;
            }
            self.look_at_the_clock(core);
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
            Output::WriteHello => self.write_hello(),
            Output::Promote => self.promote(),
            Output::Write { id } => self.write_action(id),
            Output::WritePing { number } => self.write_ping(number),
            Output::WritePong { number } => self.write_pong(number),
            Output::WriteToken => self.write_token(),
            Output::CloseSocket { socket, code } => self.hang_up(socket, code),
            Output::Measure => self.measure(None),
            Output::Gap => self.gaps.call(&()),
            Output::Reject { id, reason } => {
                self.answers.tell(id, Err(self.rejection(reason)));
            }
            Output::State { state, code, retry_in } => {
                let retry_in = retry_in.map(Duration::from_millis);
                self.enter(StateChange { state, code, retry_in });
            }
        }
    }

    fn enter(&self, change: StateChange) {
        self.core.lock().state = change.state;
        match change.state {
            State::Open => self.ready.settle(&Ok(())),
            State::Closed => self.closed(change.code.unwrap_or(CloseCode::NORMAL)),
            State::Idle | State::Connecting | State::Waiting => {}
        }
        self.states.call(&change);
        if change.code == Some(CloseCode::UNAUTHORIZED) && change.state == State::Closed {
            self.unauthorized.call(&());
        }
    }

    fn closed(&self, code: CloseCode) {
        *self.watch.lock() = None;
        let reason = self.ending.lock().clone().unwrap_or_else(|| Error::ended(code));
        self.ready.settle(&Err(reason));
    }

    /// What this side closed the session for is what those hear who still wait.
    fn rejection(&self, reason: Rejection) -> Error {
        match reason {
            Rejection::Closed => self.ending.lock().clone().unwrap_or(Error::Closed),
            reason => reason.into(),
        }
    }
}

/// 16 random bytes as base64url.
fn session_key() -> SessionId {
    let text = URL_SAFE_NO_PAD.encode(transport::random::<16>());
    text.parse().expect("16 bytes are 22 characters of base64url")
}
