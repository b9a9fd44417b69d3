//! Random histories of an embedded queue against a model that is too simple to be wrong.
//!
//! The model is a list of messages. It says what a receive may return; the queue is free to choose
//! among groups, and in nothing else.

mod naive;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use proptest::prelude::*;

use super::{Clock, EmbeddedQueue, GroupId, Message, NewMessage, Queue, QueueOptions};
use crate::store::Store;
use naive::{Known, Model};

const VISIBILITY: u64 = 30_000;
const WINDOW: u64 = 300_000;
const RETENTION: u64 = 400_000;
const MAX_RECEIVES: u32 = 3;

/// What happens to the queue. Numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send { group: u8, id: u8 },
    Receive { max: usize },
    Delete { delivery: prop::sample::Index },
    ChangeVisibility { delivery: prop::sample::Index, timeout: u64 },
    Advance { by: u64 },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let delivery = any::<prop::sample::Index>;
    let times = || prop::sample::select(vec![0, 1, 10_000, VISIBILITY, 60_000, WINDOW]);
    let step = prop_oneof![
        6 => (0..3_u8, 0..24_u8).prop_map(|(group, id)| Step::Send { group, id }),
        5 => (1..=10_usize).prop_map(|max| Step::Receive { max }),
        4 => delivery().prop_map(|delivery| Step::Delete { delivery }),
        2 => (delivery(), times())
            .prop_map(|(delivery, timeout)| Step::ChangeVisibility { delivery, timeout }),
        3 => times().prop_map(|by| Step::Advance { by }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..120)
}

struct Run {
    runtime: tokio::runtime::Runtime,
    store: Store,
    time: Arc<AtomicU64>,
    queue: Option<EmbeddedQueue>,
    dead_letters: Option<EmbeddedQueue>,
    model: Model,
    deliveries: Vec<Message>,
}

