//! Which process of a function gets which invocation, and when one is started or ended.
//!
//! A plain value: what happens goes in, with the time; what to do comes out of [`Pool::poll`]. A
//! process runs one invocation at a time, as on Lambda. Processes are started as invocations wait,
//! up to a limit; after deaths with a growing pause, one at a time.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::FunctionError;

mod health;
#[cfg(test)]
mod tests;

use health::Health;

/// A process, never the same number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ProcessId(pub(super) u64);

/// An invocation; its caller chooses the number, never the same twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct InvocationId(pub(super) u64);

/// The numbers of a pool.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// Processes at most.
    pub(super) concurrency: usize,
    /// Invocations that may wait for a process.
    pub(super) waiting: usize,
    /// How long one invocation may take.
    pub(super) timeout: Duration,
    /// How long a process may take until it asks for its first invocation.
    pub(super) start_timeout: Duration,
    /// How long a process is kept that has nothing to do.
    pub(super) idle_timeout: Duration,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Start a process.
    Start(ProcessId),
    /// Give an invocation to a process.
    Run(ProcessId, InvocationId),
    /// Tell the caller of an invocation that it failed.
    Fail(InvocationId, Failure),
    /// End a process, by force.
    End(ProcessId),
}

/// Why an invocation failed without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Its process ended.
    Exited(Exit),
    /// The process could not be started, or said that it cannot begin.
    Start(FunctionError),
    /// The process did not ask for an invocation in time.
    StartTimedOut,
    /// It took longer than the function's timeout.
    TimedOut,
    /// Too many others wait.
    Throttled,
    /// The pool is being emptied.
    Stopped,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// With this exit status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// The processes of a function and the invocations that wait for one.
#[derive(Debug)]
pub(super) struct Pool {
    rules: Rules,
    processes: BTreeMap<ProcessId, Process>,
    /// The number of the next process.
    next: u64,
    waiting: VecDeque<InvocationId>,
    health: Health,
    phase: Phase,
    orders: VecDeque<Order>,
}

/// What a process is at.
#[derive(Debug, PartialEq, Eq)]
enum Process {
    Starting {
        until: Instant,
    },
    Idle {
        since: Instant,
    },
    Busy {
        invocation: InvocationId,
        until: Instant,
    },
    /// It has answered, and does what it does before it asks again. Lambda counts that as part of
    /// the invocation's time.
    Answered {
        until: Instant,
    },
    Ending,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    Draining,
}

