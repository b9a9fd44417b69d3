//! What waits to be written to one socket: bounded, so that a slow reader costs a known amount.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use gatewire::CloseCode;
use tokio::sync::Notify;

/// How much one socket may owe its reader. Both figures are ours; a deployment may change them.
#[derive(Clone, Copy, Debug)]
pub struct MailboxLimits {
    /// Texts.
    pub texts: usize,
    /// Bytes of text.
    pub bytes: usize,
}

impl Default for MailboxLimits {
    fn default() -> Self {
        Self { texts: 4096, bytes: 4 * 1024 * 1024 }
    }
}

/// The texts for one socket, filled by anybody, emptied by the socket's own task.
#[derive(Debug)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
    wake: Notify,
    limits: MailboxLimits,
    /// Milliseconds since the epoch of the last frame in either direction.
    active: AtomicU64,
    /// In how many milliseconds the peer is to come back elsewhere, until it has been taken.
    leave: AtomicU64,
}

/// What [`Mailbox::leave`] holds while nobody has to.
const STAY: u64 = u64::MAX;

#[derive(Debug, Default)]
struct State {
    texts: VecDeque<Utf8Bytes>,
    bytes: usize,
    phase: Phase,
}

#[derive(Debug, Default)]
enum Phase {
    /// Events and answers are taken.
    #[default]
    Open,
    /// The end is decided: answers are still taken, events no more.
    Ending(End),
    /// The reader was too slow: nothing is taken, and what is queued will not be read.
    Overflowed,
    /// The last texts have been taken out.
    Sealed,
}

/// How the server wants the socket to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: CloseCode,
    pub(crate) reason: &'static str,
    /// Whether the server drains: the actions that run are answered before the socket closes.
    pub(crate) drain: bool,
}

impl End {
    fn too_slow() -> Self {
        Self {
            code: CloseCode::TRY_AGAIN_LATER,
            reason: "this client reads slower than it is written to",
            drain: false,
        }
    }
}

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The socket is closing or closed.
    Ended,
    /// The reader is too far behind; the socket is being closed for it.
    Full,
}

impl Mailbox {
    pub(crate) fn new(limits: MailboxLimits, now: u64) -> Self {
        let (active, leave) = (AtomicU64::new(now), AtomicU64::new(STAY));
        Self { state: Mutex::default(), wake: Notify::new(), limits, active, leave }
    }

    /// Queues an event. A full mailbox ends the connection: the reader learns that it was too
    /// slow, and everything it missed is known to be missed.
    pub(crate) fn push(&self, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        match state.phase {
            Phase::Open => self.queue(&mut state, text),
            Phase::Ending(_) | Phase::Overflowed | Phase::Sealed => Err(Refused::Ended),
        }
    }

    /// Queues an answer, which is taken for as long as anything is written at all.
    pub(crate) fn answer(&self, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        match state.phase {
            Phase::Open | Phase::Ending(_) => self.queue(&mut state, text),
            Phase::Overflowed | Phase::Sealed => Err(Refused::Ended),
        }
    }

