//! The actions of one connection, one after another.

use std::{collections::VecDeque, fmt};

use futures_util::future::BoxFuture;

/// A line of actions. Only the first runs. Each brings its own way to answer, so nothing comes out
/// of the lane.
#[derive(Default)]
pub(super) struct Lane {
    actions: VecDeque<BoxFuture<'static, ()>>,
}

impl Lane {
    pub(super) fn push(&mut self, action: BoxFuture<'static, ()>) {
        self.actions.push_back(action);
    }

    pub(super) fn len(&self) -> usize {
        self.actions.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Runs the actions until none is left. Dropping this future between two polls loses nothing:
    /// the lane keeps the action and goes on with it the next time.
    pub(super) async fn run(&mut self) {
        while let Some(action) = self.actions.front_mut() {
            action.await;
            self.actions.pop_front();
        }
    }

    /// Runs what is left after the socket has gone: an action once begun is always finished.
    pub(super) async fn finish(mut self) {
        self.run().await;
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("actions", &self.actions.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::Lane;

    #[tokio::test]
    async fn the_second_action_waits_for_the_first_even_when_polling_stops_in_between() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (go, gone) = oneshot::channel::<()>();
        let mut lane = Lane::default();
        let (first, second) = (log.clone(), log.clone());
        lane.push(Box::pin(async move {
            first.lock().unwrap().push("begun");
            gone.await.unwrap();
            first.lock().unwrap().push("first");
        }));
        lane.push(Box::pin(async move { second.lock().unwrap().push("second") }));
        assert!(lane.run().now_or_never().is_none());
        assert_eq!(*log.lock().unwrap(), ["begun"]);
        go.send(()).unwrap();
        lane.finish().await;
        assert_eq!(*log.lock().unwrap(), ["begun", "first", "second"]);
    }
}
