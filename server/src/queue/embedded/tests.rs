use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use tempfile::TempDir;

use super::super::{
    BoxFuture, Clock, GroupId, Message, NewMessage, Queue, QueueError,
    conformance::{self, Bench, MAX_RECEIVES, VISIBILITY},
};
use super::{EmbeddedQueue, QueueOptions};
use crate::store::Store;

const START: u64 = 1_700_000_000_000;

/// A clock that moves when it is told to.
#[derive(Clone)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(START)))
    }
    fn clock(&self) -> Clock {
        let time = self.0.clone();
        Arc::new(move || time.load(Ordering::SeqCst))
    }
    fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

struct Embedded {
    hand: Hand,
    queue: EmbeddedQueue,
    dead_letters: EmbeddedQueue,
    _folder: Option<TempDir>,
}

impl Embedded {
    fn in_memory() -> Self {
        Self::on(&Store::in_memory().unwrap(), None)
    }

    fn on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store.redb")).unwrap();
        Self::on(&store, Some(folder))
    }

    fn on(store: &Store, folder: Option<TempDir>) -> Self {
        let hand = Hand::new();
        Self {
            queue: open(store, &hand),
            dead_letters: EmbeddedQueue::open_with_clock(
                store,
                "dead",
                QueueOptions::default(),
                &hand.clock(),
            )
            .unwrap(),
            hand,
            _folder: folder,
        }
    }
}

fn open(store: &Store, hand: &Hand) -> EmbeddedQueue {
    let options = QueueOptions {
        visibility_timeout: VISIBILITY,
        max_receive_count: MAX_RECEIVES,
        dead_letter: Some("dead".to_owned()),
        ..QueueOptions::default()
    };
    EmbeddedQueue::open_with_clock(store, "chat.fifo", options, &hand.clock()).unwrap()
}

impl Bench for Embedded {
    fn queue(&self) -> Arc<dyn Queue> {
        Arc::new(self.queue.clone())
    }
    fn dead_letters(&self) -> Arc<dyn Queue> {
        Arc::new(self.dead_letters.clone())
    }
    fn advance(&self, by: Duration) -> BoxFuture<'_, ()> {
        self.hand.advance(by);
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn it_conforms_in_memory() {
    conformance::all(Embedded::in_memory).await;
}

#[tokio::test]
async fn it_conforms_on_disk() {
    conformance::all(Embedded::on_disk).await;
}

fn message(id: &str) -> NewMessage {
    NewMessage::new(id, GroupId::new("g").unwrap(), id).unwrap()
}

async fn receive(queue: &EmbeddedQueue) -> Vec<Message> {
    queue.receive(10, Duration::ZERO).await.unwrap()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| &*message.body).collect()
}

/// A store on disk that is closed and opened again.
struct Machine {
    folder: TempDir,
    hand: Hand,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), hand: Hand::new() }
    }
    fn start(&self) -> EmbeddedQueue {
        open(&Store::open(self.path()).unwrap(), &self.hand)
    }
    fn path(&self) -> impl AsRef<Path> {
        self.folder.path().join("store.redb")
    }
}

#[tokio::test]
async fn a_restart_keeps_messages_order_counts_and_ids() {
    let machine = Machine::new();
    let queue = machine.start();
    let first = queue.send(message("1")).await.unwrap();
    queue.send(message("2")).await.unwrap();
    let deleted = queue.send(message("0").clone()).await.unwrap();
    let before = receive(&queue).await;
    queue.delete(&before[2].receipt).await.unwrap();
    drop(queue);

    let queue = machine.start();
    let old_receipt = queue.delete(&before[0].receipt).await;
    assert!(matches!(old_receipt, Err(QueueError::ReceiptExpired)));
    assert!(queue.send(message("0")).await.unwrap().duplicate);
    let again = queue.send(message("1")).await.unwrap();
    assert_eq!(again.message_id, first.message_id);
    let after = receive(&queue).await;
    assert_eq!(bodies(&after), ["1", "2"]);
    let counts: Vec<u32> = after.iter().map(|message| message.receive_count).collect();
    assert_eq!(counts, [2, 2], "closing wrote the counts");
    let next = queue.send(message("3")).await.unwrap();
    assert!(next.sequence_number > deleted.sequence_number);
}

