//! A durable FIFO queue in the process's own [`Store`].
//!
//! - A send is acknowledged once it is on disk, and delivered only then.
//! - One row per message; order, visibility and deduplication are kept in memory (see the rules
//!   in `fifo.rs` for how much) and rebuilt from the rows when the queue is opened. Bodies are read
//!   from their rows at each delivery, so a long queue of large messages does not fill the memory.
//! - After a restart every message is visible at once, and receipts from before are worthless:
//!   the receivers ended with the process.
//! - Deduplication ids survive a restart, for the five minutes they count.
//! - Delivery counts do not delay a delivery: they join the first commit that comes 100 ms after
//!   it, or the closing of the queue, so a process that is killed may forget its last ones. A
//!   message that an earlier process left behind is the exception: its first delivery is counted on
//!   disk before it is handed out. So a message that kills every process that touches it still
//!   reaches the dead-letter queue, after at most `max_receive_count` + 1 restarts.
//! - A message past its retention is removed when its turn comes.

mod batch;
mod id;
mod options;
mod rows;
mod shared;
mod writes;

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{
    BoxFuture, Clock, Counts, Message, NewMessage, Queue, QueueError, ReceiptHandle, Sent,
    check_receive,
    fifo::{self, Receipt, Rules},
    system_clock,
};
use crate::store::Store;
use batch::Batch;
use id::message_id;
pub use options::QueueOptions;
pub(crate) use options::check_name;
use options::{MAX_NAME, check_options, check_visibility};
use shared::Shared;

/// A queue in a [`Store`]. Cloning is cheap.
///
/// Opening a queue that is open already gives another handle to it, and the newer options count
/// from then on. The dead-letter queue is a queue like any other: open it by its name.
#[derive(Clone)]
pub struct EmbeddedQueue {
    queue: Arc<Shared>,
}

impl EmbeddedQueue {
    /// The longest name, in characters, a final `.fifo` included (SQS).
    pub const MAX_NAME: usize = MAX_NAME;

    /// Opens a queue, or makes it. Blocks for one commit, and while all rows are read.
    pub fn open(store: &Store, name: &str, options: QueueOptions) -> Result<Self, QueueError> {
        Self::open_with_clock(store, name, options, &system_clock())
    }

    /// The same with a clock of one's own, for tests. The first to open a queue sets its clock.
    pub fn open_with_clock(
        store: &Store,
        name: &str,
        options: QueueOptions,
        clock: &Clock,
    ) -> Result<Self, QueueError> {
        check_name(name)?;
        let rules = check_options(&options)?;
        let dead_letters = match options.dead_letter {
            Some(dead_letter) => Some(attach(store, &dead_letter, None, clock)?),
            None => None,
        };
        let queue = attach(store, name, Some(rules), clock)?;
        check_chain(&queue, dead_letters.clone())?;
        let mut memory = queue.memory();
        memory.fifo.set_rules(rules);
        memory.dead_letters = dead_letters;
        drop(memory);
        Ok(Self { queue })
    }

    /// Whether this message is in the queue; for the model, which cannot see what leaves.
    #[cfg(test)]
    pub(super) fn holds(&self, group: &str, sequence: u64) -> bool {
        let group = GroupId::stored(group);
        let memory = self.queue.memory();
        memory.fifo.receive_count(&group, sequence).is_some()
    }

    /// Takes what there is now, and says until when it is worth sleeping.
    fn take(&self, max: usize) -> Attempt {
        let now = (self.queue.clock)();
        let mut memory = self.queue.memory();
        let before = memory.fifo.deadline();
        let taken = memory.fifo.take(max, now);
        for one in &taken.delivered {
            memory.delivered(one, now);
        }
        if memory.must_count() {
            let queue = self.queue.clone();
            drop(self.queue.store.submit(writes::Count { queue }));
        }
        let deadline = memory.fifo.deadline();
        if is_earlier(deadline, before) {
            self.queue.deadlines.notify_waiters();
        }
        self.queue.announce(&memory); // the next receiver, if anything is left
        let dead_letters = memory.dead_letters.clone();
        drop(memory);
        let batch = Batch::new(self.queue.clone(), taken.delivered);
        if !taken.dead.is_empty() || !taken.lapsed.is_empty() {
            let removal = self.queue.store.submit(writes::Remove {
                queue: self.queue.clone(),
                dead: taken.dead,
                lapsed: taken.lapsed,
                dead_letters,
                now,
                moved: Vec::new(),
            });
            if batch.is_empty() {
                return Attempt::Removing(Box::pin(removal));
            }
        }
        if batch.is_empty() {
            let wait = deadline.map(|until| Duration::from_millis(until.saturating_sub(now)));
            return Attempt::Nothing(wait);
        }
        Attempt::Messages(batch)
    }

