use super::*;

mod property;

const SECOND: Duration = Duration::from_secs(1);
const RULES: Rules = Rules {
    concurrency: 2,
    waiting: 4,
    timeout: Duration::from_secs(3),
    start_timeout: Duration::from_secs(10),
    idle_timeout: Duration::from_mins(10),
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
    assert_eq!(story.pass(Duration::from_mins(9)), []);
    assert_eq!(story.pass(Duration::from_mins(1)), [end(0)]);
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
