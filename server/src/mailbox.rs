//! What waits to be written to one socket: bounded, so that a slow reader costs a known amount.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
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
}

#[derive(Debug, Default)]
struct State {
    texts: VecDeque<Utf8Bytes>,
    bytes: usize,
    end: Option<End>,
}

/// How the server wants the socket to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: CloseCode,
    pub(crate) reason: &'static str,
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
        Self {
            state: Mutex::default(),
            wake: Notify::new(),
            limits,
            active: AtomicU64::new(now),
        }
    }

    /// Queues a text. A full mailbox ends the connection: the reader learns that it was too slow,
    /// and everything it missed is known to be missed.
    pub(crate) fn push(&self, text: Utf8Bytes) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.end.is_some() {
            return Err(Refused::Ended);
        }
        let full = state.texts.len() >= self.limits.texts
            || state.bytes + text.len() > self.limits.bytes && !state.texts.is_empty();
        if full {
            state.end = Some(End {
                code: CloseCode::TRY_AGAIN_LATER,
                reason: "this client reads slower than it is written to",
            });
            drop(state);
            self.wake.notify_one();
            return Err(Refused::Full);
        }
        state.bytes += text.len();
        state.texts.push_back(text);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// Ends the connection after what is queued already. The first call decides.
    pub(crate) fn end(&self, code: CloseCode, reason: &'static str) {
        self.lock().end.get_or_insert(End { code, reason });
        self.wake.notify_one();
    }

    /// Takes everything that waits, and how the connection is to end once that is written.
    pub(crate) fn drain(&self) -> (VecDeque<Utf8Bytes>, Option<End>) {
        let mut state = self.lock();
        state.bytes = 0;
        (std::mem::take(&mut state.texts), state.end.clone())
    }

    /// Resolves when something has been pushed, or the end decided, since the last time.
    pub(crate) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Resolves when the connection is to end, whatever is still queued.
    pub(crate) async fn ended(&self) {
        loop {
            if self.lock().end.is_some() {
                self.wake.notify_one(); // the end is news to the next reader too
                return;
            }
            self.changed().await;
        }
    }

    pub(crate) fn touch(&self, now: u64) {
        self.active.store(now, Ordering::Relaxed);
    }

    pub(crate) fn last_active(&self) -> u64 {
        self.active.load(Ordering::Relaxed)
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

    #[test]
    fn texts_come_out_as_they_went_in() {
        let mailbox = mailbox(10, 100);
        mailbox.push("a".into()).unwrap();
        mailbox.push("b".into()).unwrap();
        mailbox.end(CloseCode::NORMAL, "bye");
        assert_eq!(mailbox.push("c".into()), Err(Refused::Ended));
        let (texts, end) = mailbox.drain();
        assert_eq!(texts, ["a", "b"]);
        assert_eq!(end.unwrap().code, CloseCode::NORMAL);
    }

    #[test]
    fn a_slow_reader_is_ended_at_either_limit() {
        for mailbox in [mailbox(2, 1000), mailbox(1000, 20)] {
            mailbox.push("0123456789".into()).unwrap();
            mailbox.push("0123456789".into()).unwrap();
            assert_eq!(mailbox.push("x".into()), Err(Refused::Full));
            assert_eq!(mailbox.drain().1.unwrap().code, CloseCode::TRY_AGAIN_LATER);
        }
    }

    #[test]
    fn one_text_always_fits_so_that_a_large_reply_can_be_written() {
        assert!(mailbox(2, 4).push("larger than four".into()).is_ok());
    }
}
