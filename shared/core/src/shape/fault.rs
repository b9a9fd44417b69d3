//! Why a text is refused, and where.

use super::{
    Shape, table,
    text::{self, after_space},
    walk::Walk,
};

/// How deep values may be in each other; `serde_json` has the same limit.
pub(super) const DEPTH: usize = 128;

/// One step from a value to one within it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A member of an object; where its name is in the text, without quotes.
    Member { start: usize, end: usize },
    /// An item of an array.
    Item(usize),
}

/// What is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The value is of another kind.
    Expected(&'static str),
    /// The words say all.
    Says(&'static str),
    /// The words and the bound at this place of the table.
    Beyond(&'static str, usize),
    /// The object does not have the field whose name is at this place of the table.
    Missing(usize),
}

/// The text is not of the shape: [`Checker::explain`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Checks texts, one after the other. It has room for the path to what is wrong, so keep it.
#[derive(Debug)]
pub struct Checker {
    /// The path to the value that is being checked.
    path: [Step; DEPTH],
    depth: usize,
    /// The path to what is wrong.
    fault_path: [Step; DEPTH],
    fault_depth: usize,
    fault: Fault,
    /// Where in the text it is.
    fault_at: usize,
}

impl Default for Checker {
    fn default() -> Self {
        let path = [Step::Item(0); DEPTH];
        Self {
            path,
            depth: 0,
            fault_path: path,
            fault_depth: 0,
            fault: Fault::Says(""),
            fault_at: 0,
        }
    }
}

impl Checker {
    /// Checks a JSON text against a shape.
    pub fn check(&mut self, table: &[u8], shape: Shape, text: &[u8]) -> Result<(), Refused> {
        (self.depth, self.fault_depth, self.fault_at) = (0, 0, 0);
        Walk::new(table, text, self).value(shape.0, after_space(text, 0)).map(drop)
    }

    /// Says why the last text was refused, in pieces: `sendMessage.tags[2]: expected string, found
    /// null`. The name is that of the action or the event; the others are what was checked.
    pub fn explain(&self, table: &[u8], text: &[u8], name: &[u8], mut write: impl FnMut(&[u8])) {
        write(name);
        for step in self.fault_path.iter().take(self.fault_depth) {
            match *step {
                Step::Member { start, end } => {
                    write(b".");
                    write(text.get(start..end).unwrap_or_default());
                }
                Step::Item(index) => {
                    write(b"[");
                    write_number(index, &mut write);
                    write(b"]");
                }
            }
        }
        match self.fault {
            Fault::Expected(kind) => {
                write(b": expected ");
                write(kind.as_bytes());
                write(b", found ");
                write(kind_of(table::byte(text, self.fault_at)));
            }
            Fault::Says(words) => {
                write(b": ");
                write(words.as_bytes());
            }
            Fault::Beyond(words, bound) => {
                write(b": ");
                write(words.as_bytes());
                write(table::name(table, bound));
            }
            Fault::Missing(field) => {
                write(b".");
                write_name(table, field, &mut write);
                write(b": missing field");
            }
        }
    }

    /// Remembers a fault, unless one further on in the text is known: of the variants of an enum,
    /// the one that was almost right explains best.
    pub(super) fn fail(&mut self, at: usize, fault: Fault) {
        if at >= self.fault_at {
            self.fault_at = at;
            self.fault = fault;
            self.fault_depth = self.depth;
            self.fault_path = self.path;
        }
    }

    /// Whether no fault is known beyond this place.
    pub(super) fn fails_at(&self, at: usize) -> bool {
        self.fault_at <= at
    }

    /// How many steps lead to the value that is being checked.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Goes on to a value within the one that is being checked.
    pub(super) fn enter(&mut self, step: Step) {
        if let Some(place) = self.path.get_mut(self.depth) {
            *place = step;
        }
        self.depth += 1;
    }

    /// Comes back to a value that was being checked.
    pub(super) fn leave(&mut self, depth: usize) {
        self.depth = depth;
    }
}

/// The kind of the value that begins with this byte.
fn kind_of(first: u8) -> &'static [u8] {
    match first {
        b'"' => b"string",
        b'{' => b"object",
        b'[' => b"array",
        b't' | b'f' => b"boolean",
        b'n' => b"null",
        b'-' | b'0'..=b'9' => b"number",
        _ => b"nothing",
    }
}

fn write_number(number: usize, write: &mut impl FnMut(&[u8])) {
    let (mut divisor, mut number) = (1, number);
    while number / divisor >= 10 {
        divisor *= 10;
    }
    while divisor > 0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is one digit")]
        write(&[b'0' + (number / divisor) as u8]);
        number %= divisor;
        divisor /= 10;
    }
}

/// Writes a name of the table as UTF-8.
fn write_name(table: &[u8], mut at: usize, write: &mut impl FnMut(&[u8])) {
    while !matches!(table::byte(table, at), b' ' | 0) {
        let character = char::from_u32(table::character(table, &mut at)).unwrap_or('\u{fffd}');
        write(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Whether a string of JSON, without its quotes, is a name of the table.
pub(super) fn is_name(table: &[u8], mut at: usize, string: &[u8]) -> bool {
    let mut from = 0;
    while from < string.len() {
        if matches!(table::byte(table, at), b' ' | 0)
            || text::character_or_escape(string, &mut from) != table::character(table, &mut at)
        {
            return false;
        }
    }
    table::byte(table, at) == b' '
}
