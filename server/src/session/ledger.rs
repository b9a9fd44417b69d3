//! Which actions of a session have been seen, and what they were answered.

use std::collections::{BTreeMap, VecDeque};

use axum::extract::ws::Utf8Bytes;
use gatewire::{Error, frame};
use serde::{Deserialize, Serialize};

/// How many answers a session keeps for a client that may ask again. At least the in-flight limit,
/// so that every action which may be repeated finds its answer.
const KEEP_ANSWERS: usize = 256;

/// How many bytes of answers a session keeps, beyond the newest one.
const KEEP_BYTES: usize = 64 * 1024;

/// What is to be done with an action that just arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// It is new: run it.
    Run,
    /// It runs, or waits in a queue; its answer will come. The frame, if any, says "accepted".
    Running(Option<Utf8Bytes>),
    /// It has been answered: this is the frame to send again.
    Answered(Utf8Bytes),
}

/// Which actions of a session have been seen, and what they were answered.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: BTreeMap<u64, Entry>,
    /// The ids that have an answer, oldest answer first.
    order: VecDeque<u64>,
    bytes: usize,
    /// Every id up to here has been answered and forgotten.
    floor: u64,
    /// The highest id there was.
    highest: u64,
}

#[derive(Debug)]
enum Entry {
    Running(Option<Utf8Bytes>),
    Answered(Utf8Bytes),
    /// It ran when the process ended: sent again, it runs again.
    CutOff,
}

/// A ledger as it outlives its process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptLedger {
    /// Oldest answer first.
    answers: Vec<(u64, String)>,
    /// What ran when the process ended.
    cut_off: Vec<u64>,
    floor: u64,
    highest: u64,
}

impl Ledger {
    pub(super) fn begin(&mut self, id: u64) -> Begin {
        match self.entries.get(&id) {
            Some(Entry::Running(accepted)) => Begin::Running(accepted.clone()),
            Some(Entry::Answered(frame)) => Begin::Answered(frame.clone()),
            None if id <= self.floor => Begin::Answered(lost(id)),
            Some(Entry::CutOff) | None => self.run(id),
        }
    }

    fn run(&mut self, id: u64) -> Begin {
        self.entries.insert(id, Entry::Running(None));
        self.highest = self.highest.max(id);
        Begin::Run
    }

    pub(super) fn accepted(&mut self, id: u64, frame: Utf8Bytes) -> Option<Utf8Bytes> {
        match self.entries.get_mut(&id) {
            Some(Entry::Running(accepted)) => {
                *accepted = Some(frame);
                None
            }
            Some(Entry::Answered(answer)) => Some(answer.clone()),
            Some(Entry::CutOff) | None => None,
        }
    }

    /// Whether the action runs and nothing has been said of it yet.
    pub(super) fn awaits_accepted(&self, id: u64) -> bool {
        matches!(self.entries.get(&id), Some(Entry::Running(None)))
    }

    pub(super) fn answered(&mut self, id: u64, frame: Utf8Bytes) {
        if let Some(Entry::Answered(_)) = self.entries.get(&id) {
            return;
        }
        self.bytes += frame.len();
        self.entries.insert(id, Entry::Answered(frame));
        self.order.push_back(id);
        while self.order.len() > KEEP_ANSWERS || self.bytes > KEEP_BYTES && self.order.len() > 1 {
            self.forget_oldest();
        }
    }

    /// The highest id there was; 0 when there was none.
    pub(super) fn highest(&self) -> u64 {
        self.highest
    }

    /// How many bytes of answers are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the next process has to know.
    pub(super) fn keep(&self) -> KeptLedger {
        let answer = |id: &u64| match self.entries.get(id) {
            Some(Entry::Answered(frame)) => Some((*id, frame.as_str().to_owned())),
            _ => None,
        };
        let runs = |entry: &Entry| !matches!(entry, Entry::Answered(_));
        KeptLedger {
            answers: self.order.iter().filter_map(answer).collect(),
            cut_off: self
                .entries
                .iter()
                .filter(|(_, entry)| runs(entry))
                .map(|(id, _)| *id)
                .collect(),
            floor: self.floor,
            highest: self.highest,
        }
    }

