//! What holds for a session whatever happens, in whatever order.

use std::collections::BTreeMap;

use gatewire_client::session::{
    ActionId, Input, Millis, Options, Output, REWRITABLE, Rejection, Session, State, Welcome,
};
use gatewire_core::CloseCode;
use proptest::prelude::*;

const OPTIONS: Options = Options { queue_length: 8, queue_bytes: 400 };

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send {
        size: usize,
        timeout: Millis,
    },
    Hear(Input),
    Pass(Millis),
    /// The timer rings, whenever that is.
    Ring,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..40_u64;
    let code = prop::sample::select(vec![1000, 1001, 1006, 1006, 1009, 1012, 4401, 4429]);
    prop_oneof![
        8 => (0..150_usize, prop::sample::select(vec![0, 50, 60_000, 600_000, Millis::MAX]))
            .prop_map(|(size, timeout)| Step::Send { size, timeout }),
        2 => Just(Step::Hear(Input::Connect)),
        1 => Just(Step::Hear(Input::Close)),
        6 => Just(Step::Hear(Input::TokenReady)),
        1 => Just(Step::Hear(Input::TokenFailed)),
        6 => Just(Step::Hear(Input::Opened)),
        2 => code.prop_map(|code| Step::Hear(Input::Closed(CloseCode(code)))),
        6 => (0..60_000_u64, 60..200_usize, 0..4_usize).prop_map(|(heartbeat, message, in_flight)| {
            Step::Hear(Input::Welcome(Welcome { heartbeat, message, in_flight }))
        }),
        1 => id.clone().prop_map(|id| Step::Hear(Input::Cancel(id))),
        3 => id.clone().prop_map(|id| Step::Hear(Input::Accepted(id))),
        5 => id.prop_map(|id| Step::Hear(Input::Answered(id))),
        1 => (0..9_u64).prop_map(|number| Step::Hear(Input::Ping(number))),
        1 => (0..5_000_u64).prop_map(|delay| Step::Hear(Input::GoAway { delay })),
        1 => Just(Step::Hear(Input::Heard)),
        1 => Just(Step::Hear(Input::Wake)),
        3 => (0..100_000_u64).prop_map(Step::Pass),
        6 => Just(Step::Ring),
    ]
}

/// What an observer of inputs and outputs knows.
#[derive(Default)]
struct Observer {
    now: Millis,
    state: Option<State>,
    /// Whether there is a socket, and whether `hello` was written to it.
    socket: Option<bool>,
    fetching: bool,
    message: usize,
    in_flight: usize,
    /// The last id written to this socket.
    last: ActionId,
    /// Those without an outcome: size, first written, whether on this socket.
    actions: BTreeMap<ActionId, Action>,
}

#[derive(Clone, Copy)]
struct Action {
    size: usize,
    deadline: Millis,
    first_written: Option<Millis>,
    on_socket: bool,
}

impl Observer {
    fn tell(&mut self, input: Input) {
        match input {
            Input::Answered(id) | Input::Cancel(id) => drop(self.actions.remove(&id)),
            Input::TokenReady | Input::TokenFailed => self.fetching = false,
            Input::Closed(_) => self.lose_socket(),
            Input::Welcome(welcome)
                if self.socket == Some(true) && self.state != Some(State::Open) =>
            {
                self.message = welcome.message;
                self.in_flight = welcome.in_flight.max(1);
            }
            _ => {}
        }
    }

    fn see(&mut self, output: Output) {
        match output {
            Output::FetchToken => {
                assert!(!self.fetching, "single flight");
                self.fetching = true;
            }
            Output::OpenSocket => {
                assert_eq!(self.socket, None, "one socket at a time");
                self.socket = Some(false);
                self.last = 0;
            }
            Output::WriteHello => {
                assert_eq!(self.socket.replace(true), Some(false), "hello is first");
            }
            Output::WritePing { .. } => assert_eq!(self.state, Some(State::Open)),
            Output::WritePong { .. } => assert_eq!(self.socket, Some(true)),
            Output::CloseSocket { .. } => {
                assert!(self.socket.is_some());
                self.lose_socket();
            }
            Output::Write { id } => self.see_write(id),
            Output::Reject { id, reason } => self.see_reject(id, reason),
            Output::State { state, retry_in, .. } => {
                assert_ne!(self.state.replace(state), Some(state), "a transition");
                assert_eq!(retry_in.is_some(), state == State::Waiting);
            }
        }
    }

