use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use futures_util::future::join_all;
use redb::{ReadableTable, ReadableTableMetadata, StorageBackend, TableDefinition};

use super::{MAX_BATCH, Store, StoreError};

const NOTES: TableDefinition<u64, &str> = TableDefinition::new("notes");

fn note(
    store: &Store,
    key: u64,
    text: &'static str,
) -> impl Future<Output = Result<(), StoreError>> + use<> {
    store.write(move |transaction| {
        transaction.open_table(NOTES)?.insert(key, text)?;
        Ok(())
    })
}

fn notes(store: &Store) -> u64 {
    store.read(|transaction| Ok(transaction.open_table(NOTES)?.len()?)).unwrap()
}

/// Keeps the writer thread busy, so that the writes that follow share one batch.
fn hold(store: &Store) -> (mpsc::Sender<()>, impl Future<Output = Result<(), StoreError>> + use<>) {
    let (entered, inside) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let held = store.write(move |_| {
        entered.send(()).unwrap();
        released.recv().unwrap();
        Ok(())
    });
    inside.recv().unwrap();
    (release, held)
}

#[tokio::test]
async fn a_write_runs_in_call_order_even_when_nobody_polls_it() {
    let store = Store::in_memory().unwrap();
    drop(note(&store, 1, "first"));
    let second = note(&store, 1, "second");
    let third = store.write(|transaction| {
        let table = transaction.open_table(NOTES)?;
        let text = table.get(1)?.map(|guard| guard.value().to_owned());
        Ok(text)
    });
    assert_eq!(third.await.unwrap().unwrap(), "second");
    second.await.unwrap();
}

#[tokio::test]
async fn waiting_writes_share_a_commit_of_bounded_size() {
    let store = Store::in_memory().unwrap();
    note(&store, 0, "the table exists").await.unwrap();
    let (release, held) = hold(&store);
    let seen = |store: &Store| {
        let snapshot = store.clone();
        store.write(move |_| Ok(notes(&snapshot)))
    };
    let mut writes = Vec::new();
    for key in 1..=MAX_BATCH as u64 {
        writes.push(note(&store, key, "one batch"));
    }
    let next_batch = seen(&store);
    release.send(()).unwrap();
    held.await.unwrap();
    assert_eq!(
        next_batch.await.unwrap(),
        1 + MAX_BATCH as u64,
        "a full batch was committed before the next began"
    );
    for write in join_all(writes).await {
        write.unwrap();
    }
}

#[tokio::test]
async fn one_failed_write_undoes_its_batch_and_tells_every_waiter() {
    const OTHER_TYPE: TableDefinition<&str, &str> = TableDefinition::new("notes");
    let store = Store::in_memory().unwrap();
    note(&store, 0, "before").await.unwrap();
    let (release, held) = hold(&store);
    let innocent = note(&store, 1, "undone");
    let guilty = store.write(|transaction| {
        transaction.open_table(OTHER_TYPE)?;
        Ok(())
    });
    release.send(()).unwrap();
    held.await.unwrap();
    assert!(matches!(innocent.await, Err(StoreError::Storage(_))));
    assert!(matches!(guilty.await, Err(StoreError::Storage(_))));
    assert_eq!(notes(&store), 1);
    note(&store, 2, "the store goes on").await.unwrap();
}

#[tokio::test]
async fn a_panic_undoes_its_batch_and_the_writer_lives() {
    let store = Store::in_memory().unwrap();
    note(&store, 0, "before").await.unwrap();
    let broken = store.write(|transaction| -> Result<(), redb::Error> {
        transaction.open_table(NOTES)?.insert(1, "half done")?;
        panic!("a bug in a write");
    });
    let error = broken.await.unwrap_err();
    assert!(error.to_string().contains("a bug in a write"), "{error}");
    assert_eq!(notes(&store), 1);
    note(&store, 2, "after").await.unwrap();
    assert_eq!(notes(&store), 2);
}

#[tokio::test]
async fn the_last_handle_commits_what_waits_and_closes_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = Store::open(&path).unwrap();
    let write = note(&store, 1, "kept");
    drop(store);
    let reopened = Store::open(&path).expect("the file is free again");
    assert_eq!(notes(&reopened), 1);
    write.await.unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Open(_))));
}

#[tokio::test]
async fn the_last_handle_may_drop_inside_a_write() {
    let store = Store::in_memory().unwrap();
    let inside = store.clone();
    let (release, held) = hold(&store);
    let write = store.write(move |_| {
        drop(inside);
        Ok(7)
    });
    drop(store);
    release.send(()).unwrap();
    held.await.unwrap();
    assert_eq!(write.await.unwrap(), 7);
}

/// A disk whose flush fails when told to.
#[derive(Debug)]
struct BrokenDisk {
    memory: redb::backends::InMemoryBackend,
    flushes_left: Arc<AtomicUsize>,
}

impl StorageBackend for BrokenDisk {
    fn len(&self) -> Result<u64, std::io::Error> {
        self.memory.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        self.memory.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.memory.set_len(len)
    }
    fn sync_data(&self) -> Result<(), std::io::Error> {
        let left = self.flushes_left.load(Ordering::SeqCst);
        if left == 0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.memory.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.memory.write(offset, data)
    }
}

#[tokio::test]
async fn a_failed_disk_is_told_to_every_write_from_then_on() {
    let flushes_left = Arc::new(AtomicUsize::new(1));
    let disk = BrokenDisk {
        memory: redb::backends::InMemoryBackend::new(),
        flushes_left: flushes_left.clone(),
    };
    let store = Store::start(redb::Builder::new().create_with_backend(disk)).unwrap();
    note(&store, 1, "fine").await.unwrap();
    flushes_left.store(0, Ordering::SeqCst);
    let lost = note(&store, 2, "lost").await.unwrap_err();
    assert!(lost.to_string().contains("the disk is gone"), "{lost}");
    let later = note(&store, 3, "refused").await.unwrap_err();
    assert!(matches!(later, StoreError::Failed(_)), "{later}");
    assert!(later.to_string().contains("the disk is gone"), "{later}");
}