impl Run {
    fn new() -> Self {
        let mut run = Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap(),
            store: Store::in_memory().unwrap(),
            time: Arc::new(AtomicU64::new(0)),
            queue: None,
            dead_letters: None,
            model: Model::default(),
            deliveries: Vec::new(),
        };
        run.open();
        run
    }

    fn open(&mut self) {
        let time = self.time.clone();
        let clock: Clock = Arc::new(move || time.load(Ordering::SeqCst));
        let options = QueueOptions {
            visibility_timeout: Duration::from_millis(VISIBILITY),
            max_receive_count: MAX_RECEIVES,
            dead_letter: Some("dead".to_owned()),
            retention: Duration::from_millis(RETENTION),
        };
        let open = |name, options| {
            EmbeddedQueue::open_with_clock(&self.store, name, options, &clock).unwrap()
        };
        self.queue = Some(open("queue", options));
        self.dead_letters = Some(open("dead", QueueOptions::default()));
    }

    fn queue(&self) -> EmbeddedQueue {
        self.queue.clone().unwrap()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Send { group, id } => self.send(&format!("g{group}"), &format!("d{id}")),
            Step::Receive { max } => self.receive(max),
            Step::Delete { delivery } => {
                if let Some(message) = self.pick(delivery) {
                    self.delete(&message);
                }
            }
            Step::ChangeVisibility { delivery, timeout } => {
                if let Some(message) = self.pick(delivery) {
                    self.change_visibility(&message, timeout);
                }
            }
            Step::Advance { by } => {
                self.model.now += by;
                self.time.store(self.model.now, Ordering::SeqCst);
            }
            Step::Restart => {
                self.queue = None;
                self.dead_letters = None;
                self.open();
                for message in &mut self.model.messages {
                    message.flight = None;
                }
            }
        }
        self.check_counts();
    }

    fn pick(&self, delivery: prop::sample::Index) -> Option<Message> {
        let all = &self.deliveries;
        (!all.is_empty()).then(|| delivery.get(all).clone())
    }

    fn send(&mut self, group: &str, id: &str) {
        let now = self.model.now;
        let body = format!("{id} at {now}");
        let message = NewMessage::new(&*body, GroupId::new(group).unwrap(), id).unwrap();
        let sent = self.queue().send(message).await_on(&self.runtime).unwrap();
        let original = self.model.sent.get(id).copied();
        if let Some((sequence, at)) = original
            && now - at < WINDOW
        {
            assert!(sent.duplicate, "{id} was sent {} ms ago", now - at);
            assert_eq!(sent.sequence_number, sequence);
            return;
        }
        assert!(!sent.duplicate, "{id} is new, or long ago");
        let highest = self.model.sent.values().map(|(sequence, _)| *sequence).max();
        assert!(highest.is_none_or(|highest| highest < sent.sequence_number));
        self.model.sent.insert(id.to_owned(), (sent.sequence_number, now));
        self.model.messages.push(Known {
            sequence: sent.sequence_number,
            group: group.to_owned(),
            body,
            sent_at: now,
            receives: 0,
            flight: None,
        });
    }

    fn receive(&mut self, max: usize) {
        let deliverable = self.model.deliverable();
        let taking = self.queue().receive(max, Duration::ZERO).await_on(&self.runtime);
        let received = taking.unwrap();
        assert!(received.len() <= max);
        let left = self.let_leave(&deliverable);
        for (group, waiting) in &deliverable {
            let returned = sequences(&received, group);
            let (gone, staying): (Vec<u64>, Vec<u64>) =
                waiting.iter().partition(|sequence| left.contains(sequence));
            assert!(staying.starts_with(&returned), "{returned:?} of {staying:?}");
            let complete = returned.len() == staying.len();
            // What is behind a message that leaves may wait for the next receive.
            let waits = received.len() == max || !gone.is_empty();
            assert!(complete || waits, "{group} had more to deliver: {staying:?}");
        }
        for message in &received {
            assert!(deliverable.contains_key(message.group.as_str()));
            self.model.depart(message);
        }
        self.deliveries.extend(received);
    }

    /// Waits until what left has left, takes it out of the model, and returns it. Only what was
    /// visible and past one of its limits may leave.
    fn let_leave(&mut self, deliverable: &BTreeMap<String, Vec<u64>>) -> Vec<u64> {
        let barrier = self.store.write(|_| Ok(()));
        barrier.await_on(&self.runtime).unwrap();
        let queue = self.queue();
        let (left, stayed): (Vec<Known>, Vec<Known>) =
            self.model.messages.drain(..).partition(|one| !queue.holds(&one.group, one.sequence));
        self.model.messages = stayed;
        for one in &left {
            let visible = deliverable.get(&one.group);
            assert!(visible.is_some_and(|visible| visible.contains(&one.sequence)));
            if self.model.now - one.sent_at >= RETENTION {
                continue;
            }
            assert_eq!(one.receives, MAX_RECEIVES, "lost: {one:?}");
            self.model.dead.push(one.body.clone());
        }
        left.iter().map(|one| one.sequence).collect()
    }

    fn delete(&mut self, message: &Message) {
        let deleted = self.queue().delete(&message.receipt).await_on(&self.runtime);
        self.model.expire();
        let sequence = message.sequence_number;
        let Some(known) = self.model.find(sequence) else {
            assert!(deleted.is_ok(), "what is gone may be deleted again");
            return;
        };
        let held = known.flight.as_ref().map(|flight| &*flight.receipt);
        assert_eq!(deleted.is_ok(), held == Some(message.receipt.as_str()));
        if deleted.is_ok() {
            self.model.messages.retain(|one| one.sequence != sequence);
        }
    }

    fn change_visibility(&mut self, message: &Message, timeout: u64) {
        let (queue, for_long) = (self.queue(), Duration::from_millis(timeout));
        let change = queue.change_visibility(&message.receipt, for_long);
        let changed = change.await_on(&self.runtime);
        self.model.expire();
        let now = self.model.now;
        let known = self.model.find(message.sequence_number);
        let flight = known.and_then(|known| known.flight.as_mut());
        let held = flight.filter(|flight| flight.receipt == message.receipt.as_str());
        assert_eq!(changed.is_ok(), held.is_some());
        if let Some(flight) = held {
            flight.until = now + timeout;
        }
        self.model.expire();
    }

    fn check_counts(&mut self) {
        self.model.expire();
        let counts = self.queue().counts().await_on(&self.runtime).unwrap();
        let in_flight = self.model.messages.iter();
        let in_flight = in_flight.filter(|one| one.flight.is_some()).count() as u64;
        assert_eq!(counts.in_flight, in_flight);
        assert_eq!(counts.visible + in_flight, self.model.messages.len() as u64);
        assert_eq!(counts.dead_letters, Some(self.model.dead.len() as u64));
    }

    /// Receives and deletes until nothing is left: every message was delivered, is dead, or is
    /// past its retention.
    fn finish(&mut self) {
        while !self.model.messages.is_empty() {
            self.step(Step::Advance { by: 60_000 });
            self.receive(10);
            for message in std::mem::take(&mut self.deliveries) {
                self.delete(&message);
            }
        }
        let dead_letters = self.dead_letters.clone().expect("it is open");
        let mut dead = Vec::new();
        loop {
            let receive = dead_letters.receive(10, Duration::ZERO);
            let messages = receive.await_on(&self.runtime).unwrap();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                dead.push(message.body.to_string());
                let delete = dead_letters.delete(&message.receipt);
                delete.await_on(&self.runtime).unwrap();
            }
        }
        dead.sort();
        self.model.dead.sort();
        assert_eq!(dead, self.model.dead);
    }
}

fn sequences(messages: &[Message], group: &str) -> Vec<u64> {
    let of_group = |message: &&Message| message.group.as_str() == group;
    let messages = messages.iter().filter(of_group);
    messages.map(|message| message.sequence_number).collect()
}

/// A history is synchronous: one thing happens after the other.
trait AwaitOn: Future + Sized {
    fn await_on(self, runtime: &tokio::runtime::Runtime) -> Self::Output {
        runtime.block_on(self)
    }
}

impl<F: Future> AwaitOn for F {}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_history_is_one_the_model_allows(steps in steps()) {
        let mut run = Run::new();
        for step in steps {
            run.step(step);
        }
        run.finish();
    }
}
