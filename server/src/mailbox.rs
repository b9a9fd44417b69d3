//! What waits to be written to one socket: bounded, so that a slow reader costs a known amount.

use std::{
    borrow::Cow,
    collections::VecDeque,
    num::NonZeroU64,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use gatewire::{CloseCode, frame::to_client};
use tokio::sync::Notify;

use crate::integration::Frame;

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
    texts: VecDeque<Waiting>,
    /// How many of `texts` count against the limits, and their bytes.
    counted: usize,
    bytes: usize,
    phase: Phase,
}

/// A frame that waits to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The number of the event in its session; `None` for everything else.
    pub(crate) number: Option<NonZeroU64>,
    /// Shared with the other receivers.
    pub(crate) frame: Frame,
}

#[derive(Debug, Default)]
enum Phase {
    /// A gatewire client has not said hello: posts wait, answers are taken.
    Greeting(Held),
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

/// What was posted to a client before its hello.
#[derive(Debug, Default)]
struct Held {
    texts: Vec<Utf8Bytes>,
    bytes: usize,
}

/// How the server wants the socket to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: CloseCode,
    pub(crate) reason: Cow<'static, str>,
    /// Whether the server drains: the actions that run are answered before the socket closes.
    pub(crate) drain: bool,
}

impl End {
    fn taken_over() -> Self {
        Self {
            code: CloseCode::TAKEN_OVER,
            reason: "the session continues on a newer connection".into(),
            drain: false,
        }
    }

    fn too_slow() -> Self {
        Self {
            code: CloseCode::TRY_AGAIN_LATER,
            reason: "this client reads slower than it is written to".into(),
            drain: false,
        }
    }
}

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The socket is closing or closed.
    Ended,
    /// The reader is too far behind. Where nobody is told, the socket is being closed for it.
    Full,
    /// The client has said hello meanwhile: its session takes posts, and numbers them.
    Greeted,
}

impl Mailbox {
    /// The mailbox of a plain connection.
    pub(crate) fn new(limits: MailboxLimits, now: u64) -> Self {
        let (active, leave) = (AtomicU64::new(now), AtomicU64::new(STAY));
        Self { state: Mutex::default(), wake: Notify::new(), limits, active, leave }
    }

    /// The mailbox of a gatewire client that has not said hello.
    pub(crate) fn greeting(limits: MailboxLimits, now: u64) -> Self {
        let mailbox = Self::new(limits, now);
        mailbox.lock().phase = Phase::Greeting(Held::default());
        mailbox
    }

    /// Queues an event, with its number if the connection has a session. A full mailbox ends the
    /// connection: the reader learns that it was too slow, and everything it missed is known to be
    /// missed.
    pub(crate) fn push(&self, number: Option<NonZeroU64>, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        match state.phase {
            Phase::Open => self.queue(&mut state, Waiting { number, frame: text.into() }),
            Phase::Greeting(_) | Phase::Ending(_) | Phase::Overflowed | Phase::Sealed => {
                Err(Refused::Ended)
            }
        }
    }

    /// Queues a text whose sender hears of it when there is no room. Then nothing else changes: the
    /// sender may come again, which API Gateway's 429 tells it to.
    pub(crate) fn offer(&self, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        match state.phase {
            Phase::Open if self.has_room(&state, text.len()) => {
                self.add(&mut state, Waiting::bare(text));
                Ok(())
            }
            Phase::Open => Err(Refused::Full),
            Phase::Greeting(_) | Phase::Ending(_) | Phase::Overflowed | Phase::Sealed => {
                Err(Refused::Ended)
            }
        }
    }

    /// Keeps a text for a client that has not said hello, if there is room.
    pub(crate) fn hold(&self, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        match &mut state.phase {
            Phase::Greeting(held) => {
                let bytes = held.bytes + text.len();
                if held.texts.len() >= self.limits.texts || bytes > self.limits.bytes {
                    return Err(Refused::Full);
                }
                held.bytes = bytes;
                held.texts.push(text);
                Ok(())
            }
            Phase::Open => Err(Refused::Greeted),
            Phase::Ending(_) | Phase::Overflowed | Phase::Sealed => Err(Refused::Ended),
        }
    }

