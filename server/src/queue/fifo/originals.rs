//! Deduplication: which ids were sent within the window, and what the first send was given.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::super::{DEDUPLICATION_WINDOW, clock::milliseconds};

/// How many ids that have left the window one send forgets. More than it adds, so that the memory
/// follows the rate of the last five minutes; bounded, so that no send pays for a quiet night.
const FORGET: usize = 8;

/// The first send of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) sequence: u64,
    pub(crate) message_id: u128,
    pub(crate) sent_at: u64,
}

impl Original {
    /// Whether the id may be used again: the window has passed since the first send.
    pub(crate) fn has_left(&self, now: u64) -> bool {
        has_left(self.sent_at, now)
    }
}

/// Whether something sent at this time has left the deduplication window.
pub(crate) fn has_left(sent_at: u64, now: u64) -> bool {
    now.saturating_sub(sent_at) >= milliseconds(DEDUPLICATION_WINDOW)
}

/// The ids of the window. An id is remembered after its message is deleted, too.
#[derive(Debug, Default)]
pub(crate) struct Originals {
    by_id: HashMap<Arc<str>, Original>,
    by_age: VecDeque<(Original, Arc<str>)>,
}

impl Originals {
    /// The first send of this id, if it is still within the window.
    pub(crate) fn find(&self, id: &str, now: u64) -> Option<Original> {
        let original = self.by_id.get(id)?;
        (!original.has_left(now)).then_some(*original)
    }

    /// Remembers a first send. Sends must come in the order of their sequence numbers.
    pub(crate) fn add(&mut self, id: Arc<str>, original: Original, now: u64) {
        for _ in 0..FORGET {
            if !self.by_age.front().is_some_and(|(oldest, _)| oldest.has_left(now)) {
                break;
            }
            self.forget_oldest();
        }
        self.by_id.insert(id.clone(), original);
        self.by_age.push_back((original, id));
    }

    /// Forgets a send that did not become durable.
    pub(crate) fn withdraw(&mut self, id: &str, sequence: u64) {
        // The entry in `by_age` stays and finds nothing to forget when its time comes.
        if self.by_id.get(id).is_some_and(|known| known.sequence == sequence) {
            self.by_id.remove(id);
        }
    }

    fn forget_oldest(&mut self) {
        let Some((oldest, id)) = self.by_age.pop_front() else {
            return;
        };
        // The id may have been used again since; that use stays.
        if self.by_id.get(&id) == Some(&oldest) {
            self.by_id.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Original, Originals};

    const WINDOW: u64 = 300_000;

    fn original(sequence: u64, sent_at: u64) -> Original {
        Original { sequence, message_id: sequence.into(), sent_at }
    }

    #[test]
    fn an_id_is_known_for_exactly_five_minutes() {
        let mut originals = Originals::default();
        originals.add("a".into(), original(1, 1000), 1000);
        assert_eq!(originals.find("a", 1000 + WINDOW - 1), Some(original(1, 1000)));
        assert_eq!(originals.find("a", 1000 + WINDOW), None);
        assert_eq!(originals.find("b", 1000), None);
    }

    #[test]
    fn memory_follows_the_window() {
        let mut originals = Originals::default();
        for sequence in 0..1000 {
            originals.add(sequence.to_string().into(), original(sequence, 0), 0);
        }
        for sequence in 1000..1200 {
            let id = sequence.to_string().into();
            originals.add(id, original(sequence, WINDOW), WINDOW);
        }
        assert_eq!(originals.by_id.len(), 200);
        assert_eq!(originals.by_age.len(), 200);
    }

    #[test]
    fn forgetting_an_old_use_keeps_the_new_one() {
        let mut originals = Originals::default();
        originals.add("a".into(), original(1, 0), 0);
        originals.add("a".into(), original(2, WINDOW), WINDOW);
        originals.add("b".into(), original(3, WINDOW), WINDOW);
        assert_eq!(originals.find("a", WINDOW), Some(original(2, WINDOW)));
    }

    #[test]
    fn a_withdrawn_id_may_be_sent_again() {
        let mut originals = Originals::default();
        originals.add("a".into(), original(1, 0), 0);
        originals.withdraw("a", 1);
        assert_eq!(originals.find("a", 0), None);
    }
}
