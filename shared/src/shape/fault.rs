//! Why a value is refused, and where.

use std::fmt;

/// What is wrong with a value, or with one within it. It is small, because every value that fits
/// could have one.
#[derive(Debug)]
pub(super) struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    words: Words,
    /// From what is wrong up to the whole value.
    steps: Vec<Step>,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Words {
    /// The value is of another kind.
    Expected(&'static str, &'static str),
    /// The words say all.
    Says(&'static str),
    /// The words, and the bound.
    Than(&'static str, String),
}

/// One step from a value to one within it.
#[derive(Debug)]
pub(super) enum Step {
    /// A member of an object.
    Member(String),
    /// An item of an array.
    Item(usize),
}

impl Fault {
    pub(super) fn new(words: Words) -> Self {
        Self(Box::new(Inner { words, steps: Vec::new() }))
    }

    /// The fault is in this member or item of the value.
    pub(super) fn within(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// How far within the value the fault is.
    pub(super) fn depth(&self) -> usize {
        self.0.steps.len()
    }
}

/// What follows the name of the action or event: `.tags[2]: expected string, found null`.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.0.steps.iter().rev() {
            match step {
                Step::Member(name) => write!(formatter, ".{name}")?,
                Step::Item(index) => write!(formatter, "[{index}]")?,
            }
        }
        match &self.0.words {
            Words::Expected(kind, found) => write!(formatter, ": expected {kind}, found {found}"),
            Words::Says(words) => write!(formatter, ": {words}"),
            Words::Than(words, bound) => write!(formatter, ": {words} than {bound}"),
        }
    }
}
