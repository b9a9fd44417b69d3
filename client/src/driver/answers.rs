//! The texts that the session may have written, and who waits for their answers.

use std::collections::HashMap;

use futures_channel::oneshot;
use serde_json::value::RawValue;

use crate::{Error, session::ActionId, sharing::Lock};

/// What an action is answered with: the reply as the server wrote it.
pub(crate) type Answer = Result<Box<RawValue>, Error>;

/// Everything that is not answered yet, by id.
#[derive(Debug, Default)]
pub(super) struct Answers(Lock<HashMap<ActionId, Waiting>>);

#[derive(Debug)]
struct Waiting {
    text: String,
    tell: oneshot::Sender<Answer>,
}

impl Answers {
    pub(super) fn wait(&self, id: ActionId, text: String) -> oneshot::Receiver<Answer> {
        let (tell, answer) = oneshot::channel();
        self.0.lock().insert(id, Waiting { text, tell });
        answer
    }

    /// Does something with the frame of an action that waits.
    pub(super) fn with_text(&self, id: ActionId, act: impl FnOnce(&str)) {
        if let Some(waiting) = self.0.lock().get(&id) {
            act(&waiting.text);
        }
    }

    /// Tells whoever waits. A late or second answer finds nobody.
    pub(super) fn tell(&self, id: ActionId, answer: Answer) {
        if let Some(waiting) = self.forget(id) {
            // Whoever waited may just have stopped; then nobody wants to know.
            let _ = waiting.send(answer);
        }
    }

    /// Nobody waits any more.
    pub(super) fn forget(&self, id: ActionId) -> Option<oneshot::Sender<Answer>> {
        self.0.lock().remove(&id).map(|waiting| waiting.tell)
    }
}
