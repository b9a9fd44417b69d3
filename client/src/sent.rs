//! [`Sent`]: an action on its way.

use std::{
    fmt,
    future::poll_fn,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_channel::oneshot;
use gatewire::{Action, frame::Accepted};

use crate::{
    Error,
    driver::{Answer, Awaited, Driver},
    session::ActionId,
    sharing::{Lock, Shared, Weak},
};

/// Where an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentState {
    /// It waits for a connection. It was never written.
    Queued,
    /// It was written, and may have been run. Written again on the next connection it is the same.
    Sent,
    /// It is durably queued.
    Accepted,
    /// It has its reply.
    Answered,
    /// It has none, and will not be written (again).
    Failed,
}

/// An action that was sent: a future of its reply, and what becomes of it meanwhile.
///
/// Dropping it says that nobody waits any more, as [`cancel`](Self::cancel) does: what was not written
/// yet never is. To send and not look back, [`detach`](Self::detach) it.
#[must_use = "dropping it cancels the send; await it, or `detach` it"]
pub struct Sent<A: Action> {
    answer: Coming,
    receipt: Receipt,
    state: Shared<Lock<SentState>>,
    /// The action, while somebody waits for its answer.
    action: Option<(ActionId, Weak<Driver>)>,
    payload: PhantomData<fn() -> A>,
}

enum Coming {
    Awaited(oneshot::Receiver<Answer>),
    Here(Answer),
}

enum Receipt {
    Awaited(oneshot::Receiver<Accepted>),
    Known(Option<Accepted>),
}

impl<A: Action> Sent<A> {
    /// Where it is.
    #[must_use]
    pub fn state(&self) -> SentState {
        *self.state.lock()
    }

    /// Waits until it is durably queued: its receipt, or `None` when it was answered without a queue.
    /// Fails when the send fails before. The reply is still to be awaited; dropping this future is not
    /// dropping the send.
    pub async fn accepted(&mut self) -> Result<Option<Accepted>, Error> {
        if let Receipt::Awaited(coming) = &mut self.receipt {
            let receipt = coming.await.ok();
            if receipt.is_none() {
                // So there is an answer.
                poll_fn(|cx| {
                    self.answer
                        .poll(cx)
                        .map(|answer| answer.as_ref().map(drop).map_err(Error::clone))
                })
                .await?;
            }
            self.receipt = Receipt::Known(receipt);
        }
        match &self.receipt {
            Receipt::Known(receipt) => Ok(receipt.clone()),
            Receipt::Awaited(_) => Ok(None),
        }
    }

    /// Ends the wait: the future gives [`Error::Cancelled`] unless there is an answer already. What was
    /// not written before never is; what was may have been run.
    pub fn cancel(&self) {
        if let Some((id, driver)) = &self.action
            && let Some(driver) = driver.upgrade()
        {
            driver.cancel(*id);
        }
    }

    /// Lets the action take its course. Nobody learns of its reply, or of its error.
    pub fn detach(mut self) {
        self.action = None;
    }

    pub(crate) fn new(driver: &Shared<Driver>, id: ActionId, awaited: Awaited) -> Self {
        let Awaited { state, answer, receipt } = awaited;
        Self {
            answer: Coming::Awaited(answer),
            receipt: Receipt::Awaited(receipt),
            state,
            action: Some((id, Shared::downgrade(driver))),
            payload: PhantomData,
        }
    }

    /// One that failed before it was sent.
    pub(crate) fn failed(error: Error) -> Self {
        Self {
            answer: Coming::Here(Err(error)),
            receipt: Receipt::Awaited(oneshot::channel().1),
            state: Shared::new(Lock::new(SentState::Failed)),
            action: None,
            payload: PhantomData,
        }
    }
}

impl Coming {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<&Answer> {
        if let Self::Awaited(answer) = self {
            // Without an answer there is no session either.
            let answer = ready!(Pin::new(answer).poll(cx)).unwrap_or(Err(Error::Closed));
            *self = Self::Here(answer);
        }
        match self {
            Self::Here(answer) => Poll::Ready(answer),
            Self::Awaited(_) => Poll::Pending,
        }
    }
}

impl<A: Action> Future for Sent<A> {
    type Output = Result<A::Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = match ready!(self.answer.poll(cx)) {
            Ok(data) => serde_json::from_str(data.get())
                .map_err(|source| Error::Unreadable(Arc::new(source))),
            Err(error) => Err(error.clone()),
        };
        self.action = None;
        Poll::Ready(reply)
    }
}

impl<A: Action> Drop for Sent<A> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<A: Action> fmt::Debug for Sent<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.action.as_ref().map(|(id, _)| id);
        let mut sent = f.debug_struct("Sent");
        sent.field("action", &A::ROUTE).field("id", &id).field("state", &self.state());
        sent.finish_non_exhaustive()
    }
}
