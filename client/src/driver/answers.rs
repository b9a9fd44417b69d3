//! What the session may have written, and who waits for its answers.

use std::collections::HashMap;

use futures_channel::oneshot;
use gatewire::frame::{Accepted, to_server};
use serde_json::value::RawValue;

use crate::{
    Error, SentState,
    session::ActionId,
    sharing::{Lock, Shared},
};

/// What an action is answered with: the reply as the server wrote it.
pub(crate) type Answer = Result<Box<RawValue>, Error>;

/// Everything that is not answered yet, by id.
#[derive(Debug, Default)]
pub(super) struct Answers(Lock<HashMap<ActionId, Waiting>>);

/// What an action is written from.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) route: &'static str,
    /// The payload as JSON.
    pub(super) data: String,
}

/// An action without an answer.
#[derive(Debug)]
pub(super) struct Waiting {
    frame: Frame,
    /// One that was not written yet makes place for the next with the same key.
    key: Option<String>,
    state: Shared<Lock<SentState>>,
    answer: oneshot::Sender<Answer>,
    /// Goes without a word when there is an answer and no receipt.
    receipt: Option<oneshot::Sender<Accepted>>,
}

/// What whoever waits for an action has of it.
#[derive(Debug)]
pub(crate) struct Awaited {
    pub(crate) state: Shared<Lock<SentState>>,
    pub(crate) answer: oneshot::Receiver<Answer>,
    /// Cancelled when there is an answer and no receipt; the answer comes first.
    pub(crate) receipt: oneshot::Receiver<Accepted>,
}

impl Frame {
    /// How many bytes it has without an acknowledgement.
    pub(super) fn size(&self, id: ActionId) -> usize {
        to_server::action(self.route, id, "", 0).len() + self.data.len()
    }

    /// The text, which acknowledges events where there is room for that.
    pub(super) fn acknowledging(&self, id: ActionId, seen: u64, limit: usize) -> String {
        let text = to_server::action(self.route, id, &self.data, seen);
        if text.len() <= limit { text } else { to_server::action(self.route, id, &self.data, 0) }
    }
}

impl Waiting {
    /// Tells whoever waits.
    pub(super) fn settle(self, answer: Answer) {
        *self.state.lock() = if answer.is_ok() { SentState::Answered } else { SentState::Failed };
        // Whoever waited may just have stopped; then nobody wants to know.
        let _ = self.answer.send(answer);
        drop(self.receipt);
    }
}

impl Answers {
    pub(super) fn wait(&self, id: ActionId, frame: Frame, key: Option<String>) -> Awaited {
        let (answer, awaited) = oneshot::channel();
        let (receipt, accepted) = oneshot::channel();
        let state = Shared::new(Lock::new(SentState::Queued));
        let awaited = Awaited { state: Shared::clone(&state), answer: awaited, receipt: accepted };
        self.0.lock().insert(id, Waiting { frame, key, state, answer, receipt: Some(receipt) });
        awaited
    }

    /// The text of an action that waits. From now on it may have been run.
    pub(super) fn write(
        &self,
        id: ActionId,
        text: impl FnOnce(&Frame) -> String,
    ) -> Option<String> {
        let all = self.0.lock();
        let waiting = all.get(&id)?;
        let mut state = waiting.state.lock();
        if *state == SentState::Queued {
            *state = SentState::Sent;
        }
        Some(text(&waiting.frame))
    }

    /// The queue has it on disk.
    pub(super) fn accept(&self, id: ActionId, accepted: Accepted) {
        if let Some(waiting) = self.0.lock().get_mut(&id) {
            *waiting.state.lock() = SentState::Accepted;
            if let Some(receipt) = waiting.receipt.take() {
                let _ = receipt.send(accepted);
            }
        }
    }

    /// Tells whoever waits, and says whether somebody did. A late or second answer finds nobody.
    pub(super) fn tell(&self, id: ActionId, answer: Answer) -> bool {
        let waiting = self.0.lock().remove(&id);
        let was_awaited = waiting.is_some();
        if let Some(waiting) = waiting {
            waiting.settle(answer);
        }
        was_awaited
    }

    /// Takes out those with this key that were never written.
    pub(super) fn take_waiting(&self, key: Option<&str>) -> Vec<(ActionId, Waiting)> {
        let Some(key) = key else { return Vec::new() };
        let is_next = |waiting: &Waiting| {
            waiting.key.as_deref() == Some(key) && *waiting.state.lock() == SentState::Queued
        };
        self.0.lock().extract_if(|_, waiting| is_next(waiting)).collect()
    }
}
