//! Patterns: classes of characters, one after the other, each so many times. A table only has those
//! in which taking as many as there are is always right, so nothing is ever tried twice.

use super::{
    table::{byte, character},
    text::character_or_escape,
};

/// Whether a string of JSON, without its quotes, has the form at this place of the table.
pub(super) fn matches(table: &[u8], mut at: usize, string: &[u8]) -> bool {
    let mut from = 0;
    while byte(table, at) == b'[' {
        let class = at + 1;
        at = class;
        while !matches!(byte(table, at), b']' | 0) {
            character(table, &mut at);
        }
        let least = number(table, &mut at).unwrap_or(0);
        let most = number(table, &mut at).unwrap_or(usize::MAX);
        at += 1;
        let mut count = 0;
        while count < most && from < string.len() {
            let mut next = from;
            if !has(table, class, character_or_escape(string, &mut next)) {
                break;
            }
            from = next;
            count += 1;
        }
        if count < least {
            return false;
        }
    }
    from >= string.len()
}

/// Whether the character is within one of the ranges.
fn has(table: &[u8], mut class: usize, wanted: u32) -> bool {
    while !matches!(byte(table, class), b']' | 0) {
        let first = character(table, &mut class);
        let last = character(table, &mut class);
        if (first..=last).contains(&wanted) {
            return true;
        }
    }
    false
}

/// Steps over one character and reads the number after it.
fn number(table: &[u8], at: &mut usize) -> Option<usize> {
    let mut number = None;
    *at += 1;
    while let digit @ b'0'..=b'9' = byte(table, *at) {
        let value = number.unwrap_or(0_usize);
        number = Some(value.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        *at += 1;
    }
    number
}