    /// The client has said hello: what it missed follows the welcome. That is taken whatever its
    /// amount: it is bounded where it is kept, and shared with that place. Returns what was posted
    /// before the hello.
    pub(crate) fn greet(
        &self,
        welcome: Utf8Bytes,
        missed: impl IntoIterator<Item = Waiting>,
    ) -> Vec<Utf8Bytes> {
        let mut state = self.lock();
        let held = match &mut state.phase {
            Phase::Greeting(held) => {
                let held = std::mem::take(held);
                state.phase = Phase::Open;
                held.texts
            }
            Phase::Open | Phase::Ending(_) => Vec::new(),
            Phase::Overflowed | Phase::Sealed => return Vec::new(),
        };
        state.texts.push_back(Waiting::bare(welcome));
        state.texts.extend(missed);
        self.wake.notify_one();
        held
    }

    /// Queues an answer, which is taken for as long as anything is written at all.
    pub(crate) fn answer(&self, frame: impl Into<Frame>) -> Result<(), Refused> {
        let mut state = self.lock();
        match state.phase {
            Phase::Greeting(_) | Phase::Open | Phase::Ending(_) => {
                self.queue(&mut state, Waiting::bare(frame))
            }
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
        if matches!(state.phase, Phase::Greeting(_) | Phase::Open) {
            state.phase = Phase::Ending(end);
            self.wake.notify_one();
        }
    }

    /// Ends the connection because its session has a newer one, which gets the events from here.
    pub(crate) fn take_over(&self) {
        self.lock().texts.retain(|waiting| waiting.number.is_none());
        self.end(End::taken_over());
    }

    /// Takes everything that waits, and how the connection is to end once that is written.
    pub(crate) fn drain(&self) -> (VecDeque<Waiting>, Option<End>) {
        let mut state = self.lock();
        (state.counted, state.bytes) = (0, 0);
        let texts = std::mem::take(&mut state.texts);
        match &state.phase {
            Phase::Greeting(_) | Phase::Open | Phase::Sealed => (texts, None),
            Phase::Ending(end) => (texts, Some(end.clone())),
            Phase::Overflowed => (VecDeque::new(), Some(End::too_slow())),
        }
    }

    /// Takes the last texts; nothing is taken in any more.
    pub(crate) fn seal(&self) -> VecDeque<Waiting> {
        let mut state = self.lock();
        state.phase = Phase::Sealed;
        std::mem::take(&mut state.texts)
    }

    /// Resolves when something has been queued, or the end decided, since the last time.
    pub(crate) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Resolves when what was drained need not be written any more: the mailbox has overflowed, or
    /// a newer connection has the session. It takes the news that [`changed`](Self::changed) waits
    /// for, so whoever stops waiting here looks into the mailbox next.
    pub(crate) async fn abandoned(&self) {
        while !self.lock().is_abandoned() {
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

    fn queue(&self, state: &mut State, waiting: Waiting) -> Result<(), Refused> {
        if !self.has_room(state, waiting.frame.len()) {
            state.phase = Phase::Overflowed;
            self.wake.notify_one();
            return Err(Refused::Full);
        }
        self.add(state, waiting);
        Ok(())
    }

    /// One text always fits, so that a large reply can be written at all.
    fn has_room(&self, state: &State, bytes: usize) -> bool {
        let fits = state.counted < self.limits.texts && state.bytes + bytes <= self.limits.bytes;
        fits || state.counted == 0
    }

    fn add(&self, state: &mut State, waiting: Waiting) {
        state.bytes += waiting.frame.len();
        state.counted += 1;
        state.texts.push_back(waiting);
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    fn is_abandoned(&self) -> bool {
        match &self.phase {
            Phase::Overflowed => true,
            Phase::Ending(end) => end.code == CloseCode::TAKEN_OVER,
            Phase::Greeting(_) | Phase::Open | Phase::Sealed => false,
        }
    }
}

impl Waiting {
    /// A frame without a number.
    pub(crate) fn bare(frame: impl Into<Frame>) -> Self {
        Self { number: None, frame: frame.into() }
    }

    /// The frame as this socket gets it.
    pub(crate) fn into_frame(self) -> Frame {
        match (self.number, self.frame) {
            (Some(number), Frame::Text(text)) => to_client::numbered(number.get(), &text).into(),
            (_, frame) => frame,
        }
    }

    /// The text as this socket gets it.
    #[cfg(test)]
    pub(crate) fn into_text(self) -> Utf8Bytes {
        match self.into_frame() {
            Frame::Text(text) => text,
            Frame::Binary(_) => panic!("no text"),
        }
    }
}

#[cfg(test)]
mod tests;
