//! Reads a JSON text where it stands. The text is JSON already, because a parser has seen it or a
//! printer has made it; of one that is not, only the answer is arbitrary.

use super::table::byte;

/// The first place from here on that is not white space.
pub(super) fn after_space(text: &[u8], mut at: usize) -> usize {
    while matches!(byte(text, at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    at
}

/// Where the string that begins here ends.
pub(super) fn after_string(text: &[u8], mut at: usize) -> usize {
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
pub(super) fn after_value(text: &[u8], mut at: usize) -> usize {
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
pub(super) fn after_scalar(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while matches!(byte(text, at), b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E') {
        at += 1;
    }
    // What is not JSON still gets the reader ahead.
    at.max(start + 1)
}

/// How many characters a string has between these places, without its quotes. `None` when a half
/// of a surrogate pair stands alone, which is no text.
pub(super) fn length(text: &[u8], mut at: usize, end: usize) -> Option<usize> {
    let mut count = 0;
    while at < end {
        if matches!(character_or_escape(text, &mut at), 0xd800..=0xdfff) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// The next character of a string in JSON.
pub(super) fn character_or_escape(text: &[u8], at: &mut usize) -> u32 {
    if byte(text, *at) != b'\\' {
        return character(text, at);
    }
    let escaped = byte(text, *at + 1);
    *at += 2;
    match escaped {
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'f' => 12,
        b'r' => 13,
        b'u' => {
            let high = four_digits(text, *at);
            *at += 4;
            if high >> 10 != 0xd800 >> 10 || byte(text, *at) != b'\\' {
                return high;
            }
            let low = four_digits(text, *at + 2);
            if low >> 10 != 0xdc00 >> 10 {
                return high;
            }
            *at += 6;
            0x1_0000 + ((high & 0x3ff) << 10) + (low & 0x3ff)
        }
        other => u32::from(other),
    }
}

/// The next character of a text in UTF-8.
pub(super) fn character(text: &[u8], at: &mut usize) -> u32 {
    let first = u32::from(byte(text, *at));
    *at += 1;
    let mut code = match first {
        0..0x80 => return first,
        0x80..0xe0 => first & 0x1f,
        0xe0..0xf0 => first & 0x0f,
        _ => first & 0x07,
    };
    while byte(text, *at) >> 6 == 2 {
        code = code << 6 | u32::from(byte(text, *at) & 0x3f);
        *at += 1;
    }
    code
}

fn four_digits(text: &[u8], at: usize) -> u32 {
    (at..at + 4).fold(0, |code, at| code << 4 | hex(byte(text, at)).unwrap_or(0))
}

/// The value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u32> {
    match digit {
        b'0'..=b'9' => Some(u32::from(digit - b'0')),
        b'a'..=b'f' => Some(u32::from(digit - b'a') + 10),
        b'A'..=b'F' => Some(u32::from(digit - b'A') + 10),
        _ => None,
    }
}
