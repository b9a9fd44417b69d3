//! The actions of one connection: one after another, or beside the others where their route says so.

use std::{collections::VecDeque, fmt, future::poll_fn, task::Poll};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};

/// An action that runs. It brings its own way to answer, so nothing comes out of it.
pub(super) struct Action {
    /// Whether it waits for those before it.
    pub(super) ordered: bool,
    pub(super) run: BoxFuture<'static, ()>,
}

impl Action {
    /// One that waits for those before it.
    pub(super) fn ordered(run: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { ordered: true, run: Box::pin(run) }
    }
}

/// A line of actions, of which only the first runs, and those that run beside it.
#[derive(Default)]
pub(super) struct Lane {
    line: VecDeque<BoxFuture<'static, ()>>,
    beside: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Lane {
    pub(super) fn push(&mut self, action: Action) {
        if action.ordered {
            self.line.push_back(action.run);
        } else {
            self.beside.push(action.run);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.line.len() + self.beside.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.line.is_empty() && self.beside.is_empty()
    }

    /// Runs the actions until none is left. Dropping this future between two polls loses nothing:
    /// the lane keeps the action and goes on with it the next time.
    pub(super) async fn run(&mut self) {
        poll_fn(|cx| {
            while let Some(first) = self.line.front_mut() {
                if first.poll_unpin(cx).is_pending() {
                    break;
                }
                self.line.pop_front();
            }
            while let Poll::Ready(Some(())) = self.beside.poll_next_unpin(cx) {}
            if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Runs what is left after the socket has gone: an action once begun is always finished.
    pub(super) async fn finish(mut self) {
        self.run().await;
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("actions", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::{Action, Lane};

    #[tokio::test]
    async fn the_second_action_waits_for_the_first_even_when_polling_stops_in_between() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (go, gone) = oneshot::channel::<()>();
        let mut lane = Lane::default();
        let (first, second) = (log.clone(), log.clone());
        lane.push(Action::ordered(async move {
            first.lock().unwrap().push("begun");
            gone.await.unwrap();
            first.lock().unwrap().push("first");
        }));
        lane.push(Action::ordered(async move { second.lock().unwrap().push("second") }));
        assert!(lane.run().now_or_never().is_none());
        assert_eq!(*log.lock().unwrap(), ["begun"]);
        go.send(()).unwrap();
        lane.finish().await;
        assert_eq!(*log.lock().unwrap(), ["begun", "first", "second"]);
    }
}
