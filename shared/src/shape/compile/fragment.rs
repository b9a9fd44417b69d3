//! Pieces of a table, and how they come together.

use std::fmt::Write as _;

use super::{Result, refuse};

/// The digits of a place begin here, and there are so many: no quote and no backslash among them.
const FIRST_DIGIT: u8 = b'#';
const BASE: usize = 57;

/// A piece of a table, with references to pieces whose places are not known yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Fragment {
    text: String,
    /// Where in the text a place is to be written, and of which piece.
    references: Vec<(usize, usize)>,
}

impl From<&str> for Fragment {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), references: Vec::new() }
    }
}

impl Fragment {
    /// A reference to the piece with this number.
    pub(super) fn reference(number: usize) -> Self {
        Self { text: "@###".to_owned(), references: vec![(1, number)] }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a name and the space after it.
    pub(super) fn push_name(&mut self, name: &str) {
        for character in name.chars() {
            self.push_character(character);
        }
        self.text.push(' ');
    }

    /// Writes a character of a name.
    pub(super) fn push_character(&mut self, character: char) {
        match character {
            '!'..='}' if character != '"' && character != '\\' => self.text.push(character),
            _ => write!(self.text, "~{:x};", u32::from(character)).expect("a String takes it"),
        }
    }

    /// Writes a bound, or the absence of one.
    pub(super) fn push_bound(&mut self, bound: Option<impl ToString>) {
        if let Some(bound) = bound {
            self.text.push_str(&bound.to_string());
        }
        self.text.push(' ');
    }

    pub(super) fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.references.extend(other.references.iter().map(|(at, number)| (start + at, *number)));
    }

    /// This piece after some text.
    pub(super) fn after(mut self, text: &str) -> Self {
        self.text.insert_str(0, text);
        for (at, _) in &mut self.references {
            *at += text.len();
        }
        self
    }
}

/// The table as it grows.
pub(super) struct Layout {
    table: Fragment,
    /// Where each piece is, by its number.
    places: Vec<usize>,
}

impl Layout {
    pub(super) fn new(roots: Fragment) -> Self {
        Self { table: roots, places: Vec::new() }
    }

    /// Puts the next piece; they come in the order of their numbers.
    pub(super) fn put(&mut self, number: usize, piece: &Fragment) {
        debug_assert_eq!(number, self.places.len(), "what waits first is written first");
        self.places.push(self.table.text.len());
        self.table.append(piece);
    }

    /// Writes the places in the references.
    pub(super) fn finish(self) -> Result<String> {
        let mut bytes = self.table.text.into_bytes();
        for (at, number) in self.table.references {
            let place = self.places[number];
            if place >= BASE.pow(3) {
                return Err(refuse(
                    "the contract",
                    "its shapes are too many for one table",
                    "split it into two contracts",
                ));
            }
            let digits = [place / BASE / BASE, place / BASE % BASE, place % BASE];
            for (index, digit) in digits.into_iter().enumerate() {
                let digit = u8::try_from(digit).expect("it is below the base");
                bytes[at + index] = FIRST_DIGIT + digit;
            }
        }
        Ok(String::from_utf8(bytes).expect("ASCII takes the place of ASCII"))
    }
}
