//! A process that writes to a store is killed again and again, and nothing it was promised is lost.
//!
//! The test starts itself as a child, which sends, receives and deletes as fast as it can and
//! prints every acknowledgement. After a random number of them the parent kills it with SIGKILL,
//! opens the file and compares it with what was printed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use gatewire_server::{
    queue::{EmbeddedQueue, GroupId, Message, NewMessage, Queue, QueueOptions},
    store::Store,
};
use tokio::runtime::Runtime;

const ROUNDS: usize = 12;
/// How many acknowledgements a child lives for, at most.
const LIFETIME: u64 = 400;
/// Enough for the writer to batch.
const SENDERS: usize = 16;
const STORE: &str = "GATEWIRE_CRASH_TEST_STORE";
const ROUND: &str = "GATEWIRE_CRASH_TEST_ROUND";

/// What the children were promised.
#[derive(Default)]
struct Promises {
    /// By sender, the number of the round's last message that is in the queue.
    kept: BTreeMap<usize, usize>,
    deleted: BTreeSet<String>,
    /// Which message got a sequence number, in all rounds.
    numbers: BTreeMap<u64, String>,
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    if let (Ok(path), Ok(round)) = (env::var(STORE), env::var(ROUND)) {
        work(Path::new(&path), &round);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let runtime = Runtime::new().unwrap();
    let mut promises = Promises::default();
    for round in 0..ROUNDS {
        promises.kept.clear();
        let lifetime = 1 + getrandom::u64().unwrap() % LIFETIME;
        let mut child = start(&path, round);
        read(&mut child, lifetime, &mut promises);
        check(&runtime, &path, round, &mut promises);
    }
    assert!(!promises.deleted.is_empty(), "the children got to deleting");
}

/// The child: several senders that wait for each acknowledgement, and a worker that deletes.
fn work(path: &Path, round: &str) {
    println!(); // ends what the test harness has begun to write
    let store = Store::open(path).unwrap();
    let (kept, worked) = open(&store);
    let runtime = Runtime::new().unwrap();
    for sender in 0..SENDERS {
        let (round, kept, worked) = (round.to_owned(), kept.clone(), worked.clone());
        runtime.spawn(async move {
            for number in 0.. {
                let id = format!("{round}-{sender}-{number}");
                let sent = kept.send(message(sender, &id)).await.unwrap();
                println!("kept {id} {}", sent.sequence_number);
                worked.send(message(sender, &id)).await.unwrap();
            }
        });
    }
    runtime.block_on(async {
        loop {
            for message in worked.receive(10, Duration::from_secs(20)).await.unwrap() {
                worked.delete(&message.receipt).await.unwrap();
                println!("deleted {}", id(&message));
            }
        }
    });
}

fn start(path: &Path, round: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "what_was_acknowledged_survives_a_kill"])
        .arg("--nocapture")
        .env(STORE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the child after so many acknowledgements, and reads all that it printed before it died.
fn read(child: &mut Child, lifetime: u64, promises: &mut Promises) {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut count = 0;
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        let Some(text) = line.strip_suffix('\n') else {
            break; // the kill cut it short: a promise half heard is none
        };
        if acknowledged(text, promises) {
            count += 1;
        }
        if count == lifetime {
            child.kill().unwrap();
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(count >= lifetime, "the child ended by itself");
}

fn acknowledged(line: &str, promises: &mut Promises) -> bool {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["kept", id, sequence_number] => {
            record(promises, sequence_number.parse().unwrap(), id);
            let mut parts = id.split('-').skip(1).map(|part| part.parse().unwrap());
            let (sender, number) = (parts.next().unwrap(), parts.next().unwrap());
            promises.kept.insert(sender, number);
            true
        }
        ["deleted", id] => promises.deleted.insert(id.to_owned()),
        _ => false, // the test harness has lines of its own
    }
}

/// Opens the file as the next process would, and drains both queues.
fn check(runtime: &Runtime, path: &Path, round: usize, promises: &mut Promises) {
    let store = Store::open(path).unwrap();
    let (kept, worked) = open(&store);
    let mut next: BTreeMap<usize, usize> = BTreeMap::new();
    for message in runtime.block_on(drain(&kept)) {
        record(promises, message.sequence_number, id(&message));
        let sender: usize = message.group.as_str().parse().unwrap();
        let number = next.entry(sender).or_default();
        assert_eq!(id(&message), format!("{round}-{sender}-{number}"), "order");
        *number += 1;
    }
    for (sender, last) in &promises.kept {
        let next = next.get(sender).copied().unwrap_or_default();
        assert!(next > *last, "sender {sender}: {last} was acknowledged and is lost");
    }
    for message in runtime.block_on(drain(&worked)) {
        let id = id(&message);
        assert!(!promises.deleted.contains(id), "{id} was deleted and is back");
    }
}

async fn drain(queue: &EmbeddedQueue) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let received = queue.receive(10, Duration::ZERO).await.unwrap();
        if received.is_empty() {
            return all;
        }
        let delete = received.iter().map(|one| queue.delete(&one.receipt));
        for deleted in futures_util::future::join_all(delete).await {
            deleted.unwrap();
        }
        all.extend(received);
    }
}

fn open(store: &Store) -> (EmbeddedQueue, EmbeddedQueue) {
    let open = |name| EmbeddedQueue::open(store, name, QueueOptions::default()).unwrap();
    (open("kept"), open("worked"))
}

fn record(promises: &mut Promises, sequence_number: u64, id: &str) {
    let owner = promises.numbers.entry(sequence_number);
    assert_eq!(owner.or_insert(id.to_owned()), id, "a number used twice");
}

fn message(sender: usize, id: &str) -> NewMessage {
    let group = GroupId::new(sender.to_string()).unwrap();
    NewMessage::new(body(id), group, id).unwrap()
}

/// A body of a length that its id decides, so that a torn one is seen.
fn body(id: &str) -> String {
    let length = id.bytes().map(usize::from).sum::<usize>() % 97 * 50;
    format!("{id}.{}", "x".repeat(length))
}

fn id(message: &Message) -> &str {
    let (id, _) = message.body.split_once('.').expect("every body begins so");
    assert_eq!(*message.body, body(id), "torn");
    id
}
