//! One durable file: queues, kept answers and an application's own tables.
//!
//! A [`Store`] is a redb database with one writer thread. Writes from everywhere line up in a
//! channel; the thread takes what waits there (at most [`MAX_BATCH`]), runs it in one transaction,
//! commits once, and tells each waiter. So a thousand concurrent writes cost a handful of disk
//! flushes, and a write that was answered is on the disk.

mod writer;

use std::{
    any::Any,
    collections::HashMap,
    fmt,
    future::Future,
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use redb::{
    Database, ReadTransaction, ReadableDatabase, WriteTransaction, backends::InMemoryBackend,
};

pub use writer::MAX_BATCH;
pub(crate) use writer::Work;
use writer::{FromClosure, Writer};

/// How much memory redb may use for pages it has read, in bytes. Ours: a queue reads a message
/// soon after it was written, so a small cache serves it.
const CACHE: usize = 64 * 1024 * 1024;

/// A handle to the durable file. Cloning is cheap; when the last clone drops, waiting writes are
/// committed, the writer thread is joined and the file is closed cleanly.
///
/// A process that is killed loses nothing that was answered: the file is repaired when it is
/// opened again.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer, // dropped before `database`, so that the file closes after the last commit
    database: Arc<Database>,
    shared: Mutex<HashMap<String, Weak<dyn Any + Send + Sync>>>,
}

impl Store {
    /// Opens the file, or creates it. One process holds it at a time.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::start(redb::Builder::new().set_cache_size(CACHE).create(path))
    }

    /// A store that lives in memory and ends with its last handle; for tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::start(redb::Builder::new().create_with_backend(InMemoryBackend::new()))
    }

    /// Runs `work` in the next transaction and resolves once it is durable.
    ///
    /// The write takes its place when `write` is called, not when the future is polled: writes
    /// run in the order of the calls, and dropping the future does not take a write back. The
    /// waiting writes are not bounded here; their callers are.
    ///
    /// An `Err` from `work`, a panic in it, or a failed commit undoes the whole batch, and every
    /// waiter of the batch gets that error.
    pub fn write<T, F>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTransaction) -> Result<T, redb::Error> + Send + 'static,
    {
        self.submit(FromClosure::new(work))
    }

    /// The same as [`Store::write`], for code outside a runtime: blocks until the write is durable.
    pub fn write_blocking<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTransaction) -> Result<T, redb::Error> + Send + 'static,
    {
        let (answer, waiting) = std::sync::mpsc::sync_channel(1);
        self.inner.writer.submit(FromClosure::new(work), move |result| {
            let _ = answer.send(result);
        });
        waiting.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// Reads from a snapshot of what is committed. Never waits for the writer.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let transaction =
            self.inner.database.begin_read().map_err(|error| StoreError::storage(error.into()))?;
        work(&transaction).map_err(StoreError::storage)
    }

    /// Lines up a write that also has a part in memory; see [`Work`].
    pub(crate) fn submit<W: Work>(
        &self,
        work: W,
    ) -> impl Future<Output = Result<W::Output, W::Error>> + Send + 'static + use<W> {
        let (answer, waiting) = tokio::sync::oneshot::channel();
        self.inner.writer.submit(work, move |result| {
            let _ = answer.send(result); // nobody waits any more, and the write stands
        });
        async move { waiting.await.unwrap_or_else(|_| Err(W::Error::from(StoreError::Stopped))) }
    }

    /// The one value of this name that lives beside the file, made by `open` if there is none.
    ///
    /// State in memory that mirrors rows must exist once per file, however often it is opened.
    pub(crate) fn shared<T, E>(
        &self,
        name: &str,
        open: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E>
    where
        T: Any + Send + Sync,
    {
        let mut shared = self.inner.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let living = shared.get(name).and_then(Weak::upgrade);
        if let Some(Ok(value)) = living.map(Arc::downcast::<T>) {
            return Ok(value);
        }
        let value = Arc::new(open()?);
        let erased: Arc<dyn Any + Send + Sync> = value.clone();
        shared.insert(name.to_owned(), Arc::downgrade(&erased));
        Ok(value)
    }

    fn start(database: Result<Database, redb::DatabaseError>) -> Result<Self, StoreError> {
        let open = |error: redb::Error| StoreError::Open(Arc::new(error));
        let database = Arc::new(database.map_err(|error| open(error.into()))?);
        let writer = Writer::start(database.clone()).map_err(|error| open(error.into()))?;
        Ok(Self { inner: Arc::new(Inner { writer, database, shared: Mutex::default() }) })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Why the store did not read or write. Cloneable, because one failed commit answers a whole batch.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened: another process holds it, or it is no database.
    #[error("the store cannot be opened: {0}")]
    Open(#[source] Arc<redb::Error>),
    /// This read or this batch failed.
    #[error("the store could not read or write: {0}")]
    Storage(#[source] Arc<redb::Error>),
    /// A write of the batch panicked; nothing of the batch was kept.
    #[error("a write of the same batch panicked, and the batch was undone: {0}")]
    Panicked(Arc<str>),
    /// The disk failed earlier. redb takes no more writes then, so that a file whose state is not
    /// known is not written to; open it again.
    #[error("the store stopped writing after an earlier failure: {0}")]
    Failed(#[source] Arc<redb::Error>),
    /// The writer thread has ended.
    #[error("the store is closed")]
    Stopped,
}

impl StoreError {
    fn storage(error: redb::Error) -> Self {
        Self::Storage(Arc::new(error))
    }

    /// What later writes are told, when this error leaves the file in a state nobody knows.
    fn lasting(&self) -> Option<Self> {
        match self {
            Self::Storage(error) if is_fatal(error) => Some(Self::Failed(error.clone())),
            Self::Open(_)
            | Self::Storage(_)
            | Self::Panicked(_)
            | Self::Failed(_)
            | Self::Stopped => None,
        }
    }
}

fn is_fatal(error: &redb::Error) -> bool {
    matches!(
        error,
        redb::Error::Io(_)
            | redb::Error::Backend(_)
            | redb::Error::PreviousIo
            | redb::Error::Corrupted(_)
            | redb::Error::LockPoisoned(_)
            | redb::Error::DatabaseClosed
    )
}

#[cfg(test)]
mod tests;
