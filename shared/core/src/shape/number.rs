//! Numbers as JSON writes them, compared by their digits: no float is ever parsed, which would cost
//! the browser build more than all the rest.

use core::cmp::Ordering;

use super::table::byte;

/// Compares two numbers of JSON.
///
/// Shortest decimal texts, which is what JavaScript and Rust print, are in the order of the floats
/// they stand for.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Decimal::read(left), Decimal::read(right));
    let sign = |number: &Decimal| match (number.point, number.negative) {
        (None, _) => 0,
        (Some(_), true) => -1,
        (Some(_), false) => 1,
    };
    match (sign(&left), sign(&right)) {
        (1, 1) => left.compare_size(&right),
        (-1, -1) => right.compare_size(&left),
        (left, right) => left.cmp(&right),
    }
}

/// Whether this is written as an integer, as serde wants it: no point, no exponent, no `-0`.
pub(super) fn is_integer(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let zero = byte(digits, 0) == b'0';
    digits.iter().all(u8::is_ascii_digit)
        && (if zero { number.len() == 1 } else { !digits.is_empty() })
}

/// Whether a string is an integer of 64 bits, as Rust prints it.
pub(super) fn is_decimal(string: &[u8], signed: bool) -> bool {
    let (least, most): (&[u8], &[u8]) = if signed {
        (b"-9223372036854775808", b"9223372036854775807")
    } else {
        (b"0", b"18446744073709551615")
    };
    is_integer(string)
        && compare(string, least) != Ordering::Less
        && compare(string, most) != Ordering::Greater
}

/// Whether a string is base64 with padding (RFC 4648 §4), whose unused bits are zero.
pub(super) fn is_base64(string: &[u8]) -> bool {
    let digits = string.strip_suffix(b"=").unwrap_or(string);
    let digits = digits.strip_suffix(b"=").unwrap_or(digits);
    let unused = match string.len() - digits.len() {
        0 => 0,
        1 => 0b11,
        _ => 0b1111,
    };
    let last = digits.last().and_then(|digit| base64_digit(*digit)).unwrap_or(0);
    string.len().is_multiple_of(4)
        && digits.iter().all(|digit| base64_digit(*digit).is_some())
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

/// A length, which a table writes in decimal. `None` when there is none.
pub(super) fn small(bound: &[u8]) -> Option<usize> {
    if bound.is_empty() {
        return None;
    }
    let push = |value: usize, digit: &u8| {
        value.saturating_mul(10).saturating_add(usize::from(digit.wrapping_sub(b'0')))
    };
    Some(bound.iter().fold(0, push))
}

struct Decimal<'a> {
    negative: bool,
    /// From the first digit that is not zero.
    digits: &'a [u8],
    /// How many digits before the point: `0.01` has -1. `None` for zero.
    point: Option<i32>,
}

impl<'a> Decimal<'a> {
    fn read(number: &'a [u8]) -> Self {
        let negative = byte(number, 0) == b'-';
        let (mut first, mut point, mut exponent) = (None, None, 0);
        let mut digits = 0;
        for (at, byte) in number.iter().enumerate() {
            match byte {
                b'.' => point = Some(digits),
                b'e' | b'E' => {
                    exponent = self::exponent(&number[at + 1..]);
                    break;
                }
                b'0'..=b'9' => {
                    if *byte != b'0' && first.is_none() {
                        first = Some((at, digits));
                    }
                    digits += 1;
                }
                _ => {}
            }
        }
        match first {
            None => Self { negative, digits: &[], point: None },
            Some((at, before)) => Self {
                negative,
                digits: &number[at..],
                point: Some(point.unwrap_or(digits) - before + exponent),
            },
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| {
            let (mut left, mut right) = (significant(self.digits), significant(other.digits));
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return Ordering::Equal,
                    (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                        Ordering::Equal => {}
                        order => return order,
                    },
                }
            }
        })
    }
}

fn significant(digits: &[u8]) -> impl Iterator<Item = u8> {
    let mantissa = digits.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    mantissa.copied().filter(u8::is_ascii_digit)
}

fn exponent(text: &[u8]) -> i32 {
    let mut value = 0_i32;
    for digit in text.iter().filter(|byte| byte.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(i32::from(digit - b'0'));
    }
    let value = value.min(1_000_000); // no float is anywhere near, and sums do not overflow
    if byte(text, 0) == b'-' { -value } else { value }
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering;

    use super::{compare, is_integer};

    #[test]
    fn numbers_are_in_their_order() {
        let ordered = [
            "-1e21",
            "-9007199254740992",
            "-255.5",
            "-255",
            "-0.1",
            "-1e-7",
            "0",
            "1e-7",
            "0.001",
            "0.01",
            "0.1",
            "0.11",
            "1",
            "9",
            "10",
            "255",
            "255.5",
            "9007199254740991",
            "9007199254740992",
            "1e21",
            "1.5e+21",
            "1e300",
        ];
        for (left_index, left) in ordered.iter().enumerate() {
            for (right_index, right) in ordered.iter().enumerate() {
                let order = compare(left.as_bytes(), right.as_bytes());
                assert_eq!(order, left_index.cmp(&right_index), "{left} and {right}");
            }
        }
        for (left, right) in [("0", "-0"), ("1", "1.0"), ("100", "1e2"), ("0.5", "5e-1")] {
            assert_eq!(compare(left.as_bytes(), right.as_bytes()), Ordering::Equal, "{left}");
        }
    }

    #[test]
    fn an_integer_is_written_as_one() {
        for integer in ["0", "7", "-7", "100"] {
            assert!(is_integer(integer.as_bytes()), "{integer}");
        }
        for other in ["", "-", "-0", "1.0", "1e3", "01", "1.5"] {
            assert!(!is_integer(other.as_bytes()), "{other}");
        }
    }
}
