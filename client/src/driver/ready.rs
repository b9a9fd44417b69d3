//! Whether the session was open once, and who waits for that.

use std::mem;

use futures_channel::oneshot;

use crate::{Error, sharing::Lock};

/// Settled once: by the first opening, or by the end.
#[derive(Debug)]
pub(super) struct Ready(Lock<Stage>);

#[derive(Debug)]
enum Stage {
    Awaited(Vec<oneshot::Sender<Result<(), Error>>>),
    Settled(Result<(), Error>),
}

impl Ready {
    pub(super) fn new() -> Self {
        Self(Lock::new(Stage::Awaited(Vec::new())))
    }

    pub(super) fn settle(&self, result: &Result<(), Error>) {
        let before = {
            let mut stage = self.0.lock();
            if let Stage::Settled(_) = *stage {
                return;
            }
            mem::replace(&mut *stage, Stage::Settled(result.clone()))
        };
        if let Stage::Awaited(waiting) = before {
            for tell in waiting {
                // Whoever waited may have stopped; then nobody wants to know.
                let _ = tell.send(result.clone());
            }
        }
    }

    /// The result, when it comes.
    pub(super) async fn wait(&self) -> Result<(), Error> {
        let coming = match &mut *self.0.lock() {
            Stage::Settled(result) => return result.clone(),
            Stage::Awaited(waiting) => {
                let (tell, coming) = oneshot::channel();
                waiting.push(tell);
                coming
            }
        };
        // Without a result there is no session either.
        coming.await.unwrap_or(Err(Error::Closed))
    }
}
