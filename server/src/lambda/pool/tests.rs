use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const RULES: Rules = Rules {
    concurrency: 2,
    waiting: 4,
    timeout: Duration::from_secs(3),
    start_timeout: Duration::from_secs(10),
    idle_timeout: Duration::from_secs(600),
};
const KILLED: Failure = Failure::Exited(Exit::Signal(9));

/// A pool with a clock, whose orders are read as words.
struct Story {
    pool: Pool,
    now: Instant,
}

impl Story {
    fn new() -> Self {
        Self { pool: Pool::new(RULES), now: Instant::now() }
    }

    fn orders(&mut self) -> Vec<Order> {
        std::iter::from_fn(|| self.pool.poll()).collect()
    }

    fn invoke(&mut self, invocation: u64) -> Vec<Order> {
        self.pool.invoke(InvocationId(invocation), self.now);
        self.orders()
    }

    fn asked(&mut self, process: u64) -> Vec<Order> {
        self.pool.asked(ProcessId(process), self.now);
        self.orders()
    }

    fn answered(&mut self, process: u64, invocation: u64) -> bool {
        self.pool.answered(ProcessId(process), InvocationId(invocation))
    }

    fn ended(&mut self, process: u64, failure: Failure) -> Vec<Order> {
        self.pool.ended(ProcessId(process), failure, self.now);
        self.orders()
    }

    fn pass(&mut self, time: Duration) -> Vec<Order> {
        self.now += time;
        self.pool.tick(self.now);
        self.orders()
    }

    /// Lets time pass until the pool wants it.
    fn wake(&mut self) -> Vec<Order> {
        let deadline = self.pool.deadline(self.now).expect("something has a deadline");
        self.pass(deadline - self.now)
    }

    /// With one process that is idle.
    fn warm() -> Self {
        let mut story = Self::new();
        assert_eq!(story.invoke(100), [start(0)]);
        assert_eq!(story.asked(0), [run(0, 100)]);
        assert!(story.answered(0, 100));
        assert_eq!(story.asked(0), []);
        story
    }
}

fn start(process: u64) -> Order {
    Order::Start(ProcessId(process))
}
fn run(process: u64, invocation: u64) -> Order {
    Order::Run(ProcessId(process), InvocationId(invocation))
}
fn end(process: u64) -> Order {
    Order::End(ProcessId(process))
}
fn fail(invocation: u64, failure: Failure) -> Order {
    Order::Fail(InvocationId(invocation), failure)
}

#[test]
fn processes_are_started_as_invocations_wait_and_not_beyond_the_limit() {
    let mut story = Story::new();
    assert_eq!(story.invoke(1), [start(0)]);
    assert_eq!(story.invoke(2), [start(1)]);
    assert_eq!(story.invoke(3), []);
    assert_eq!(story.asked(1), [run(1, 1)]);
    assert_eq!(story.asked(0), [run(0, 2)]);
    assert!(story.answered(0, 2));
    assert_eq!(story.orders(), [], "it has not asked yet");
    assert_eq!(story.asked(0), [run(0, 3)]);
}

#[test]
fn a_warm_process_is_used_again_and_the_warmest_first() {
    let mut story = Story::warm();
    assert_eq!(story.invoke(1), [run(0, 1)]);
    assert_eq!(story.invoke(2), [start(1)]);
    assert_eq!(story.asked(1), [run(1, 2)]);
    assert!(story.answered(1, 2) && story.answered(0, 1));
    story.asked(1);
    story.pass(SECOND);
    story.asked(0);
    assert_eq!(story.invoke(3), [run(0, 3)]);
}

#[test]
fn a_process_with_nothing_to_do_is_ended() {
    let mut story = Story::warm();
    assert_eq!(story.pass(RULES.idle_timeout - SECOND), []);
    assert_eq!(story.pass(SECOND), [end(0)]);
    assert_eq!(story.ended(0, KILLED), []);
    assert_eq!(story.invoke(1), [start(1)], "its end was no fault");
}

