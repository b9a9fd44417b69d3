//! Reads a table where it stands. Beyond its end there are only zeros.

/// How deep `?`, `[` and their like may be in each other before a `@`: more is a damaged table.
const PREFIXES: usize = 64;

/// The byte at this place, of a table or a text; 0 beyond the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Where what follows a name, or a bound, begins.
pub(super) fn after_name(table: &[u8], mut at: usize) -> usize {
    while !matches!(byte(table, at), b' ' | 0) {
        at += 1;
    }
    at + 1
}

/// The bound or the name at this place.
pub(super) fn name(table: &[u8], at: usize) -> &[u8] {
    table.get(at..after_name(table, at) - 1).unwrap_or_default()
}

/// Where what follows a shape begins. Only shapes that have no list in them are written in others.
pub(super) fn after_shape(table: &[u8], mut at: usize) -> usize {
    for _ in 0..PREFIXES {
        match byte(table, at) {
            b'?' | b'[' | b'm' => at += 1,
            b'L' => at = after_name(table, after_name(table, at + 1)),
            b'@' => return at + 4,
            b'p' => return after_name(table, at + 1),
            b'l' | b'i' | b'r' => return after_name(table, after_name(table, at + 1)),
            _ => return at + 1,
        }
    }
    table.len()
}

/// The place that the three digits of a `@` name.
pub(super) fn target(table: &[u8], at: usize) -> usize {
    let digit = |at| usize::from(byte(table, at).wrapping_sub(b'#'));
    (digit(at + 1) * 57 + digit(at + 2)) * 57 + digit(at + 3)
}

/// Whether the name at this place is this one, which is in UTF-8.
pub(super) fn is_plain_name(table: &[u8], mut at: usize, plain: &[u8]) -> bool {
    let mut from = 0;
    while from < plain.len() {
        if super::text::character(plain, &mut from) != character(table, &mut at) {
            return false;
        }
    }
    byte(table, at) == b' '
}

/// The next character of a name.
pub(super) fn character(table: &[u8], at: &mut usize) -> u32 {
    let first = byte(table, *at);
    *at += 1;
    if first != b'~' {
        return u32::from(first);
    }
    let mut code = 0;
    loop {
        let digit = byte(table, *at);
        *at += 1;
        match super::text::hex(digit) {
            Some(digit) => code = code << 4 | digit,
            None => return code,
        }
    }
}
