//! Whether events are still taken: until the sessions are kept for the next process.

use std::sync::atomic::{AtomicBool, Ordering};

use gatewire::PostError;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// The posts that are under way. What is taken reaches its sessions before they are kept, and what
/// comes later is refused, so that whoever posts it knows: no event is lost without a word.
#[derive(Debug, Default)]
pub(crate) struct Posts {
    under_way: TaskTracker,
    stopped: AtomicBool,
}

impl Posts {
    /// Takes a post; it is under way until the token is dropped.
    pub(crate) fn begin(&self) -> Result<TaskTrackerToken, PostError> {
        // Counted before it is asked for, so that no post slips in while the last is waited for.
        let token = self.under_way.token();
        if self.stopped.load(Ordering::SeqCst) {
            return Err(PostError::Stopped);
        }
        Ok(token)
    }

    /// Takes no more, and resolves when those under way have ended.
    pub(crate) async fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.under_way.close();
        self.under_way.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_what_was_taken_and_refuses_the_rest() {
        let posts = Posts::default();
        let token = posts.begin().unwrap();
        let mut stop = Box::pin(posts.stop());
        assert!(stop.as_mut().now_or_never().is_none());
        assert!(matches!(posts.begin(), Err(PostError::Stopped)));
        drop(token);
        stop.await;
    }
}
