//! Whatever happens, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

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
