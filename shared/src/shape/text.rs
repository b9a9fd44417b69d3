//! Reads a JSON text where it stands. The text is JSON already, because a parser has seen it or a
//! printer has made it; of one that is not, only the answer is arbitrary.

use std::borrow::Cow;

/// The byte at this place; 0 beyond the end.
pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// The first place from here on that is not white space.
pub(super) fn after_space(text: &str, mut at: usize) -> usize {
    while matches!(byte(text, at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    at
}

/// Where the string that begins here ends.
pub(super) fn after_string(text: &str, mut at: usize) -> usize {
    loop {
        at += 1;
        match byte(text, at) {
            b'"' => return at + 1,
            b'\\' => at += 1,
            0 if at >= text.len() => return at,
            _ => {}
        }
    }
}

/// Where the value that begins here ends.
pub(super) fn after_value(text: &str, mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < text.len() {
        match byte(text, at) {
            b'"' => at = after_string(text, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ => at = after_scalar(text, at),
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

/// Where the number or the word that begins here ends.
pub(super) fn after_scalar(text: &str, start: usize) -> usize {
    let mut at = start;
    while matches!(byte(text, at), b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E') {
        at += 1;
    }
    // What is not JSON still gets the reader ahead.
    at.max(start + 1)
}

/// What is between these places; nothing where that is no text.
pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// A string without its quotes as the text it means. `None` when a half of a surrogate pair stands
/// alone, which is no text.
pub(super) fn decoded(string: &str) -> Option<Cow<'_, str>> {
    if !string.contains('\\') {
        return Some(Cow::Borrowed(string));
    }
    let mut decoded = String::with_capacity(string.len());
    let mut rest = string.chars();
    while let Some(character) = rest.next() {
        decoded.push(match character {
            '\\' => match rest.next()? {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'f' => '\u{c}',
                'r' => '\r',
                'u' => escaped(&mut rest)?,
                itself => itself,
            },
            character => character,
        });
    }
    Some(Cow::Owned(decoded))
}

/// The character of an escape, or of two, after its `\u`.
fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let high = unit(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    let low = (rest.next()? == '\\' && rest.next()? == 'u').then(|| unit(rest))??;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    char::from_u32(0x1_0000 + ((high & 0x3ff) << 10) + (low & 0x3ff))
}

fn unit(rest: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit << 4 | rest.next()?.to_digit(16)?))
}

/// Whether this is written as an integer, as serde wants it: no point, no exponent, no `-0`.
pub(super) fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let zero = digits.starts_with('0');
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (if zero { number.len() == 1 } else { !digits.is_empty() })
}

/// Whether a string is base64 with padding (RFC 4648 §4), whose unused bits are zero.
pub(super) fn is_base64(string: &str) -> bool {
    let digits = string.strip_suffix('=').unwrap_or(string);
    let digits = digits.strip_suffix('=').unwrap_or(digits);
    let unused = match string.len() - digits.len() {
        0 => 0,
        1 => 0b11,
        _ => 0b1111,
    };
    let last = digits.bytes().last().and_then(base64_digit).unwrap_or(0);
    string.len().is_multiple_of(4)
        && digits.bytes().all(|digit| base64_digit(digit).is_some())
        && last & unused == 0
}

fn base64_digit(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decoded, is_integer};

    #[test]
    fn a_string_is_what_its_escapes_mean() {
        for (string, text) in [
            ("", Some("")),
            (r"\u0061\n\/\\", Some("a\n/\\")),
            (r"\ud83e\udd80é", Some("🦀é")),
            (r"\ud83e", None),
            (r"\ud83ea", None),
            (r"\ud83e\n", None),
            (r"\udd80", None),
            (r"\u00", None),
            ("\\", None),
        ] {
            assert_eq!(decoded(string).as_deref(), text, "{string}");
        }
    }

    #[test]
    fn an_integer_is_written_as_one() {
        for integer in ["0", "7", "-7", "100"] {
            assert!(is_integer(integer), "{integer}");
        }
        for other in ["", "-", "-0", "1.0", "1e3", "01", "1.5"] {
            assert!(!is_integer(other), "{other}");
        }
    }
}