#[test]
fn more_than_may_wait_are_throttled() {
    let mut story = Story::new();
    (1..=4).for_each(|invocation| drop(story.invoke(invocation)));
    assert_eq!(story.invoke(5), [fail(5, Failure::Throttled)]);
}

#[test]
fn what_has_left_is_not_run() {
    let mut story = Story::new();
    story.invoke(1);
    story.invoke(2);
    assert!(story.pool.leave(InvocationId(1), story.now));
    assert_eq!(story.asked(0), [run(0, 2)]);
    assert!(!story.pool.leave(InvocationId(2), story.now));
    assert!(story.answered(0, 2), "what runs is not disturbed");
}

#[test]
fn a_process_that_dies_at_work_takes_one_invocation_with_it() {
    let mut story = Story::warm();
    story.invoke(1);
    story.invoke(2);
    assert_eq!(story.asked(1), [run(1, 2)]);
    assert_eq!(story.ended(0, KILLED), [fail(1, KILLED)]);
    assert_eq!(story.invoke(3), [], "a pause");
    assert!(story.answered(1, 2));
    assert_eq!(story.asked(1), [run(1, 3)], "the other does not feel it");
    assert_eq!(story.invoke(4), [start(2)], "and its answer ended the pause");
}

#[test]
fn a_process_that_dies_idle_disturbs_nobody() {
    let mut story = Story::warm();
    assert_eq!(story.ended(0, KILLED), []);
    assert_eq!(story.invoke(1), []);
    assert_eq!(story.wake(), [start(1)]);
}

#[test]
fn a_hanging_process_is_ended_at_its_deadline_and_its_late_answer_does_not_count() {
    let mut story = Story::warm();
    story.invoke(1);
    assert_eq!(story.wake(), [fail(1, Failure::TimedOut), end(0)]);
    assert!(!story.answered(0, 1));
    assert_eq!(story.asked(0), []);
    assert_eq!(story.invoke(2), []);
    assert_eq!(story.wake(), [start(1)], "while the other is still ending");
    assert_eq!(story.ended(0, KILLED), []);
    assert_eq!(story.asked(1), [run(1, 2)]);
}

#[test]
fn a_process_that_answers_and_never_asks_again_is_ended() {
    let mut story = Story::warm();
    story.invoke(1);
    assert!(story.answered(0, 1));
    assert!(!story.answered(0, 1), "nor does a second answer count");
    assert_eq!(story.pass(RULES.timeout), [end(0)]);
}

#[test]
fn a_start_that_fails_takes_the_oldest_invocation_with_it() {
    let failures = [
        KILLED,
        Failure::Start(FunctionError::new("Runtime.ImportModuleError", "no module named app")),
    ];
    for failure in failures {
        let mut story = Story::new();
        story.invoke(1);
        story.invoke(2);
        assert_eq!(story.ended(0, failure.clone()), [fail(1, failure.clone())]);
        assert_eq!(story.asked(1), [run(1, 2)]);
    }
    let mut story = Story::new();
    story.invoke(1);
    let error = FunctionError::new("Runtime.InitError", "no");
    story.pool.refused(ProcessId(0), error.clone(), story.now);
    assert_eq!(story.orders(), [fail(1, Failure::Start(error)), end(0)]);
    let mut story = Story::new();
    story.invoke(1);
    assert_eq!(story.wake(), [fail(1, Failure::StartTimedOut), end(0)]);
}

