//! What the fault test says to its server: numbers, so that a missing one is seen. And what the
//! benchmark says: a message as applications have them.

use gatewire::prelude::*;

/// What a page may ask.
#[derive(Debug, Contract)]
#[contract(events = DrillEvent)]
pub enum Drill {
    /// Answered on the connection, out of memory.
    #[reply(Done)]
    Work(Work),
    /// Goes through the queue, which keeps it on disk.
    #[reply(Done)]
    Keep(Keep),
    /// Comes back as it went.
    #[reply(Note)]
    Echo(Note),
}

/// What a page is told.
#[derive(Debug, Events)]
pub enum DrillEvent {
    /// The next number: each is one more than the one before, over restarts as well.
    Tick(Tick),
}

/// Asks for its number back.
#[message]
#[derive(Clone, Debug)]
pub struct Work {
    /// Counted by the page.
    pub number: u32,
    /// Makes the frame longer, so that it can be torn apart.
    pub padding: String,
}

/// Asks for its number back, by way of the queue.
#[message]
#[derive(Clone, Debug)]
pub struct Keep {
    /// Counted by the page.
    pub number: u32,
    /// The message group.
    pub lane: String,
}

/// The number that was asked for.
#[message]
#[derive(Clone, Debug)]
pub struct Done {
    /// As it came.
    pub number: u32,
}

/// Something to read.
#[message]
#[derive(Clone, Debug)]
pub struct Note {
    /// Who wrote it.
    pub author: String,
    /// When, in milliseconds since the Unix epoch.
    pub at: u64,
    /// What it is about.
    pub tags: Vec<String>,
    /// What it says.
    pub text: String,
}

/// One of the numbers.
#[message]
#[derive(Clone, Debug)]
pub struct Tick {
    /// From 1.
    pub number: u32,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_typescript_is_current() -> Result<(), gatewire::describe::CheckError> {
        gatewire::describe::check::<super::Drill>(env!("CARGO_MANIFEST_DIR"))
    }
}