    /// The ledger of the process before.
    pub(super) fn restore(kept: KeptLedger) -> Self {
        let KeptLedger { answers, cut_off, floor, highest } = kept;
        let mut ledger = Self { floor, highest, ..Self::default() };
        for id in cut_off {
            ledger.entries.insert(id, Entry::CutOff);
        }
        for (id, frame) in answers {
            ledger.answered(id, frame.into());
        }
        ledger
    }

    fn forget_oldest(&mut self) {
        let Some(id) = self.order.pop_front() else {
            return;
        };
        if let Some(Entry::Answered(frame)) = self.entries.remove(&id) {
            self.bytes -= frame.len();
        }
        self.floor = self.floor.max(id);
    }
}

fn lost(id: u64) -> Utf8Bytes {
    let error =
        Error::new(Error::LOST, "this action was answered, and the answer is no longer kept");
    frame::error(Some(id), &error).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_action_sent_twice_runs_once_and_is_answered_twice() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.begin(1), Begin::Run);
        assert_eq!(ledger.begin(1), Begin::Running(None));
        ledger.accepted(1, "accepted".into());
        assert_eq!(ledger.begin(1), Begin::Running(Some("accepted".into())));
        ledger.answered(1, "answer".into());
        assert_eq!(ledger.begin(1), Begin::Answered("answer".into()));
    }

    #[test]
    fn after_a_restart_what_was_answered_is_not_run_and_what_was_cut_off_is() {
        let mut ledger = Ledger::default();
        for id in 1..=4 {
            ledger.begin(id);
        }
        ledger.accepted(3, "accepted".into());
        ledger.answered(4, "four".into());
        ledger.answered(1, "one".into());
        let kept = serde_json::to_string(&ledger.keep()).unwrap();
        let mut ledger = Ledger::restore(serde_json::from_str(&kept).unwrap());
        assert_eq!(ledger.highest(), 4);
        assert_eq!(ledger.begin(1), Begin::Answered("one".into()));
        assert_eq!(ledger.begin(4), Begin::Answered("four".into()));
        assert_eq!(ledger.begin(2), Begin::Run);
        assert_eq!(ledger.begin(2), Begin::Running(None));
        assert_eq!(ledger.begin(3), Begin::Run, "its queue knows it");
    }

    #[test]
    fn an_action_that_was_cut_off_below_forgotten_answers_still_runs() {
        let mut ledger = Ledger::default();
        ledger.begin(1);
        for id in 2..=KEEP_ANSWERS as u64 + 2 {
            ledger.begin(id);
            ledger.answered(id, "x".into());
        }
        let mut ledger = Ledger::restore(ledger.keep());
        assert!(matches!(ledger.begin(2), Begin::Answered(_)), "its answer is lost, and it ran");
        assert_eq!(ledger.begin(1), Begin::Run);
    }

    proptest! {
        /// However often and in whatever order ids come, each runs at most once, what is kept is
        /// bounded, and an id once answered is never run again.
        #[test]
        fn no_id_runs_twice(ids in proptest::collection::vec((1u64..400, any::<bool>()), 1..800)) {
            let mut ledger = Ledger::default();
            let mut run = std::collections::HashSet::new();
            for (id, answer) in ids {
                if ledger.begin(id) == Begin::Run {
                    prop_assert!(run.insert(id), "{} ran twice", id);
                }
                if answer {
                    ledger.answered(id, "x".repeat(3000).into());
                }
                prop_assert!(ledger.order.len() <= KEEP_ANSWERS);
                prop_assert!(ledger.bytes <= KEEP_BYTES + 3000);
            }
        }
    }
}