#[test]
fn a_function_that_does_not_start_fails_its_invocations_at_once_and_is_tried_again() {
    let mut story = Story::new();
    assert_eq!(story.invoke(1), [start(0)]);
    assert_eq!(story.ended(0, KILLED), [fail(1, KILLED)]);
    for attempt in 1..3 {
        assert_eq!(story.invoke(10 * attempt), [], "waits for the end of the pause");
        assert_eq!(story.wake(), [start(attempt)]);
        assert_eq!(story.invoke(10 * attempt + 1), [], "one start at a time");
        let orders = story.ended(attempt, KILLED);
        if attempt == 1 {
            assert_eq!(orders, [fail(10, KILLED)]);
            story.pool.leave(InvocationId(11), story.now);
        } else {
            assert_eq!(orders, [fail(20, KILLED), fail(21, KILLED)], "patience is over");
        }
    }
    assert_eq!(story.invoke(30), [fail(30, KILLED)]);
    assert_eq!(story.pass(10 * SECOND), []);
    assert_eq!(story.invoke(31), [start(3)]);
    assert_eq!(story.asked(3), [run(3, 31)]);
    assert!(story.answered(3, 31));
    assert_eq!(story.invoke(32), [start(4)], "all is forgiven");
}

#[test]
fn a_drain_finishes_what_was_taken_and_takes_no_more() {
    let mut story = Story::warm();
    story.invoke(1);
    story.invoke(2);
    story.invoke(3);
    assert_eq!(story.asked(1), [run(1, 2)]);
    story.pool.drain(story.now);
    assert_eq!(story.invoke(4), [fail(4, Failure::Stopped)]);
    assert!(story.answered(1, 2));
    assert_eq!(story.asked(1), [run(1, 3)]);
    assert!(story.answered(0, 1));
    assert_eq!(story.asked(0), [end(0)]);
    assert!(story.answered(1, 3));
    assert_eq!(story.asked(1), [end(1)]);
    assert!(!story.pool.is_empty());
    story.ended(0, KILLED);
    story.ended(1, KILLED);
    assert!(story.pool.is_empty());
}

#[test]
fn a_stop_ends_everything_at_once() {
    let mut story = Story::warm();
    (1..=3).for_each(|invocation| drop(story.invoke(invocation)));
    story.pool.stop();
    let stopped = |invocation| fail(invocation, Failure::Stopped);
    assert_eq!(story.orders(), [stopped(2), stopped(3), stopped(1), end(0), end(1)]);
}

/// What happens to a pool, in any order.
#[derive(Clone, Debug)]
enum Happening {
    Invoke,
    Leave(usize),
    Asks(usize),
    Answers(usize),
    Dies(usize),
    Refuses(usize),
    Passes(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{Answers, Asks, Dies, Invoke, Leave, Passes, Refuses};
    let any = any::<usize>;
    prop_oneof![
        5 => Just(Invoke),
        1 => any().prop_map(Leave),
        5 => any().prop_map(Asks),
        4 => any().prop_map(Answers),
        2 => any().prop_map(Dies),
        1 => any().prop_map(Refuses),
        2 => (0..15_000_u64).prop_map(Passes),
    ]
}

/// The world around a pool: it obeys, and keeps account of what it was told.
struct World {
    story: Story,
    /// Every process that lives, with what it runs.
    processes: BTreeMap<u64, Option<u64>>,
    invoked: u64,
    last_run: Option<u64>,
    open: BTreeSet<u64>,
}

impl World {
    fn happens(&mut self, happening: &Happening) {
        let now = self.story.now;
        match happening {
            Happening::Invoke => {
                self.open.insert(self.invoked);
                self.story.pool.invoke(InvocationId(self.invoked), now);
                self.invoked += 1;
            }
            Happening::Leave(which) => {
                let runs: Vec<u64> = self.processes.values().flatten().copied().collect();
                let waiting = self.open.iter().filter(|open| !runs.contains(open));
                if let Some(left) = pick(&waiting.copied().collect::<Vec<_>>(), *which) {
                    self.open.remove(&left);
                    self.story.pool.leave(InvocationId(left), now);
                }
            }
            Happening::Asks(which) => {
                if let Some(process) = self.process(*which)
                    && self.processes[&process].is_none()
                {
                    self.story.pool.asked(ProcessId(process), now);
                }
            }
            Happening::Answers(which) => self.answers(*which),
            Happening::Dies(which) => {
                if let Some(process) = self.process(*which) {
                    self.processes.remove(&process);
                    self.story.pool.ended(ProcessId(process), KILLED, now);
                }
            }
            Happening::Refuses(which) => {
                if let Some(process) = self.process(*which) {
                    let error = FunctionError::new("Runtime.InitError", "no");
                    self.story.pool.refused(ProcessId(process), error, now);
                }
            }
            Happening::Passes(time) => self.passes(Duration::from_millis(*time)),
        }
        self.obey();
    }