    /// Asks the peer to come back elsewhere in this time. Everything is still taken and written,
    /// until the peer goes or the connection is ended.
    pub(crate) fn leave(&self, delay: Duration) {
        let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).min(STAY - 1);
        self.leave.store(delay, Ordering::Release);
        self.wake.notify_one();
    }

    /// In what time the peer is to come back elsewhere: the first call after
    /// [`leave`](Self::leave) gets it.
    pub(crate) fn take_leave(&self) -> Option<Duration> {
        // Asked at every wake-up, and almost always in vain: a read is cheaper than a swap.
        if self.leave.load(Ordering::Acquire) == STAY {
            return None;
        }
        let delay = self.leave.swap(STAY, Ordering::AcqRel);
        (delay != STAY).then(|| Duration::from_millis(delay))
    }

    /// Ends the connection after what is queued already. The first call decides.
    pub(crate) fn end(&self, end: End) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Open) {
            state.phase = Phase::Ending(end);
            self.wake.notify_one();
        }
    }

    /// Takes everything that waits, and how the connection is to end once that is written.
    pub(crate) fn drain(&self) -> (VecDeque<Utf8Bytes>, Option<End>) {
        let mut state = self.lock();
        state.bytes = 0;
        let texts = std::mem::take(&mut state.texts);
        match &state.phase {
            Phase::Open | Phase::Sealed => (texts, None),
            Phase::Ending(end) => (texts, Some(end.clone())),
            Phase::Overflowed => (VecDeque::new(), Some(End::too_slow())),
        }
    }

    /// Takes the last texts; nothing is taken in any more.
    pub(crate) fn seal(&self) -> VecDeque<Utf8Bytes> {
        let mut state = self.lock();
        state.phase = Phase::Sealed;
        std::mem::take(&mut state.texts)
    }

    /// Resolves when something has been queued, or the end decided, since the last time.
    pub(crate) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Resolves when the mailbox has overflowed. It takes the news that [`changed`](Self::changed)
    /// waits for, so whoever stops waiting here looks into the mailbox next.
    pub(crate) async fn overflowed(&self) {
        while !matches!(self.lock().phase, Phase::Overflowed) {
            self.changed().await;
        }
    }

    /// Notes that a frame went one way or the other.
    pub(crate) fn touch(&self, now: u64) {
        self.active.store(now, Ordering::Relaxed);
    }

    /// When a frame last went, in milliseconds since the Unix epoch.
    pub(crate) fn last_active(&self) -> u64 {
        self.active.load(Ordering::Relaxed)
    }

    fn queue(&self, state: &mut State, text: Utf8Bytes) -> Result<(), Refused> {
        let bytes = state.bytes + text.len();
        let full = state.texts.len() >= self.limits.texts || bytes > self.limits.bytes;
        // One text always fits, so that a large reply can be written at all.
        if full && !state.texts.is_empty() {
            state.phase = Phase::Overflowed;
            self.wake.notify_one();
            return Err(Refused::Full);
        }
        state.bytes = bytes;
        state.texts.push_back(text);
        self.wake.notify_one();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(texts: usize, bytes: usize) -> Mailbox {
        Mailbox::new(MailboxLimits { texts, bytes }, 0)
    }

    fn bye() -> End {
        End { code: CloseCode::NORMAL, reason: "bye", drain: true }
    }

    #[test]
    fn texts_come_out_as_they_went_in() {
        let mailbox = mailbox(10, 100);
        mailbox.push("a".into()).unwrap();
        mailbox.answer("b".into()).unwrap();
        assert_eq!(mailbox.drain(), (VecDeque::from(["a".into(), "b".into()]), None));
    }

    #[test]
    fn once_the_end_is_decided_only_answers_are_taken_and_then_nothing() {
        let mailbox = mailbox(10, 100);
        mailbox.end(bye());
        assert_eq!(mailbox.push("event".into()), Err(Refused::Ended));
        mailbox.answer("answer".into()).unwrap();
        assert_eq!(mailbox.drain().1, Some(bye()));
        mailbox.answer("late answer".into()).unwrap();
        assert_eq!(mailbox.seal(), ["late answer"]);
        assert_eq!(mailbox.answer("too late".into()), Err(Refused::Ended));
    }

    #[test]
    fn who_is_to_leave_is_told_once_and_served_on() {
        let mailbox = mailbox(10, 100);
        assert_eq!(mailbox.take_leave(), None);
        mailbox.leave(Duration::from_millis(7));
        assert_eq!(mailbox.take_leave(), Some(Duration::from_millis(7)));
        assert_eq!(mailbox.take_leave(), None);
        mailbox.push("event".into()).unwrap();
        assert_eq!(mailbox.drain(), (VecDeque::from(["event".into()]), None));
    }

    #[test]
    fn a_slow_reader_is_ended_at_either_limit() {
        for mailbox in [mailbox(2, 1000), mailbox(1000, 20)] {
            mailbox.push("0123456789".into()).unwrap();
            mailbox.push("0123456789".into()).unwrap();
            assert_eq!(mailbox.push("x".into()), Err(Refused::Full));
            assert_eq!(mailbox.answer("x".into()), Err(Refused::Ended));
            assert_eq!(mailbox.drain().1.unwrap().code, CloseCode::TRY_AGAIN_LATER);
        }
    }

    #[test]
    fn one_text_always_fits() {
        assert!(mailbox(2, 4).push("larger than four".into()).is_ok());
    }
}
