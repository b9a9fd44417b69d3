//! FIFO queues, with the words and the rules of Amazon SQS.
//!
//! Messages of one group are delivered in order, and nothing later of a group is delivered while
//! one of its messages is in flight; groups do not wait for each other. A message is in flight
//! from `receive` to `delete`, or until its visibility timeout passes and it is delivered again.
//! Delivery is at least once: a message that is not deleted comes back.
//!
//! | module | holds |
//! |---|---|
//! | here | [`Queue`], the trait that every backend implements |
//! | [`message`] | what goes in and comes out, checked against SQS's limits |
//! | [`embedded`] | [`EmbeddedQueue`]: a queue in the process's own [`Store`](crate::store::Store) |

mod clock;
pub(crate) mod consume;
pub mod embedded;
mod fifo;
pub mod message;

use std::{future::Future, pin::Pin, time::Duration};

pub(crate) use clock::milliseconds;
pub use clock::{Clock, system_clock};
pub use embedded::{EmbeddedQueue, QueueOptions};
pub use message::{GroupId, InvalidMessage, Message, NewMessage, ReceiptHandle, Sent};

use crate::store::StoreError;

/// How many messages one [`Queue::receive`] returns at most (SQS: 10).
pub const MAX_RECEIVE: usize = 10;

/// How long one [`Queue::receive`] waits at most (SQS: 20 s).
pub const MAX_WAIT: Duration = Duration::from_secs(20);

/// How long a message may stay invisible, counted from its delivery (SQS: 12 h).
pub const MAX_VISIBILITY: Duration = Duration::from_hours(12);

/// How long a deduplication id is remembered, counted from the first send (SQS: 5 min).
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_mins(5);

/// How many messages may be in flight at once; above it `receive` returns nothing (SQS: 120,000).
pub const MAX_IN_FLIGHT: usize = 120_000;

/// What the calls of a [`Queue`] return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A FIFO queue. One suite of stories, `queue/conformance.rs`, says what every backend does.
pub trait Queue: Send + Sync + 'static {
    /// Sends a message; durable once the future resolves.
    ///
    /// The message takes its place in its group when `send` is called, not when the future is
    /// polled. Dropping the future does not take the message back.
    fn send(&self, message: NewMessage) -> BoxFuture<'static, Result<Sent, QueueError>>;

    /// Takes up to `max` messages (1 to [`MAX_RECEIVE`]) and waits up to `wait` (to [`MAX_WAIT`])
    /// for the first. Several messages of one group come in order.
    ///
    /// Dropping the future before it resolves takes no message.
    fn receive(
        &self,
        max: usize,
        wait: Duration,
    ) -> BoxFuture<'_, Result<Vec<Message>, QueueError>>;

    /// Ends the life of a message; durable once the future resolves.
    ///
    /// The receipt must be the message's latest, and its visibility timeout must not have passed:
    /// the message may be with another receiver by then ([`QueueError::ReceiptExpired`]). Deleting
    /// what is no longer in the queue succeeds, so a delete may be repeated.
    fn delete(&self, receipt: &ReceiptHandle) -> BoxFuture<'_, Result<(), QueueError>>;

    /// Lets a message that is in flight come back `timeout` from now; zero releases it at once, in
    /// its old place. It cannot stay away longer than [`MAX_VISIBILITY`] after its delivery.
    fn change_visibility(
        &self,
        receipt: &ReceiptHandle,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<(), QueueError>>;

    /// How many messages there are.
    fn counts(&self) -> BoxFuture<'_, Result<Counts, QueueError>>;
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not with any receiver; some may wait for an earlier message of their group.
    pub visible: u64,
    /// Delivered and not yet deleted.
    pub in_flight: u64,
    /// In the dead-letter queue, where there is one and the backend knows.
    pub dead_letters: Option<u64>,
}

/// Why a call of a [`Queue`] failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The receipt is not the message's latest, or its visibility timeout has passed: the message
    /// is, or soon will be, delivered to someone else.
    #[error("the receipt has expired: its visibility timeout has passed")]
    ReceiptExpired,
    /// The text is no receipt of this kind of queue.
    #[error("the receipt handle is not one of this queue")]
    ReceiptInvalid,
    /// An argument is outside its limits.
    #[error("{argument} must be {limit}")]
    Argument {
        /// Which argument.
        argument: &'static str,
        /// What it must be.
        limit: &'static str,
    },
    /// A row of the queue is not what this version writes.
    #[error("the stored message {sequence_number} cannot be read: {reason}")]
    Corrupt {
        /// Which message.
        sequence_number: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backend failed.
    #[error("the queue's backend failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Refuses what SQS refuses, in every backend alike.
pub(crate) fn check_receive(max: usize, wait: Duration) -> Result<(), QueueError> {
    if !(1..=MAX_RECEIVE).contains(&max) {
        return Err(QueueError::Argument {
            argument: "the number of messages to receive",
            limit: "1 to 10",
        });
    }
    if wait > MAX_WAIT {
        return Err(QueueError::Argument {
            argument: "the time to wait",
            limit: "at most 20 seconds",
        });
    }
    Ok(())
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod model;