#[tokio::test]
async fn a_message_that_ends_every_process_reaches_the_dead_letters() {
    let machine = Machine::new();
    let queue = machine.start();
    queue.send(message("poison")).await.unwrap();
    queue.send(message("next")).await.unwrap();
    drop(queue);
    for _ in 0..MAX_RECEIVES {
        let queue = machine.start();
        let taken = queue.receive(1, Duration::ZERO).await.unwrap();
        assert_eq!(bodies(&taken), ["poison"]);
        // As a process that is killed: nothing that waits for a later commit is written.
        drop(queue.queue.memory().take_counts(u64::MAX));
    }
    let queue = machine.start();
    assert_eq!(bodies(&receive(&queue).await), ["next"]);
    assert_eq!(queue.counts().await.unwrap().dead_letters, Some(1));
}

#[tokio::test]
async fn a_number_is_not_used_twice_though_every_trace_of_it_is_purged() {
    let machine = Machine::new();
    let queue = machine.start();
    let mut highest = 0;
    for round in 0..3 {
        for id in 0..super::shared::SWEEP_EVERY * 2 {
            let sent = queue.send(message(&format!("{round}-{id}"))).await.unwrap();
            assert!(sent.sequence_number > highest);
            highest = sent.sequence_number;
            let taken = receive(&queue).await;
            queue.delete(&taken[0].receipt).await.unwrap();
        }
        machine.hand.advance(Duration::from_mins(5));
    }
    drop(queue);
    let queue = machine.start();
    let sent = queue.send(message("after")).await.unwrap();
    assert!(sent.sequence_number > highest);
}

#[tokio::test]
async fn ids_that_have_left_the_window_leave_the_disk() {
    let machine = Machine::new();
    let queue = machine.start();
    for id in 0..200 {
        queue.send(message(&id.to_string())).await.unwrap();
        let taken = receive(&queue).await;
        queue.delete(&taken[0].receipt).await.unwrap();
    }
    assert_eq!(tombstones(&queue), 200);
    machine.hand.advance(Duration::from_mins(5));
    for id in 0..super::shared::SWEEP_EVERY * 2 {
        queue.send(message(&format!("later-{id}"))).await.unwrap();
    }
    assert_eq!(tombstones(&queue), 1, "the newest stays");
}

#[tokio::test]
async fn a_queue_that_is_only_read_counts_its_deliveries_too() {
    let machine = Machine::new();
    let queue = machine.start();
    let options = QueueOptions { visibility_timeout: Duration::ZERO, ..QueueOptions::default() };
    let store = &queue.queue.store;
    let again = EmbeddedQueue::open_with_clock(store, "spin", options, &machine.hand.clock());
    let again = again.unwrap();
    again.send(message("1")).await.unwrap();
    for round in 1..=5000 {
        let taken = receive(&again).await;
        assert_eq!(taken[0].receive_count, round);
    }
    store.write(|_| Ok(())).await.unwrap();
    let left = again.queue.memory().take_counts(u64::MAX).len();
    assert!(left < 5000, "{left} deliveries wait to be counted");
}

fn tombstones(queue: &EmbeddedQueue) -> usize {
    let mut departed = 0;
    let shared = &queue.queue;
    shared
        .store
        .read(|transaction| {
            let count = |_, _| departed += 1;
            shared.tables.load(transaction, count, drop)
        })
        .unwrap();
    departed
}

#[tokio::test]
async fn a_failed_commit_takes_the_send_back() {
    let store = Store::in_memory().unwrap();
    let queue = open(&store, &Hand::new());
    let (entered, inside) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let held = store.write(move |_| {
        entered.send(()).unwrap();
        released.recv().unwrap();
        Ok(())
    });
    inside.recv().unwrap();
    let lost = queue.send(message("1"));
    let duplicate = queue.send(message("1"));
    let broken = store.write(|_| -> Result<(), redb::Error> { panic!("a bug in a write") });
    release.send(()).unwrap();
    held.await.unwrap();
    assert!(lost.await.is_err());
    assert!(duplicate.await.is_err(), "its original is not durable");
    assert!(broken.await.is_err());
    assert!(receive(&queue).await.is_empty());
    assert!(!queue.send(message("1")).await.unwrap().duplicate);
    assert_eq!(bodies(&receive(&queue).await), ["1"]);
}

