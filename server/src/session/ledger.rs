//! Which actions of a session have been seen, and what they were answered.

use std::collections::{BTreeMap, VecDeque};

use axum::extract::ws::Utf8Bytes;
use gatewire::{Error, frame};

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
}

#[derive(Debug)]
enum Entry {
    Running(Option<Utf8Bytes>),
    Answered(Utf8Bytes),
}

impl Ledger {
    pub(super) fn begin(&mut self, id: u64) -> Begin {
        match self.entries.get(&id) {
            Some(Entry::Running(accepted)) => Begin::Running(accepted.clone()),
            Some(Entry::Answered(frame)) => Begin::Answered(frame.clone()),
            None if id <= self.floor => Begin::Answered(lost(id)),
            None => {
                self.entries.insert(id, Entry::Running(None));
                Begin::Run
            }
        }
    }

    pub(super) fn accepted(&mut self, id: u64, frame: Utf8Bytes) -> Option<Utf8Bytes> {
        match self.entries.get_mut(&id) {
            Some(Entry::Running(accepted)) => {
                *accepted = Some(frame);
                None
            }
            Some(Entry::Answered(answer)) => Some(answer.clone()),
            None => None,
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
