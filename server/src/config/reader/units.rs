//! Durations and sizes as people write them.

use std::time::Duration;

const DURATIONS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// `29s`, `50ms`, `1h30m`: whole numbers with their units.
pub(super) fn duration(text: &str) -> Option<Duration> {
    sum(text, &DURATIONS).map(Duration::from_millis)
}

/// `128KiB`: whole numbers with their units.
pub(super) fn size(text: &str) -> Option<u64> {
    sum(text, &SIZES)
}

/// The inverse of [`duration`], in the largest unit that is exact.
pub(super) fn show_duration(duration: Duration) -> String {
    show(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), &DURATIONS, "0s")
}

/// The inverse of [`size`], in the largest unit that is exact.
pub(super) fn show_size(bytes: u64) -> String {
    show(bytes, &SIZES, "0B")
}

fn sum(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = None::<u64>;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(*factor)?;
        total = Some(total.unwrap_or(0).checked_add(part)?);
        rest = after;
    }
    total
}

fn show(number: u64, units: &[(&str, u64)], zero: &str) -> String {
    if number == 0 {
        return zero.to_owned();
    }
    let fits = units.iter().find(|(_, factor)| number.is_multiple_of(*factor));
    let (unit, factor) = fits.expect("everything is a multiple of the smallest unit, which is one");
    format!("{}{unit}", number / factor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_needs_its_unit_and_units_add_up() {
        assert_eq!(duration("29s"), Some(Duration::from_secs(29)));
        assert_eq!(duration("1h30m"), Some(Duration::from_mins(90)));
        assert_eq!(duration("0s"), Some(Duration::ZERO));
        assert_eq!(size("128KiB"), Some(131_072));
        for wrong in [
            "",
            "29",
            "s",
            "29 s",
            "-1s",
            "1.5s",
            "29x",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert_eq!(size("128KB"), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same(number in any::<u32>()) {
            let time = Duration::from_millis(number.into());
            prop_assert_eq!(duration(&show_duration(time)), Some(time));
            prop_assert_eq!(size(&show_size(number.into())), Some(number.into()));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}") {
            let _ = (duration(&text), size(&text));
        }
    }
}
