//! What everybody does who takes messages from a queue: holds on to what is being worked on, and
//! lets go of what failed, for ever longer.

use std::{convert::Infallible, time::Duration};

use super::{Message, Queue, QueueError};

/// How long a failed message waits the first time; each further time twice as long.
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// The longest wait between two tries.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// What a visibility timeout counts as at least, where a lease is renewed.
const SHORTEST_LEASE: Duration = Duration::from_secs(3);

/// How long nothing is taken from a queue that has failed.
pub(crate) const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long a message that failed waits, by how often it has been delivered: from [`FIRST_RETRY`]
/// doubling to [`LONGEST_RETRY`].
pub(crate) fn retry_after(receive_count: u32) -> Duration {
    let doublings = receive_count.saturating_sub(1).min(16);
    FIRST_RETRY.saturating_mul(1 << doublings).min(LONGEST_RETRY)
}

/// Whoever works on messages may take longer than the visibility timeout: as long as this runs, they
/// stay with them.
pub(crate) async fn keep_in_flight<'a>(
    queue: &dyn Queue,
    name: &str,
    messages: impl Iterator<Item = &'a Message> + Clone,
    timeout: Duration,
) -> Infallible {
    loop {
        tokio::time::sleep(timeout.max(SHORTEST_LEASE) / 3).await;
        for message in messages.clone() {
            set_visibility(queue, name, message, timeout).await;
        }
    }
}

/// Lets a message come back in this time.
pub(crate) async fn set_visibility(
    queue: &dyn Queue,
    name: &str,
    message: &Message,
    timeout: Duration,
) {
    match queue.change_visibility(&message.receipt, timeout).await {
        Ok(()) | Err(QueueError::ReceiptExpired) => {} // then it is visible already
        Err(error) => {
            tracing::error!(queue = name, message = message.message_id, %error, "its visibility cannot be changed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_message_is_tried_ever_more_rarely() {
        assert_eq!(retry_after(1), FIRST_RETRY);
        assert_eq!(retry_after(3), FIRST_RETRY * 4);
        assert_eq!(retry_after(u32::MAX), LONGEST_RETRY);
    }
}
