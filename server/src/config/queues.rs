//! `[queues.NAME]`: FIFO queues, on disk.

use std::time::Duration;

use super::Located;

/// A FIFO queue, with the figures of [`QueueOptions`](crate::queue::QueueOptions).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// How long a delivered message stays away from other receivers: to 12 h.
    pub visibility_timeout: Duration,
    /// After how many deliveries a message moves to `dead_letter`: 1 to 1,000.
    pub max_receive_count: u32,
    /// The name of the queue that takes what was delivered too often.
    pub dead_letter: Option<Located<String>>,
    /// How long a message is kept: 1 min to 14 days.
    pub retention: Duration,
    /// Who its messages go to; absent only for a queue that is the dead letter of another.
    pub deliver_to: Option<Delivery>,
}

/// Who the messages of a queue go to, in order per group, as an SQS event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The name of one of the functions.
    Function(Located<String>),
    /// A URL, by POST.
    Url(Located<String>),
}