    fn see_write(&mut self, id: ActionId) {
        assert_eq!(self.state, Some(State::Open), "never while not open");
        assert!(self.last < id, "ascending");
        self.last = id;
        let now = self.now;
        let action = self.actions.get_mut(&id).expect("it has no outcome yet");
        assert!(action.size <= self.message, "within the limit");
        assert!(now < action.deadline, "in time");
        assert!(*action.first_written.get_or_insert(now) + REWRITABLE > now);
        action.on_socket = true;
        let written = self.actions.values().filter(|it| it.on_socket).count();
        assert!(written <= self.in_flight, "no more than may be in flight");
    }

    fn see_reject(&mut self, id: ActionId, reason: Rejection) {
        let action = self.actions.remove(&id).expect("one outcome");
        match reason {
            Rejection::Timeout => assert!(action.deadline <= self.now),
            Rejection::Lost => assert!(action.first_written.is_some() && !action.on_socket),
            Rejection::QueueFull => assert_eq!(action.first_written, None),
            _ => {}
        }
    }

    fn lose_socket(&mut self) {
        self.socket = None;
        for action in self.actions.values_mut() {
            action.on_socket = false;
        }
    }

    /// Holds between any two steps.
    fn check(&self, session: &Session) {
        assert_eq!(session.state(), self.state.unwrap_or(State::Idle));
        let fresh = |it: &&Action| it.first_written.is_none();
        let waiting: Vec<_> = self.actions.values().filter(fresh).collect();
        assert!(waiting.len() <= OPTIONS.queue_length);
        assert!(waiting.iter().map(|it| it.size).sum::<usize>() <= OPTIONS.queue_bytes);
        if self.state == Some(State::Open) {
            let written = self.actions.values().filter(|it| it.on_socket).count();
            assert_eq!(written, self.actions.len().min(self.in_flight), "none waits without need");
        }
        if self.state == Some(State::Closed) {
            assert!(self.actions.is_empty(), "every promise was kept");
            assert_eq!(session.deadline(), None);
        }
    }
}

fn drain(session: &mut Session, observer: &mut Observer) {
    while let Some(output) = session.poll() {
        observer.see(output);
    }
    observer.check(session);
}

fn take(step: Step, session: &mut Session, observer: &mut Observer) {
    match step {
        Step::Send { size, timeout } => {
            let id = session.next_id();
            let deadline = observer.now.saturating_add(timeout);
            let action = Action { size, deadline, first_written: None, on_socket: false };
            observer.actions.insert(id, action);
            assert_eq!(session.send(size, timeout, observer.now), id);
        }
        Step::Hear(input) => {
            observer.tell(input);
            session.handle(input, observer.now);
        }
        Step::Pass(milliseconds) => observer.now += milliseconds,
        Step::Ring => {
            if let Some(deadline) = session.deadline() {
                observer.now = observer.now.max(deadline);
                session.handle(Input::Tick, observer.now);
            }
        }
    }
    drain(session, observer);
}

proptest! {
    #[test]
    fn promises_hold_in_any_order_of_events(steps in prop::collection::vec(step(), 0..120)) {
        let mut session = Session::new(OPTIONS, 7);
        let mut observer = Observer { message: 131_072, in_flight: 256, ..Observer::default() };
        for step in steps {
            take(step, &mut session, &mut observer);
        }
        take(Step::Hear(Input::Close), &mut session, &mut observer);
        prop_assert!(observer.actions.is_empty());
    }

    #[test]
    fn a_tick_at_the_deadline_makes_progress(steps in prop::collection::vec(step(), 0..60)) {
        let mut session = Session::new(OPTIONS, 7);
        let mut observer = Observer { message: 131_072, in_flight: 256, ..Observer::default() };
        for step in steps {
            take(step, &mut session, &mut observer);
        }
        // However much is due, a few ticks at the same moment are done with it.
        let ticks = (0..4).find(|_| {
            session.handle(Input::Tick, observer.now);
            while session.poll().is_some() {}
            session.deadline().is_none_or(|deadline| deadline > observer.now)
        });
        prop_assert!(ticks.is_some());
    }
}