    fn process(&self, which: usize) -> Option<u64> {
        pick(&self.processes.keys().copied().collect::<Vec<_>>(), which)
    }

    fn answers(&mut self, which: usize) {
        let Some(process) = self.process(which) else { return };
        if let Some(invocation) = self.processes.insert(process, None).flatten() {
            let counts = self.story.pool.answered(ProcessId(process), InvocationId(invocation));
            assert_eq!(counts, self.open.remove(&invocation), "one outcome each");
        }
    }

    /// The driver wakes whenever the pool wants it.
    fn passes(&mut self, time: Duration) {
        let until = self.story.now + time;
        while let Some(deadline) = self.story.pool.deadline(self.story.now) {
            if deadline > until {
                break;
            }
            self.story.now = self.story.now.max(deadline);
            self.story.pool.tick(self.story.now);
            self.obey();
            let next = self.story.pool.deadline(self.story.now);
            assert!(next.is_none_or(|next| next > self.story.now), "a deadline is dealt with");
        }
        self.story.now = until;
    }

    fn obey(&mut self) {
        for order in self.story.orders() {
            match order {
                Order::Start(process) => {
                    assert!(self.processes.insert(process.0, None).is_none());
                    assert!(self.processes.len() <= RULES.concurrency);
                }
                Order::Run(process, invocation) => {
                    assert!(self.open.contains(&invocation.0), "what has left is not run");
                    assert!(self.last_run < Some(invocation.0), "in order");
                    self.last_run = Some(invocation.0);
                    let before = self.processes.insert(process.0, Some(invocation.0));
                    assert_eq!(before, Some(None), "one at a time, of those that live");
                }
                Order::Fail(invocation, _) => {
                    assert!(self.open.remove(&invocation.0), "one outcome each");
                }
                Order::End(process) => {
                    assert!(self.processes.contains_key(&process.0), "of those that live");
                }
            }
        }
    }

    /// From here on all goes well: who may ask asks, who runs answers, and time passes.
    fn settle(&mut self) {
        self.story.pool.drain(self.story.now);
        self.obey();
        for _ in 0..20 {
            for which in 0..self.processes.len() {
                self.happens(&Happening::Asks(which));
                self.happens(&Happening::Answers(which));
                self.happens(&Happening::Asks(which));
            }
            self.happens(&Happening::Passes(10_000));
        }
        self.story.pool.stop();
        self.obey();
        while let Some(process) = self.process(0) {
            self.happens(&Happening::Dies(0));
            assert!(!self.processes.contains_key(&process));
        }
    }
}

fn pick(from: &[u64], which: usize) -> Option<u64> {
    which.checked_rem(from.len()).map(|index| from[index])
}

proptest! {
    #[test]
    fn whatever_happens_every_invocation_has_one_outcome(
        happenings in proptest::collection::vec(happening(), 1..120),
    ) {
        let mut world = World {
            story: Story::new(),
            processes: BTreeMap::new(),
            invoked: 0,
            last_run: None,
            open: BTreeSet::new(),
        };
        for happening in &happenings {
            world.happens(happening);
        }
        world.settle();
        prop_assert!(world.open.is_empty(), "without an outcome: {:?}", world.open);
        prop_assert!(world.story.pool.is_empty());
    }
}
