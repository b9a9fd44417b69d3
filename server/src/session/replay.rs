//! The events of a session: their numbers, and the ones kept until the client has acknowledged
//! them.

use std::collections::VecDeque;

use axum::extract::ws::Utf8Bytes;

use super::ResumeLimits;
use crate::queue::milliseconds;

/// The smallest room that is given back once nothing is kept.
const ROOM: usize = 32;

/// The numbered events of one session, bounded.
///
/// The texts are shared with every other receiver, so keeping one costs its place in the line.
#[derive(Debug)]
pub(super) struct Replay {
    /// Without holes: the last one has the number `last`.
    kept: VecDeque<Kept>,
    last: u64,
    acknowledged: u64,
    bytes: usize,
    bounds: Bounds,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    events: usize,
    bytes: usize,
    /// In milliseconds.
    age: u64,
}

/// An event that may be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// When it was posted, in milliseconds since the Unix epoch.
    pub(super) at: u64,
    pub(super) text: Utf8Bytes,
}

/// What a client that comes back has missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The number before the first of `events`.
    pub(crate) seen: u64,
    /// Whether events before that are lost.
    pub(crate) gap: bool,
    pub(crate) events: Vec<Utf8Bytes>,
}

impl Replay {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { kept: VecDeque::new(), last: 0, acknowledged: 0, bytes: 0, bounds }
    }

    /// The same as before a restart.
    pub(super) fn restored(last: u64, acknowledged: u64, kept: Vec<Kept>, bounds: Bounds) -> Self {
        let bytes = kept.iter().map(|kept| kept.text.len()).sum();
        Self { kept: kept.into(), last, acknowledged, bytes, bounds }
    }

    /// Gives an event its number and keeps it.
    pub(super) fn push(&mut self, text: Utf8Bytes, now: u64) -> u64 {
        self.bytes += text.len();
        self.kept.push_back(Kept { at: now, text });
        self.last += 1;
        while self.kept.len() > self.bounds.events || self.bytes > self.bounds.bytes {
            self.forget_oldest();
        }
        self.last
    }

    /// Forgets what is too old. Not for a session that is away: what its client missed may be
    /// older than its absence, because a dead socket is noticed late.
    pub(super) fn forget_aged(&mut self, now: u64) {
        let age = self.bounds.age;
        while self.kept.front().is_some_and(|kept| kept.at.saturating_add(age) < now) {
            self.forget_oldest();
        }
    }

    /// The client has handled the events up to this number.
    pub(super) fn acknowledge(&mut self, seen: u64) {
        self.acknowledged = self.acknowledged.max(seen.min(self.last));
        while !self.kept.is_empty() && self.before_first() < self.acknowledged {
            self.forget_oldest();
        }
        if self.kept.is_empty() && self.kept.capacity() > ROOM {
            self.kept = VecDeque::new();
        }
    }

    /// What follows the event that the client has seen last; without its word, the one it
    /// acknowledged last.
    pub(super) fn since(&mut self, seen: Option<u64>) -> Missed {
        if let Some(seen) = seen {
            if seen > self.last {
                // It counts another session's events; where it stands in this one nobody knows.
                return Missed { seen: self.last, gap: true, events: Vec::new() };
            }
            self.acknowledge(seen);
        }
        // A client that names less than it once acknowledged is told what is left.
        let wanted = seen.unwrap_or(self.acknowledged);
        let before = self.before_first();
        let events = self.kept.iter().map(|kept| kept.text.clone()).collect();
        Missed { seen: before, gap: wanted < before, events }
    }

    /// The number of the newest event.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    pub(super) fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    /// How many bytes of text are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the event before the first that is kept.
    fn before_first(&self) -> u64 {
        self.last - u64::try_from(self.kept.len()).expect("what is kept is counted by `last`")
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.kept.pop_front() {
            self.bytes -= oldest.text.len();
        }
    }
}

