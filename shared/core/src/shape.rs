//! Checks a JSON text against a shape of a contract's table.
//!
//! The server reads the table with this. The npm package reads the same table over the value that
//! the browser has parsed already (`client/npm/src/shapes.ts`), and a property test holds the two
//! to the same words.
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

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec::Vec};

    use proptest::prelude::*;

    use super::{Checker, Part, Shape, find};

    const TABLE: &str =
        "1aa @##7nvsaidxyz s;|,O!room l1 4 -tags [s-at ?i0 255 -who @##7;,t kind ,a @##7;;";

    fn explain(table: &str, part: Part, name: &str, text: &str) -> Option<String> {
        let (table, text) = (table.as_bytes(), text.as_bytes());
        let shape = find(table, part, name.as_bytes()).unwrap();
        let mut checker = Checker::default();
        checker.check(table, shape, text).err()?;
        let mut message = Vec::new();
        checker
            .explain(table, text, name.as_bytes(), &mut |piece| message.extend_from_slice(piece));
        String::from_utf8(message).ok()
    }

    #[test]
    fn a_refusal_says_where_and_why() {
        let table = "1asend @##7nvsaid s;O!room l1 4 -tags [s-at ?i0 255 -who @##7!~e9; *;";
        let message = |text| explain(table, Part::Data, "send", text);
        for (text, expected) in [
            (r#"{"é":0}"#, "send.room: missing field"),
            (r#"{"room":"a"}"#, "send.é: missing field"),
            (r#"{"room":7,"é":0}"#, "send.room: expected string, found number"),
            (r#"{"room":"","é":0}"#, "send.room: shorter than 1"),
            (r#"{"room":"\ud83e\udd80é\n🦀5","é":0}"#, "send.room: longer than 4"),
            (r#"{"room":"\ud83e","é":0}"#, "send.room: half of a surrogate pair"),
            (r#"{ "tags" : [ "a" , "b", null ] }"#, "send.tags[2]: expected string, found null"),
            (r#"{"at":256}"#, "send.at: more than 255"),
            (r#"{"at":-1}"#, "send.at: less than 0"),
            (r#"{"at":1.5}"#, "send.at: expected integer, found number"),
            (r#"{"who":{"who":[]}}"#, "send.who.who: expected object, found array"),
            (r#"{"colour":{}}"#, "send.colour: unknown field"),
            (r#"{"at":1,"\u0061t":1}"#, "send.\\u0061t: given twice"),
            ("[]", "send: expected object, found array"),
            ("", "send: expected object, found nothing"),
        ] {
            assert_eq!(message(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            [r#"{"room":"\ud83e\udd80","é":[{}]}"#, r#" {"\u00e9":0, "room":"a","at":null} "#]
        {
            assert_eq!(message(text), None, "{text}");
        }
        assert_eq!(explain(table, Part::Reply, "send", "null"), None);
        assert_eq!(explain(table, Part::Event, "said", "\"\""), None);
        assert_eq!(find(table.as_bytes(), Part::Event, b"send"), None);
    }

    #[test]
    fn a_text_cannot_make_it_try_for_ever() {
        // An enum of two variants that both hold the enum: 2^100 ways to fail.
        let table = "1aa @##-n;|,@##9,@##I;o!next @##-!x n;o!next @##-!y n;";
        let text = "{\"next\":".repeat(60) + "null" + &"}".repeat(60);
        let message = explain(table, Part::Data, "a", &text).unwrap();
        assert!(message.ends_with(": too many variants to try"), "{message}");
    }

    proptest! {
        #[test]
        fn no_table_and_no_text_makes_it_panic(
            table in "[\\[\\]{}(),;@#$%&*?!~LmoOextpliIU6 0-9a-z-]{0,80}",
            text in r#"[\[\]{},:"\\0-9a-z .+Eué🦀-]{0,60}"#,
            shape in 0_usize..90,
        ) {
            for table in [table.as_bytes(), TABLE.as_bytes()] {
                let _ = find(table, Part::Reply, b"a");
                let mut checker = Checker::default();
                let _ = checker.check(table, Shape(shape), text.as_bytes());
                checker.explain(table, text.as_bytes(), b"a", &mut |_| {});
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
            table in proptest::collection::vec(any::<u8>(), 0..60),
            text in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let _ = find(&table, Part::Reply, b"a");
            let mut checker = Checker::default();
            let _ = checker.check(&table, Shape(0), &text);
            checker.explain(&table, &text, b"a", &mut |_| {});
        }
    }
}
