//! A driver, a server and a network that do nothing a real one could not.

use gatewire_client::session::{Delivery, Input, Millis, Options, Protocol, Session, Welcome};
use gatewire_core::CloseCode;

use crate::observer::{Attempt, Observer};

/// One thing that happens, if it can.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Send {
        size: usize,
        timeout: Millis,
        ttl: Millis,
    },
    /// The attempt under way gets one step further.
    Succeed,
    /// The server says welcome.
    Welcome {
        answer: Answer,
        heartbeat: Millis,
        message: usize,
        in_flight: usize,
        refresh_in: Millis,
    },
    /// The server says the next event, or a later one if the network is broken.
    Event {
        skip: u64,
    },
    /// The server says the last event again.
    RepeatEvent,
    LoseLine(CloseCode),
    LoseAttempt(CloseCode),
    Tell(Input),
    Pass(Millis),
    /// The timer rings, whenever that is.
    Ring,
}

/// What the server remembers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Resumed,
    Gap { missing: u64 },
    Forgotten { seen: u64 },
}

/// The session, and what goes on around it.
pub(crate) struct World {
    session: Session,
    observer: Observer,
    is_plain: bool,
    /// The number of the event that the server said last on the line.
    last_event: u64,
    /// What the last `hello` said.
    hello: Option<u64>,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            session: Session::new(options, 7),
            observer: Observer::new(options),
            is_plain: options.protocol == Protocol::Plain,
            last_event: 0,
            hello: None,
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.observer.now
    }

    /// Whether nobody waits for anything.
    pub(crate) fn is_quiet(&self) -> bool {
        self.observer.is_quiet()
    }

    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::Send { size, timeout, ttl } => {
                let id = self.session.next_id();
                match self.session.send(size, timeout, ttl, self.now()) {
                    Ok(given) => {
                        assert_eq!(given, id);
                        self.observer.sends(id, size, timeout, ttl);
                    }
                    Err(reason) => {
                        assert_eq!(self.session.next_id(), id, "nobody hears of it again");
                        self.observer.refuses(size, reason);
                    }
                }
                self.drain();
            }
            Step::Succeed => self.succeed(),
            Step::Welcome { answer, heartbeat, message, in_flight, refresh_in } => {
                let (seen, resumed, gap) = self.remembered(answer);
                let welcome =
                    Welcome { heartbeat, message, in_flight, seen, resumed, gap, refresh_in };
                self.welcome(welcome);
            }
            Step::Event { skip } => self.event(self.last_event + 1 + skip / 3),
            Step::RepeatEvent => self.event(self.last_event),
            Step::LoseLine(code) if self.observer.is_line_alive() => {
                self.tell(Input::Closed(code));
            }
            Step::LoseAttempt(code) if self.observer.attempt != Attempt::None => {
                self.tell(Input::Failed(code));
            }
            Step::Tell(input) if self.is_possible(input) => self.tell(input),
            Step::Pass(milliseconds) => self.observer.now += milliseconds,
            Step::Ring => drop(self.ring()),
            Step::LoseLine(_) | Step::LoseAttempt(_) | Step::Tell(_) => {}
        }
    }

    /// Lets time pass until the timer rings. It must not ring in vain.
    pub(crate) fn ring(&mut self) -> bool {
        let Some(deadline) = self.session.deadline() else { return false };
        self.observer.now = self.now().max(deadline);
        let outputs = self.observer.outputs;
        self.tell(Input::Tick);
        let later = self.session.deadline().is_none_or(|next| next > self.now());
        assert!(later || self.observer.outputs > outputs, "a ring in vain");
        true
    }

    fn tell(&mut self, input: Input) {
        self.observer.hears(input);
        self.session.handle(input, self.now());
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll() {
            if self.observer.sees(output) {
                self.hello = self.session.seen();
            }
        }
        self.observer.check(&self.session);
        if std::mem::take(&mut self.observer.measures) {
            self.tell(Input::Buffered(0));
        }
    }

    fn succeed(&mut self) {
        match self.observer.attempt {
            _ if self.observer.fetching => self.tell(Input::TokenReady),
            Attempt::Opening => {
                self.tell(Input::Opened);
                if self.is_plain {
                    self.last_event = 0;
                }
            }
            Attempt::Greeted => {
                let answer = Answer::Resumed;
                let (heartbeat, refresh_in) = (25_000, Millis::MAX);
                let (message, in_flight) = (150, 3);
                self.take(Step::Welcome { answer, heartbeat, message, in_flight, refresh_in });
            }
            Attempt::None => self.tell(Input::Connect),
        }
    }

    /// What the server's welcome says of events: `seen`, `resumed`, `gap`.
    fn remembered(&self, answer: Answer) -> (u64, bool, bool) {
        match (self.hello, answer) {
            (Some(seen), Answer::Resumed) => (seen, true, false),
            (Some(seen), Answer::Gap { missing }) => (seen + missing, true, true),
            (None, Answer::Gap { missing }) => (missing, true, true),
            (None, Answer::Resumed) => (3, true, false), // a page that was loaded again
            (_, Answer::Forgotten { seen }) => (seen, false, false),
        }
    }

    fn welcome(&mut self, welcome: Welcome) {
        if self.observer.attempt != Attempt::Greeted {
            return;
        }
        self.last_event = welcome.seen;
        self.tell(Input::Welcome(welcome));
        self.observer.caught_up(&welcome, self.session.seen());
    }

    fn event(&mut self, number: u64) {
        if !self.observer.is_line_alive() || self.is_plain || number == 0 {
            return;
        }
        self.last_event = self.last_event.max(number);
        let delivery = self.session.event(number, self.now());
        self.drain();
        let covered = &mut self.observer.covered;
        match delivery {
            Delivery::Fresh => assert_eq!(number, *covered + 1),
            Delivery::Duplicate => assert!(number <= *covered),
            Delivery::Gap => assert!(number > *covered + 1),
        }
        *covered = number.max(*covered);
        assert_eq!(self.session.seen(), Some(*covered));
    }

    /// Whether a driver could tell this now.
    fn is_possible(&self, input: Input) -> bool {
        match input {
            Input::Heard
            | Input::Ping(_)
            | Input::GoAway { .. }
            | Input::Expires { .. }
            | Input::Buffered(_) => self.observer.is_line_alive(),
            Input::TokenReady | Input::TokenFailed => self.observer.fetching,
            _ => true,
        }
    }
}
