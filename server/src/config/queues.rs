//! `[queues.NAME]`: FIFO queues, on disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Located,
    names::Names,
    reader::{self, Number, Table, Url},
};
use crate::queue;

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

const DAY: Duration = Duration::from_hours(24);

/// All queues of the file. Notes which of them nobody takes messages from.
pub(super) fn read(root: &mut Table<'_>, names: &Names) -> BTreeMap<String, Queue> {
    let mut queues = BTreeMap::new();
    let mut silent = Vec::new();
    for (name, mut table) in root.section("queues").tables() {
        if let Err(error) = queue::embedded::check_name(&name) {
            table.mistake_at(&name, error.to_string());
        }
        let queue = Queue::read(&mut table, &name, names);
        if table.has("deliver_to") {
            table.finish();
        } else {
            silent.push((name.value().clone(), table));
        }
        queues.insert(name.into_value(), queue);
    }
    let letters = queues.values().filter_map(|queue: &Queue| queue.dead_letter.as_ref());
    let letters: BTreeSet<&str> = letters.map(|name| name.as_str()).collect();
    for (name, table) in silent {
        if !letters.contains(name.as_str()) {
            table.missing(
                "deliver_to",
                "{ function = \"…\" } or { url = \"…\" }: nobody takes the messages",
            );
        }
        table.finish();
    }
    queues
}

impl Queue {
    fn read(table: &mut Table<'_>, name: &str, names: &Names) -> Self {
        let visibility = reader::Duration(Duration::ZERO..=queue::MAX_VISIBILITY);
        let retention = reader::Duration(Duration::from_mins(1)..=14 * DAY);
        let dead_letter = table.optional("dead_letter", names.queue());
        if let Some(letter) = dead_letter.as_ref().filter(|letter| letter.as_str() == name) {
            table.mistake_at(letter, "a queue cannot be its own dead letter");
        }
        Self {
            visibility_timeout: table.or("visibility_timeout", "30s", visibility).into_value(),
            max_receive_count: table.or("max_receive_count", "10", Number(1..=1000)).into_value(),
            dead_letter,
            retention: table.or("retention", "4d", retention).into_value(),
            deliver_to: table.table("deliver_to").and_then(|table| Delivery::read(table, names)),
        }
    }
}

impl Delivery {
    fn read(mut table: Table<'_>, names: &Names) -> Option<Self> {
        let function = table.optional("function", names.function());
        let url = table.optional("url", Url);
        match (table.has("function"), table.has("url")) {
            (true, true) => {
                table.mistake("url", "messages go to a function or to a URL; write one of both");
            }
            (false, false) => {
                table.missing("function", "the name of one of [functions], or a key url");
            }
            (true, false) | (false, true) => {}
        }
        table.finish();
        function.map(Self::Function).or(url.map(Self::Url))
    }
}
