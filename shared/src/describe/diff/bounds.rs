//! Constraints: whether one became tighter or looser.

use std::{cmp::Ordering, fmt};

use serde_json::{Map, Value};

/// How a constraint has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Tighter,
    Looser,
    /// Neither contains the other, as far as can be told.
    Other,
}

/// Keywords that count something, and how to judge another count.
const COUNTS: &[(&str, Judge<f64>)] = &[
    ("minLength", more_is_tighter),
    ("maxLength", more_is_looser),
    ("minItems", more_is_tighter),
    ("maxItems", more_is_looser),
    ("minProperties", more_is_tighter),
    ("maxProperties", more_is_looser),
];

/// Keywords that are there or not, and whose values cannot be compared.
const OPAQUE: &[&str] =
    &["pattern", "format", "multipleOf", "contentEncoding", "uniqueItems", "not"];

type Keywords = Map<String, Value>;

/// Compares what a constraint was with what it is.
type Judge<T> = fn(&T, &T) -> Shift;

/// The constraints that differ, each with the words for it: `maxLength is 10, was 20`.
pub(super) fn shifts(old: &Keywords, new: &Keywords) -> Vec<(Shift, String)> {
    let (before, after) = (Range::of(old), Range::of(new));
    let ends = [
        shift("the minimum", before.low, after.low, more_is_tighter),
        shift("the maximum", before.high, after.high, more_is_looser),
    ];
    let counts = COUNTS
        .iter()
        .map(|&(keyword, judge)| shift(keyword, number(old, keyword), number(new, keyword), judge));
    let opaque = OPAQUE
        .iter()
        .map(|keyword| shift(keyword, flag(old, keyword), flag(new, keyword), |_, _| Shift::Other));
    ends.into_iter().chain(counts).chain(opaque).flatten().collect()
}

/// What has become of one constraint.
fn shift<T: PartialEq + fmt::Display>(
    what: &str,
    before: Option<T>,
    after: Option<T>,
    judge: Judge<T>,
) -> Option<(Shift, String)> {
    match (before, after) {
        (None, Some(after)) => Some((Shift::Tighter, format!("{what} is {after}, was none"))),
        (Some(before), None) => Some((Shift::Looser, format!("{what} is gone, was {before}"))),
        (Some(before), Some(after)) if before != after => {
            Some((judge(&before, &after), format!("{what} is {after}, was {before}")))
        }
        _ => None,
    }
}

fn more_is_tighter<T: PartialOrd>(before: &T, after: &T) -> Shift {
    if after > before { Shift::Tighter } else { Shift::Looser }
}

fn more_is_looser<T: PartialOrd>(before: &T, after: &T) -> Shift {
    if after > before { Shift::Looser } else { Shift::Tighter }
}

/// The end of a range. A number that is itself outside counts as a little further in.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct End {
    value: f64,
    /// 1 for an open lower end, -1 for an open upper end.
    inward: i8,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let first = |a: &End, b: &End| a.partial_cmp(b).unwrap_or(Ordering::Equal);
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
