//! The patterns that mean the same everywhere.
//!
//! Rust and JavaScript do not read regular expressions alike, and the browser build has no room for
//! an engine. What is left is small and enough for identifiers: `^`, then characters and classes
//! that are written out, each with `?`, `*`, `+` or `{…}`, then `$`, such that how many of each are
//! taken is never in doubt.

use std::{iter::Peekable, str::Chars};

use super::{Class, Result, refuse};

/// The classes of a string with this pattern.
pub(super) fn compile(pattern: &str, path: &str) -> Result<Vec<Class>> {
    parse(pattern).filter(|classes| is_certain(classes)).ok_or_else(|| {
        refuse(
            path,
            "the pattern is one that Rust and JavaScript may read differently",
            "write `^`, then characters or classes like `[a-z0-9_]`, each with `?`, `*`, `+` or \
             `{1,8}` and none that may run into the next, then `$`; check the rest in the handler",
        )
    })
}

fn parse(pattern: &str) -> Option<Vec<Class>> {
    let mut rest = pattern.strip_prefix('^')?.strip_suffix('$')?.chars().peekable();
    let mut classes = Vec::new();
    while let Some(character) = rest.next() {
        let ranges = if character == '[' { class(&mut rest)? } else { one(character, &mut rest)? };
        let (least, most) = times(&mut rest)?;
        classes.push(Class { ranges, least, most });
    }
    Some(classes)
}

/// A character outside of a class; `\` takes the meaning of one that has one.
fn one(character: char, rest: &mut Peekable<Chars<'_>>) -> Option<Vec<(char, char)>> {
    let character = match character {
        '\\' => rest.next().filter(char::is_ascii_punctuation)?,
        '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | ']' | '{' | '}' => return None,
        plain => plain,
    };
    is_plain(character).then(|| vec![(character, character)])
}

/// What is in a class, after its `[`.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<(char, char)>> {
    let mut ranges = Vec::new();
    loop {
        let first = match rest.next()? {
            ']' => return (!ranges.is_empty()).then_some(ranges),
            '[' | '^' | '&' | '~' => return None,
            '\\' => rest.next().filter(char::is_ascii_punctuation)?,
            plain => plain,
        };
        let mut last = first;
        // A `-` at the end of the class is itself.
        let mut ahead = rest.clone();
        if first != '-' && ahead.next() == Some('-') && ahead.next() != Some(']') {
            rest.next();
            last = rest.next().filter(char::is_ascii_alphanumeric)?;
        }
        if first > last || !is_plain(first) || (first != last && !first.is_ascii_alphanumeric()) {
            return None;
        }
        ranges.push((first, last));
    }
}

/// ASCII has one reading everywhere; letters with marks and pairs of surrogates do not.
fn is_plain(character: char) -> bool {
    character.is_ascii_graphic() || character == ' '
}

fn times(rest: &mut Peekable<Chars<'_>>) -> Option<(u32, Option<u32>)> {
    let times = match rest.peek() {
        Some('?') => (0, Some(1)),
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('{') => {
            let text: String = rest.by_ref().skip(1).take_while(|it| *it != '}').collect();
            let (least, most) = match text.split_once(',') {
                None => (text.parse().ok()?, Some(text.parse().ok()?)),
                Some((least, "")) => (least.parse().ok()?, None),
                Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
            };
            return most.is_none_or(|most| least <= most).then_some((least, most));
        }
        _ => return Some((1, Some(1))),
    };
    rest.next();
    Some(times)
}

/// Whether a class that may be there more or less often never has a character of what may follow.
fn is_certain(classes: &[Class]) -> bool {
    classes.iter().enumerate().all(|(index, class)| {
        let following = &classes[index + 1..];
        let certain = following.iter().take_while(|it| it.least == 0).count();
        let next = following.iter().take(certain + 1);
        Some(class.least) == class.most || next.into_iter().all(|next| !overlap(class, next))
    })
}

fn overlap(one: &Class, other: &Class) -> bool {
    one.ranges.iter().any(|(first, last)| {
        other
            .ranges
            .iter()
            .any(|(other_first, other_last)| first <= other_last && other_first <= last)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_certain, parse};

    #[test]
    fn only_what_has_one_reading_is_taken() {
        for pattern in ["^[A-Za-z0-9_-]{15}=$", "^-?[0-9]+$", "^a\\.b$", "^[a-z][a-z0-9]*$", "^$"] {
            assert!(parse(pattern).is_some_and(|classes| is_certain(&classes)), "{pattern}");
        }
        for pattern in [
            "[a-z]",
            "^a",
            "^.$",
            "^\\d+$",
            "^(a|b)$",
            "^[^a]$",
            "^[a-z]*[a-c]$",
            "^a?a$",
            "^é$",
            "^[[:alpha:]]$",
            "^[a-z]*b?[a-c]$",
            "^[z-a]$",
            "^[]$",
            "^a{3,1}$",
            "^a+?$",
        ] {
            assert!(!parse(pattern).is_some_and(|classes| is_certain(&classes)), "{pattern}");
        }
    }
}
