//! The writer thread: many writes, one transaction, one flush to disk.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use redb::{Database, WriteTransaction};

use super::StoreError;

/// How many writes share one commit at most. Ours: beyond it a flush costs little per write
/// already, and every write of the batch waits for all of them.
pub const MAX_BATCH: usize = 256;

/// A write with a part in memory.
///
/// Both steps run on the writer thread, in the order of the calls, so memory changes exactly in
/// the order in which the file does. They must be short.
pub(crate) trait Work: Send + 'static {
    /// What the waiter gets.
    type Output: Send + 'static;
    /// What the waiter gets otherwise.
    type Error: From<StoreError> + Send + 'static;

    /// Writes. `Err` undoes the whole batch.
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error>;

    /// Follows in memory what the file did: the batch is durable, or none of it happened. After a
    /// failure `run` may not have been called.
    fn settle(self, outcome: Result<(), StoreError>) -> Result<Self::Output, Self::Error>;
}

/// The handle to the thread. Dropping it commits what waits and joins the thread.
pub(super) struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(database: Arc<Database>) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        let thread = thread::Builder::new()
            .name("gatewire-store".into())
            .spawn(move || serve(&database, &waiting))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Lines up a write; `answer` is called on the writer thread.
    pub(super) fn submit<W: Work>(
        &self,
        work: W,
        answer: impl FnOnce(Result<W::Output, W::Error>) + Send + 'static,
    ) {
        let job = Box::new(Pending { work, answer });
        let refused = match &self.jobs {
            Some(jobs) => jobs.send(job).err().map(|refused| refused.0),
            None => Some(job as Box<dyn Job>),
        };
        if let Some(job) = refused {
            job.settle(Err(StoreError::Stopped));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take()); // the thread ends when it has drained the channel
        let Some(writer) = self.thread.take() else {
            return;
        };
        // A write may hold the last handle to the store; then this runs on the writer thread.
        if writer.thread().id() != thread::current().id() {
            let _ = writer.join();
        }
    }
}

/// A write and its waiter, with their types erased.
trait Job: Send {
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error>;
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Pending<W, A> {
    work: W,
    answer: A,
}

impl<W, A> Job for Pending<W, A>
where
    W: Work,
    A: FnOnce(Result<W::Output, W::Error>) + Send,
{
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        self.work.run(transaction)
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { work, answer } = *self;
        answer(work.settle(outcome));
    }
}

fn serve(database: &Database, waiting: &Receiver<Box<dyn Job>>) {
    let mut failure = None;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(MAX_BATCH - 1));
        let outcome = match &failure {
            None => commit(database, &mut batch),
            Some(error) => Err(StoreError::clone(error)),
        };
        if let Err(error) = &outcome {
            failure = failure.or_else(|| error.lasting());
        }
        for job in batch {
            // A waiter whose job panics here learns it from its dropped channel.
            let _ = catch_unwind(AssertUnwindSafe(|| job.settle(outcome.clone())));
        }
    }
}

/// Runs a batch in one transaction. An error or a panic undoes all of it.
fn commit(database: &Database, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let attempt = AssertUnwindSafe(|| -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        for job in batch {
            job.run(&transaction)?;
        }
        transaction.commit()?;
        Ok(())
    });
    match catch_unwind(attempt) {
        Ok(result) => result.map_err(StoreError::storage),
        Err(panic) => Err(StoreError::Panicked(panic_message(&*panic).into())),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// A write that is one closure and has no part in memory.
pub(super) struct FromClosure<F, T> {
    state: ClosureState<F, T>,
}

enum ClosureState<F, T> {
    Waiting(F),
    Ran(T),
    Taken,
}

impl<F, T> FromClosure<F, T> {
    pub(super) fn new(work: F) -> Self {
        Self { state: ClosureState::Waiting(work) }
    }
}

impl<F, T> Work for FromClosure<F, T>
where
    F: FnOnce(&WriteTransaction) -> Result<T, redb::Error> + Send + 'static,
    T: Send + 'static,
{
    type Output = T;
    type Error = StoreError;

    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        if let ClosureState::Waiting(work) = std::mem::replace(&mut self.state, ClosureState::Taken)
        {
            self.state = ClosureState::Ran(work(transaction)?);
        }
        Ok(())
    }

    fn settle(self, outcome: Result<(), StoreError>) -> Result<T, StoreError> {
        outcome?;
        match self.state {
            ClosureState::Ran(output) => Ok(output),
            ClosureState::Waiting(_) | ClosureState::Taken => Err(StoreError::Stopped),
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