impl Pool {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            processes: BTreeMap::new(),
            next: 0,
            waiting: VecDeque::new(),
            health: Health::default(),
            phase: Phase::Serving,
            orders: VecDeque::new(),
        }
    }

    /// What to do next; `None` when all is done for now.
    pub(super) fn poll(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// When to call [`tick`](Self::tick), if nothing else happens.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let pause = if self.waiting.is_empty() { None } else { self.health.paused(now) };
        let deadlines = self.processes.values().filter_map(|process| process.deadline(&self.rules));
        deadlines.chain(pause).min()
    }

    pub(super) fn invoke(&mut self, invocation: InvocationId, now: Instant) {
        if self.phase == Phase::Draining {
            self.fail(invocation, Failure::Stopped);
        } else if self.waiting.len() >= self.rules.waiting {
            self.fail(invocation, Failure::Throttled);
        } else {
            self.waiting.push_back(invocation);
            self.schedule(now);
        }
    }

    /// The caller of an invocation has left. One that runs is not disturbed. Returns whether it was
    /// still waiting.
    pub(super) fn leave(&mut self, invocation: InvocationId, now: Instant) -> bool {
        let Some(place) = self.waiting.iter().position(|waiting| *waiting == invocation) else {
            return false;
        };
        self.waiting.remove(place);
        self.schedule(now);
        true
    }

    /// A process asks for an invocation.
    pub(super) fn asked(&mut self, id: ProcessId, now: Instant) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        match process {
            Process::Starting { .. } => self.health.started(),
            Process::Answered { .. } => {}
            Process::Idle { .. } | Process::Busy { .. } | Process::Ending => return,
        }
        *process = Process::Idle { since: now };
        self.schedule(now);
    }

    /// A process has answered an invocation, with a result or an error. Returns whether the answer
    /// counts: the invocation may have failed already.
    pub(super) fn answered(&mut self, id: ProcessId, invocation: InvocationId) -> bool {
        match self.processes.get_mut(&id) {
            Some(process) if process.runs(invocation) => {
                if let Process::Busy { until, .. } = *process {
                    *process = Process::Answered { until };
                }
                self.health.answered();
                true
            }
            _ => false,
        }
    }

    /// A process said, before it asked for anything, that it cannot begin.
    pub(super) fn refused(&mut self, id: ProcessId, error: FunctionError, now: Instant) {
        if matches!(self.processes.get(&id), Some(Process::Starting { .. })) {
            self.abandon(id, Failure::Start(error), now);
            self.schedule(now);
        }
    }

    /// A process has ended, or could not be started.
    pub(super) fn ended(&mut self, id: ProcessId, failure: Failure, now: Instant) {
        if let Some(process) = self.processes.remove(&id) {
            self.bury(&process, failure, now);
            self.schedule(now);
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) {
        let rules = &self.rules;
        let due = |process: &Process| process.deadline(rules).is_some_and(|at| at <= now);
        let due: Vec<ProcessId> =
            self.processes.iter().filter(|(_, p)| due(p)).map(|(id, _)| *id).collect();
        for id in due {
            match self.processes.get(&id) {
                Some(Process::Idle { .. }) => self.end(id),
                Some(Process::Starting { .. }) => self.abandon(id, Failure::StartTimedOut, now),
                Some(_) => self.abandon(id, Failure::TimedOut, now),
                None => {}
            }
        }
        self.schedule(now);
    }

    /// Takes no more invocations; those that run or wait are finished, then the processes end.
    pub(super) fn drain(&mut self, now: Instant) {
        self.phase = Phase::Draining;
        self.schedule(now);
    }

    /// Ends everything that is left.
    pub(super) fn stop(&mut self) {
        self.phase = Phase::Draining;
        for invocation in std::mem::take(&mut self.waiting) {
            self.fail(invocation, Failure::Stopped);
        }
        let ids: Vec<ProcessId> = self.processes.keys().copied().collect();
        for id in ids {
            if let Some(Process::Busy { invocation, .. }) = self.processes.get(&id) {
                self.fail(*invocation, Failure::Stopped);
            }
            self.end(id);
        }
    }

    /// Whether nothing runs, waits or lives.
    pub(super) fn is_empty(&self) -> bool {
        self.processes.is_empty() && self.waiting.is_empty()
    }

    /// Gives what waits to what is idle, starts what is missing, ends what a drain leaves idle.
    fn schedule(&mut self, now: Instant) {
        while let Some(id) = self.warmest() {
            let Some(invocation) = self.waiting.pop_front() else { break };
            let until = now + self.rules.timeout;
            self.processes.insert(id, Process::Busy { invocation, until });
            self.orders.push_back(Order::Run(id, invocation));
        }
        self.start_missing(now);
        if self.phase == Phase::Draining && self.waiting.is_empty() {
            let spare = |p: &Process| matches!(p, Process::Idle { .. } | Process::Starting { .. });
            let spare: Vec<ProcessId> =
                self.processes.iter().filter(|(_, p)| spare(p)).map(|(id, _)| *id).collect();
            for id in spare {
                self.end(id);
            }
        }
    }

    fn start_missing(&mut self, now: Instant) {
        if self.health.paused(now).is_some() {
            self.give_up();
            return;
        }
        let starting = |p: &&Process| matches!(p, Process::Starting { .. });
        let starting = self.processes.values().filter(starting).count();
        let wanted = if self.health.doubtful() { 1 } else { self.waiting.len() };
        let wanted = wanted.min(self.waiting.len()).saturating_sub(starting);
        let room = self.rules.concurrency.saturating_sub(self.processes.len());
        for _ in 0..wanted.min(room) {
            let id = ProcessId(self.next);
            self.next += 1;
            self.processes.insert(id, Process::Starting { until: now + self.rules.start_timeout });
            self.orders.push_back(Order::Start(id));
        }
    }

    /// Fails what waits for a function that does not start, rather than let it wait for the next
    /// attempt, which will likely fail too.
    fn give_up(&mut self) {
        let lives = |process: &Process| !matches!(process, Process::Ending);
        let Some(failure) = self.health.broken().cloned() else { return };
        if !self.processes.values().any(lives) {
            for invocation in std::mem::take(&mut self.waiting) {
                self.fail(invocation, failure.clone());
            }
        }
    }

    /// The idle process that has worked last: the others get old and are ended.
    fn warmest(&self) -> Option<ProcessId> {
        let idle = self.processes.iter().filter_map(|(id, process)| match process {
            Process::Idle { since } => Some((*since, *id)),
            _ => None,
        });
        idle.max().map(|(_, id)| id)
    }

    /// Ends a process that does not do what it should.
    fn abandon(&mut self, id: ProcessId, failure: Failure, now: Instant) {
        if let Some(process) = self.processes.remove(&id) {
            self.bury(&process, failure, now);
            self.processes.insert(id, process);
            self.end(id);
        }
    }

    fn end(&mut self, id: ProcessId) {
        if let Some(process) = self.processes.get_mut(&id)
            && *process != Process::Ending
        {
            *process = Process::Ending;
            self.orders.push_back(Order::End(id));
        }
    }

    /// What the death of a process leads to. A start that fails takes the invocation with it that
    /// has waited longest, as a cold start does on Lambda.
    fn bury(&mut self, process: &Process, failure: Failure, now: Instant) {
        match process {
            Process::Starting { .. } => {
                self.health.start_failed(failure.clone(), now);
                if let Some(invocation) = self.waiting.pop_front() {
                    self.fail(invocation, failure);
                }
            }
            Process::Busy { invocation, .. } => {
                self.health.died(now);
                self.fail(*invocation, failure);
            }
            Process::Idle { .. } | Process::Answered { .. } => self.health.died(now),
            Process::Ending => {}
        }
    }

    fn fail(&mut self, invocation: InvocationId, failure: Failure) {
        self.orders.push_back(Order::Fail(invocation, failure));
    }
}

impl Process {
    fn runs(&self, wanted: InvocationId) -> bool {
        matches!(self, Self::Busy { invocation, .. } if *invocation == wanted)
    }

    fn deadline(&self, rules: &Rules) -> Option<Instant> {
        match self {
            Self::Starting { until } | Self::Busy { until, .. } | Self::Answered { until } => {
                Some(*until)
            }
            Self::Idle { since } => Some(*since + rules.idle_timeout),
            Self::Ending => None,
        }
    }
}