impl Bounds {
    pub(super) fn of(limits: &ResumeLimits) -> Self {
        Self { events: limits.events, bytes: limits.bytes, age: milliseconds(limits.age) }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::of(&ResumeLimits::default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replay(events: usize, bytes: usize) -> Replay {
        Replay::new(Bounds { events, bytes, age: 1000 })
    }

    fn missed(seen: u64, gap: bool, events: &[&str]) -> Missed {
        Missed { seen, gap, events: events.iter().map(|text| (*text).into()).collect() }
    }

    #[test]
    fn what_follows_the_last_seen_event_is_told_again() {
        let mut replay = replay(10, 100);
        assert_eq!(replay.since(Some(0)), missed(0, false, &[]));
        for (number, text) in (1..).zip(["a", "b", "c"]) {
            assert_eq!(replay.push(text.into(), 0), number);
        }
        assert_eq!(replay.since(None), missed(0, false, &["a", "b", "c"]));
        assert_eq!(replay.since(Some(1)), missed(1, false, &["b", "c"]));
        assert_eq!(replay.since(None), missed(1, false, &["b", "c"]), "the word of last time");
        assert_eq!(replay.since(Some(3)), missed(3, false, &[]));
        assert_eq!(replay.since(Some(4)), missed(3, true, &[]), "a number we never gave");
        assert_eq!(replay.since(Some(2)), missed(3, true, &[]), "it had acknowledged more");
    }

    #[test]
    fn what_is_no_longer_kept_is_a_gap() {
        for mut replay in [replay(2, 100), replay(100, 20)] {
            for text in ["0123456789"; 3] {
                replay.push(text.into(), 0);
            }
            assert_eq!(replay.since(Some(0)), missed(1, true, &["0123456789"; 2]));
            assert_eq!(replay.since(Some(1)), missed(1, false, &["0123456789"; 2]));
        }
        let mut replay = replay(10, 4);
        replay.push("larger than four".into(), 0);
        assert_eq!(replay.since(Some(0)), missed(1, true, &[]));
    }

    #[test]
    fn what_is_too_old_is_forgotten_where_it_is_asked_for() {
        let mut replay = replay(10, 100);
        replay.push("old".into(), 0);
        replay.push("new".into(), 1000);
        replay.forget_aged(1000);
        assert_eq!(replay.since(None).events.len(), 2);
        replay.forget_aged(1001);
        assert_eq!(replay.since(None), missed(1, true, &["new"]));
    }

    #[test]
    fn what_is_acknowledged_gives_its_room_back() {
        let mut replay = replay(1000, 10_000);
        for _ in 0..1000 {
            replay.push("x".into(), 0);
        }
        replay.acknowledge(u64::MAX);
        assert_eq!((replay.bytes(), replay.kept.capacity()), (0, 0));
        assert_eq!(replay.push("x".into(), 0), 1001, "the numbers go on");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Post(u8),
        Acknowledge(u64),
        Return { seen: Option<u64> },
        Later(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (1u8..30).prop_map(Step::Post),
            1 => (0u64..60).prop_map(Step::Acknowledge),
            2 => proptest::option::of(0u64..60).prop_map(|seen| Step::Return { seen }),
            1 => (0u64..2000).prop_map(Step::Later),
        ]
    }

    proptest! {
        /// Whatever is posted, acknowledged and forgotten: what a client is told begins after the
        /// number it is told, is in order, whole to the end, and a hole is never silent.
        #[test]
        fn no_hole_is_silent(steps in proptest::collection::vec(step(), 1..120)) {
            let mut replay = replay(16, 256);
            let mut posted: Vec<String> = Vec::new();
            let (mut acknowledged, mut now) = (0, 0);
            for step in steps {
                match step {
                    Step::Post(length) => {
                        let text = format!("{}:{}", posted.len() + 1, "x".repeat(length.into()));
                        posted.push(text.clone());
                        prop_assert_eq!(replay.push(text.into(), now), posted.len() as u64);
                    }
                    Step::Acknowledge(seen) => {
                        replay.acknowledge(seen);
                        acknowledged = acknowledged.max(seen.min(posted.len() as u64));
                    }
                    Step::Later(time) => {
                        now += time;
                        replay.forget_aged(now);
                    }
                    Step::Return { seen } => {
                        let missed = replay.since(seen);
                        let wanted = seen.unwrap_or(acknowledged);
                        let rest = &posted[usize::try_from(missed.seen).unwrap()..];
                        prop_assert!(missed.events.iter().map(Utf8Bytes::as_str).eq(rest));
                        prop_assert_eq!(missed.gap, missed.seen != wanted);
                        if wanted <= posted.len() as u64 {
                            acknowledged = acknowledged.max(wanted);
                        }
                    }
                }
                prop_assert!(replay.kept.len() <= 16 && replay.bytes() <= 256);
                let bytes: usize = replay.kept.iter().map(|kept| kept.text.len()).sum();
                prop_assert_eq!(bytes, replay.bytes());
            }
        }
    }
}
