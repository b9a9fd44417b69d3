//! Checks a JSON text against a shape of a contract's table, the same way on both ends.
//!
//! A table is one printable text, made by `gatewire::shape::compile` and read where it stands:
//! nothing is built from it, and a text that passes costs no allocation.
//!
//! ```text
//! table  = "1" {"a" name shape shape} {"v" name shape} ";" {shape}
//!                                 an action's data and reply; an event's data; what "@" leads to
//! name   = characters " "         others than !…} without " \ ~ are written "~" hex ";"
//! shape  = "*"                    anything
//!        | "?" shape              null or this
//!        | "@" digit digit digit  the shape at this place of the table, in digits of base 57 from "#"
//!        | "n" | "b" | "s" | "d"  null, boolean, string, number
//!        | "l" bound bound        a string of at least and at most so many characters
//!        | "i" bound bound        an integer between two, which are included
//!        | "r" bound bound        a number between two
//!        | "I" | "U"              a string with a decimal integer of 64 bits, signed or not
//!        | "6"                    a string of base64
//!        | "p" {class} " "        a string with a character of each class, so many times
//!        | "[" shape              an array
//!        | "L" bound bound shape  an array of at least and at most so many items
//!        | "(" {shape} ")"        an array with these items
//!        | "m" shape              an object with any members, all of this shape
//!        | "o" {field} ";"        an object; "O" has no other members than its fields
//!        | "e" {"," name} ";"     one of these strings
//!        | "x" {"," name shape} ";"       an object with one member, which is one of these
//!        | "t" name {"," name shape} ";"  an object; the member of this name says which shape
//!        | "|" {"," shape} ";"    one of these
//! field  = ("!" | "-") name shape         has to be there, or may
//! class  = "[" {first last} "]" least "," [most] ";"
//! bound  = [JSON number] " "              none when empty
//! ```

mod fault;
mod number;
mod pattern;
mod table;
mod text;
mod walk;

pub use fault::{Checker, Refused};

/// Which shape of a table: the offset of what a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(usize);

/// What of a contract travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a client sends with an action.
    Data,
    /// What an action is answered with.
    Reply,
    /// What comes with an event.
    Event,
}

/// The shape of an action's data, of its reply, or of an event's data. `None` if the table does not
/// have the name.
#[must_use]
pub fn find(table: &[u8], part: Part, name: &[u8]) -> Option<Shape> {
    let mut at = 1; // the version
    loop {
        let kind = table::byte(table, at);
        let wanted = match kind {
            b'a' => part != Part::Event,
            b'v' => part == Part::Event,
            _ => return None,
        };
        let shape = table::after_name(table, at + 1);
        let found = wanted && table::is_plain_name(table, at + 1, name);
        at = table::after_shape(table, shape);
        if found && part != Part::Reply {
            return Some(Shape(shape));
        }
        if found {
            return Some(Shape(at));
        }
        if kind == b'a' {
            at = table::after_shape(table, at);
        }
    }
}
