//! How an embedded queue behaves, checked against the limits of SQS.

use std::time::Duration;

use super::super::{MAX_VISIBILITY, QueueError, clock::milliseconds, fifo::Rules};

/// The longest name of a queue, in characters, a final `.fifo` included (SQS).
pub(super) const MAX_NAME: usize = 80;

/// How a queue behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// How long a delivered message stays away from other receivers: 0 to 12 h, 30 s by default.
    pub visibility_timeout: Duration,
    /// After how many deliveries a message moves to the dead-letter queue instead of being
    /// delivered once more: 1 to 1,000, 10 by default. Means nothing without a dead-letter queue.
    pub max_receive_count: u32,
    /// The queue of the same store that takes what was delivered too often. Without one, a message
    /// is delivered until it is deleted.
    pub dead_letter: Option<String>,
    /// How long a message is kept: 1 min to 14 days, 4 days by default.
    pub retention: Duration,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            visibility_timeout: Duration::from_secs(30),
            max_receive_count: 10,
            dead_letter: None,
            retention: Duration::from_hours(4 * 24),
        }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), QueueError> {
    let plain = name.strip_suffix(".fifo").unwrap_or(name);
    let fits = !plain.is_empty() && name.len() <= MAX_NAME;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if fits && plain.bytes().all(known) {
        return Ok(());
    }
    Err(QueueError::Argument {
        argument: "the queue's name",
        limit: "1 to 80 ASCII letters, digits, `-` and `_`, and may end in `.fifo`",
    })
}

pub(super) fn check_options(options: &QueueOptions) -> Result<Rules, QueueError> {
    const DAY: Duration = Duration::from_hours(24);
    let argument = |argument, limit| QueueError::Argument { argument, limit };
    if !(1..=1000).contains(&options.max_receive_count) {
        return Err(argument("max_receive_count", "1 to 1,000"));
    }
    if !(Duration::from_mins(1)..=14 * DAY).contains(&options.retention) {
        return Err(argument("retention", "1 minute to 14 days"));
    }
    let dead = options.dead_letter.is_some();
    Ok(Rules {
        visibility: check_visibility(options.visibility_timeout)?,
        max_receives: dead.then_some(options.max_receive_count),
        retention: milliseconds(options.retention),
    })
}

pub(super) fn check_visibility(timeout: Duration) -> Result<u64, QueueError> {
    if timeout > MAX_VISIBILITY {
        return Err(QueueError::Argument {
            argument: "the visibility timeout",
            limit: "at most 12 hours",
        });
    }
    Ok(milliseconds(timeout))
}