#[tokio::test]
async fn a_receive_that_is_dropped_takes_no_message() {
    let machine = Machine::new();
    let queue = machine.start();
    queue.send(message("1")).await.unwrap();
    drop(queue);
    let queue = machine.start();
    let dropped = queue.receive(1, Duration::ZERO).now_or_never();
    assert!(dropped.is_none(), "the delivery waits to be counted on disk");
    assert_eq!(bodies(&receive(&queue).await), ["1"]);
}

#[tokio::test]
async fn two_handles_are_one_queue() {
    let store = Store::in_memory().unwrap();
    let hand = Hand::new();
    let (one, other) = (open(&store, &hand), open(&store, &hand));
    one.send(message("1")).await.unwrap();
    assert_eq!(bodies(&receive(&other).await), ["1"]);
    assert!(receive(&one).await.is_empty());
}

#[tokio::test]
async fn dead_letters_do_not_run_in_circles() {
    let store = Store::in_memory().unwrap();
    let to =
        |name: &str| QueueOptions { dead_letter: Some(name.to_owned()), ..QueueOptions::default() };
    assert!(EmbeddedQueue::open(&store, "a", to("a")).is_err());
    let a = EmbeddedQueue::open(&store, "a", to("b")).unwrap();
    assert!(EmbeddedQueue::open(&store, "b", to("a")).is_err());
    drop(a);
    for name in ["", ".fifo", "a/b", "a.fifo.fifo", &"x".repeat(81)] {
        assert!(EmbeddedQueue::open(&store, name, QueueOptions::default()).is_err());
    }
}

/// Time as tokio's paused clock tells it: it jumps to the next timer when nothing else runs.
fn paused_clock() -> Clock {
    let start = tokio::time::Instant::now();
    Arc::new(move || START + u64::try_from(start.elapsed().as_millis()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_wakes_when_a_message_becomes_visible() {
    let store = Store::in_memory().unwrap();
    let options = QueueOptions::default();
    let queue = EmbeddedQueue::open_with_clock(&store, "q", options, &paused_clock()).unwrap();
    queue.send(message("1")).await.unwrap();
    let taken = receive(&queue).await;
    let soon = Duration::from_secs(5);
    let waiter = queue.clone();
    let waiting = tokio::spawn(async move {
        let start = tokio::time::Instant::now();
        let again = waiter.receive(1, Duration::from_secs(20)).await.unwrap();
        (again, start.elapsed())
    });
    tokio::task::yield_now().await; // it waits, and knows only of the 30 s deadline
    queue.change_visibility(&taken[0].receipt, soon).await.unwrap();
    let (again, elapsed) = waiting.await.unwrap();
    assert_eq!(bodies(&again), ["1"]);
    assert_eq!(elapsed.as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_that_finds_nothing_ends_in_time() {
    let store = Store::in_memory().unwrap();
    let queue = EmbeddedQueue::open(&store, "q", QueueOptions::default()).unwrap();
    let start = tokio::time::Instant::now();
    let nothing = queue.receive(1, Duration::from_secs(20)).await.unwrap();
    assert!(nothing.is_empty());
    assert_eq!(start.elapsed().as_secs(), 20);
}

#[tokio::test]
async fn every_waiting_receiver_gets_its_share() {
    let store = Store::in_memory().unwrap();
    let queue = EmbeddedQueue::open(&store, "q", QueueOptions::default()).unwrap();
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.receive(1, Duration::from_secs(20)).await.unwrap() })
        })
        .collect();
    tokio::task::yield_now().await;
    for group in 0..8 {
        let group = GroupId::new(format!("g{group}")).unwrap();
        let id = group.as_str().to_owned();
        drop(queue.send(NewMessage::new("x", group, id).unwrap()));
    }
    for receiver in waiting {
        assert_eq!(receiver.await.unwrap().len(), 1);
    }
}
