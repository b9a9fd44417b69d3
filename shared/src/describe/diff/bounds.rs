//! Constraints: whether one became tighter or looser.

use serde_json::{Map, Value};

/// How a constraint has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Tighter,
    Looser,
    /// Neither contains the other, as far as can be told.
    Other,
}

/// Keywords that count something, and whether more of it is tighter.
const COUNTS: &[(&str, bool)] = &[
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minProperties", true),
    ("maxProperties", false),
];

/// Keywords that are there or not, and whose values cannot be compared.
const OPAQUE: &[&str] = &["pattern", "format", "multipleOf", "contentEncoding", "not"];

type Keywords = Map<String, Value>;

/// The constraints that differ, each with the words for it: `maxLength is 10, was 20`.
pub(super) fn shifts(old: &Keywords, new: &Keywords) -> Vec<(Shift, String)> {
    let mut shifts = Vec::new();
    for &(keyword, more_is_tighter) in COUNTS {
        let (before, after) = (number(old, keyword), number(new, keyword));
        push(&mut shifts, keyword, before, after, more_is_tighter);
    }
    let (before, after) = (Range::of(old), Range::of(new));
    push(&mut shifts, "the minimum", before.low, after.low, true);
    push(&mut shifts, "the maximum", before.high, after.high, false);
    for keyword in OPAQUE {
        opaque(&mut shifts, keyword, old.get(*keyword), new.get(*keyword));
    }
    opaque(&mut shifts, "uniqueItems", flag(old, "uniqueItems"), flag(new, "uniqueItems"));
    shifts
}

fn push<T: PartialOrd + Copy + std::fmt::Display>(
    shifts: &mut Vec<(Shift, String)>,
    what: &str,
    before: Option<T>,
    after: Option<T>,
    more_is_tighter: bool,
) {
    let tighter = |more: bool| if more == more_is_tighter { Shift::Tighter } else { Shift::Looser };
    match (before, after) {
        (None, Some(after)) => {
            shifts.push((Shift::Tighter, format!("{what} is {after}, was none")))
        }
        (Some(before), None) => {
            shifts.push((Shift::Looser, format!("{what} is gone, was {before}")))
        }
        (Some(before), Some(after)) if before != after => {
            shifts.push((tighter(after > before), format!("{what} is {after}, was {before}")));
        }
        _ => {}
    }
}

fn opaque(
    shifts: &mut Vec<(Shift, String)>,
    what: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) {
    match (before, after) {
        (None, Some(after)) => {
            shifts.push((Shift::Tighter, format!("{what} is {after}, was none")))
        }
        (Some(before), None) => {
            shifts.push((Shift::Looser, format!("{what} is gone, was {before}")))
        }
        (Some(before), Some(after)) if before != after => {
            shifts.push((Shift::Other, format!("{what} is {after}, was {before}")));
        }
        _ => {}
    }
}

/// The end of a range. A number that is itself outside counts as a little further in.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct End {
    value: f64,
    /// 1 for an open lower end, -1 for an open upper end.
    inward: i8,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)?;
        if self.inward == 0 { Ok(()) } else { f.write_str(" (exclusive)") }
    }
}

/// Between which numbers a value lies, by all the keywords that speak of it.
struct Range {
    low: Option<End>,
    high: Option<End>,
}

impl Range {
    fn of(keywords: &Keywords) -> Self {
        let whole = keywords.get("type").is_some_and(|it| it == "integer");
        let end = |keyword, inward: i8| {
            let value = number(keywords, keyword)?;
            let closed = whole || inward == 0;
            let value = if whole { value + f64::from(inward) } else { value };
            Some(End { value, inward: if closed { 0 } else { inward } })
        };
        let lows = [end("minimum", 0), end("exclusiveMinimum", 1)];
        let highs = [end("maximum", 0), end("exclusiveMaximum", -1)];
        let first = |a: &End, b: &End| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal);
        Self {
            low: lows.into_iter().flatten().max_by(first),
            high: highs.into_iter().flatten().min_by(first),
        }
    }
}

/// A keyword that says nothing while it is false.
fn flag<'a>(keywords: &'a Keywords, keyword: &str) -> Option<&'a Value> {
    keywords.get(keyword).filter(|it| **it != Value::Bool(false))
}

/// A count of nothing is no lower bound.
fn number(keywords: &Keywords, keyword: &str) -> Option<f64> {
    let value = keywords.get(keyword)?.as_f64()?;
    let is_count = keyword.starts_with("min") && keyword != "minimum";
    (!is_count || value > 0.0).then_some(value)
}