    async fn long_poll(&self, max: usize, wait: Duration) -> Result<Vec<Message>, QueueError> {
        check_receive(max, wait)?;
        let end = Instant::now() + wait;
        loop {
            let mut deadlines = std::pin::pin!(self.queue.deadlines.notified());
            deadlines.as_mut().enable(); // from before the look, so that no change is missed
            let until_visible = match self.take(max) {
                Attempt::Messages(batch) => return batch.deliver().await,
                Attempt::Removing(removal) => {
                    removal.await?;
                    continue;
                }
                Attempt::Nothing(until_visible) => until_visible,
            };
            let now = Instant::now();
            if now >= end {
                return Ok(Vec::new());
            }
            let wake = until_visible.map_or(end, |wait| end.min(now + wait));
            tokio::select! {
                () = self.queue.arrivals.notified() => {}
                () = deadlines => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Decides at once, so that deletes line up in the order of the calls.
    fn begin_delete(
        &self,
        receipt: &ReceiptHandle,
    ) -> Result<Option<BoxFuture<'static, Result<(), QueueError>>>, QueueError> {
        let receipt = Receipt::parse(receipt).ok_or(QueueError::ReceiptInvalid)?;
        let now = (self.queue.clock)();
        let mut memory = self.queue.memory();
        let verdict = memory.fifo.begin_delete(&receipt, now);
        self.queue.announce(&memory); // the look may have found expired messages
        if verdict? == fifo::Delete::Gone {
            return Ok(None);
        }
        drop(memory);
        let queue = self.queue.clone();
        let delete = writes::Delete { queue, receipt, now };
        Ok(Some(Box::pin(self.queue.store.submit(delete))))
    }

    fn set_visibility(&self, receipt: &ReceiptHandle, timeout: Duration) -> Result<(), QueueError> {
        let receipt = Receipt::parse(receipt).ok_or(QueueError::ReceiptInvalid)?;
        let timeout = check_visibility(timeout)?;
        let now = (self.queue.clock)();
        let mut memory = self.queue.memory();
        let before = memory.fifo.deadline();
        let result = memory.fifo.change_visibility(&receipt, timeout, now);
        if is_earlier(memory.fifo.deadline(), before) {
            self.queue.deadlines.notify_waiters();
        }
        self.queue.announce(&memory);
        result
    }
}

impl Queue for EmbeddedQueue {
    fn send(&self, message: NewMessage) -> BoxFuture<'static, Result<Sent, QueueError>> {
        let message_id = match message_id() {
            Ok(message_id) => message_id,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        Box::pin(self.queue.store.submit(writes::Send {
            queue: self.queue.clone(),
            attributes: rows::write_attributes(message.attributes()),
            message,
            message_id,
            now: (self.queue.clock)(),
            admission: None,
        }))
    }

    fn receive(
        &self,
        max: usize,
        wait: Duration,
    ) -> BoxFuture<'_, Result<Vec<Message>, QueueError>> {
        Box::pin(self.long_poll(max, wait))
    }

    fn delete(&self, receipt: &ReceiptHandle) -> BoxFuture<'_, Result<(), QueueError>> {
        match self.begin_delete(receipt) {
            Ok(Some(deleted)) => deleted,
            Ok(None) => Box::pin(std::future::ready(Ok(()))),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn change_visibility(
        &self,
        receipt: &ReceiptHandle,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(std::future::ready(self.set_visibility(receipt, timeout)))
    }

    fn counts(&self) -> BoxFuture<'_, Result<Counts, QueueError>> {
        let now = (self.queue.clock)();
        let mut memory = self.queue.memory();
        let mut counts = memory.fifo.counts(now);
        self.queue.announce(&memory); // the look may have found expired messages
        let dead_letters = memory.dead_letters.clone();
        drop(memory);
        counts.dead_letters = dead_letters.map(|dead_letters| {
            let dead = dead_letters.memory().fifo.counts(now);
            dead.visible + dead.in_flight
        });
        Box::pin(std::future::ready(Ok(counts)))
    }
}

impl fmt::Debug for EmbeddedQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedQueue").finish_non_exhaustive()
    }
}

/// What one look at the queue found.
enum Attempt {
    Messages(Batch),
    /// Only messages that leave; what is behind them can be taken afterwards.
    Removing(BoxFuture<'static, Result<(), QueueError>>),
    /// Nothing, and how long until the next message in flight becomes visible again.
    Nothing(Option<Duration>),
}

fn attach(
    store: &Store,
    name: &str,
    rules: Option<Rules>,
    clock: &Clock,
) -> Result<Arc<Shared>, QueueError> {
    check_name(name)?;
    let rules = match rules {
        Some(rules) => rules,
        None => check_options(&QueueOptions::default())?,
    };
    store.shared(&format!("queue/{name}"), || Shared::load(store, name, rules, clock.clone()))
}

/// Dead letters must not come back to where they died.
fn check_chain(queue: &Arc<Shared>, first: Option<Arc<Shared>>) -> Result<(), QueueError> {
    let mut next = first;
    while let Some(dead_letters) = next {
        if Arc::ptr_eq(queue, &dead_letters) {
            return Err(QueueError::Argument {
                argument: "the dead-letter queue",
                limit: "a queue whose own dead letters do not end here",
            });
        }
        let further = dead_letters.memory().dead_letters.clone();
        next = further;
    }
    Ok(())
}

fn is_earlier(deadline: Option<u64>, than: Option<u64>) -> bool {
    deadline.is_some_and(|deadline| than.is_none_or(|than| deadline < than))
}

#[cfg(test)]
use super::GroupId;
#[cfg(test)]
mod tests;
