//! One payload of the older contract beside the same payload of the newer one.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::{
    Change, Severity,
    alternatives::{Alternative, Kind, alternatives},
    bounds::{Shift, shifts},
    parts::{Fields, Items, Others},
};
use crate::describe::document::Document;

/// Who writes a payload and who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The older client writes, the newer server reads.
    ToServer,
    /// The newer server writes, the older client reads.
    ToClient,
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    direction: Direction,
    old: Document<'a>,
    new: Document<'a>,
    /// Types that refer to themselves are compared once.
    seen: HashSet<(String, String)>,
    changes: Vec<Change>,
}

type Keywords = Map<String, Value>;

impl<'a> Comparison<'a> {
    pub(super) fn new(direction: Direction, old: Document<'a>, new: Document<'a>) -> Self {
        Self { direction, old, new, seen: HashSet::new(), changes: Vec::new() }
    }

    /// Every change between two schemas of the value at this path.
    pub(super) fn run(mut self, old: &Value, new: &Value, path: &str) -> Vec<Change> {
        self.schemas(old, new, path);
        self.changes
    }

    fn schemas(&mut self, old: &Value, new: &Value, path: &str) {
        let refers = |schema: &Value| schema.get("$ref").is_some();
        if (refers(old) || refers(new)) && !self.seen.insert((old.to_string(), new.to_string())) {
            return;
        }
        if old.get("default") != new.get("default") {
            self.safe(path, "the default has changed");
        }
        let (before, after) = (alternatives(old, self.old), alternatives(new, self.new));
        let mut paired = BTreeSet::new();
        for old in &before {
            if let Some(index) = partner(old, &before, &after) {
                paired.insert(index);
                self.alternative(old, &after[index], path);
            } else if !after.iter().any(|new| new.covers(old)) {
                self.narrows(path, &format!("{} is gone", old.name));
            }
        }
        for (index, new) in after.iter().enumerate() {
            if !paired.contains(&index) && !before.iter().any(|old| old.covers(new)) {
                self.widens(path, &format!("{} is new", new.name));
            }
        }
    }

    fn alternative(&mut self, old: &Alternative, new: &Alternative, path: &str) {
        let variant;
        let path = if old.is_tagged() {
            variant = format!("{path}<{}>", old.name);
            &variant
        } else {
            path
        };
        for (shift, what) in shifts(&old.keywords, &new.keywords) {
            match shift {
                Shift::Tighter => self.narrows(path, &what),
                Shift::Looser => self.widens(path, &what),
                Shift::Other => {
                    self.breaking(path, format!("{what}, and values of the two may differ"));
                }
            }
        }
        match old.kind {
            Kind::Number => self.numbers(&old.keywords, &new.keywords, path),
            Kind::Array => self.arrays(&old.keywords, &new.keywords, path),
            Kind::Object => self.objects(&old.keywords, &new.keywords, path),
            _ => {}
        }
    }

    fn numbers(&mut self, old: &Keywords, new: &Keywords, path: &str) {
        let whole = |keywords: &Keywords| keywords.get("type").is_some_and(|it| it == "integer");
        match (whole(old), whole(new)) {
            (true, false) => self.widens(path, "an integer has become a number"),
            (false, true) => self.narrows(path, "a number has become an integer"),
            _ => {}
        }
    }

    fn arrays(&mut self, old: &Keywords, new: &Keywords, path: &str) {
        let (before, after) = (Items::of(old), Items::of(new));
        let places = before.places.len().max(after.places.len());
        for place in 0..places.min(before.most).min(after.most) {
            self.schemas(before.at(place), after.at(place), &format!("{path}[{place}]"));
        }
        if before.most.min(after.most) > places {
            self.schemas(before.rest, after.rest, &format!("{path}[]"));
        }
    }

    fn objects(&mut self, old: &Keywords, new: &Keywords, path: &str) {
        let (before, after) = (Fields::of(old), Fields::of(new));
        for name in before.names().chain(after.names()).collect::<BTreeSet<_>>() {
            let path = format!("{path}.{name}");
            match (before.get(name), after.get(name)) {
                (Some(one), Some(other)) => {
                    self.required(before.requires(name), after.requires(name), &path);
                    self.schemas(one, other, &path);
                }
                (None, Some(field)) => self.new_field(&before, field, after.requires(name), &path),
                (Some(field), None) => self.lost_field(field, before.requires(name), &after, &path),
                (None, None) => {}
            }
        }
        self.others(&before, &after, path);
        for keyword in ["patternProperties", "propertyNames"] {
            self.keyed(keyword, old.get(keyword), new.get(keyword), path);
        }
    }

    fn required(&mut self, before: bool, after: bool, path: &str) {
        match (before, after) {
            (true, false) => self.widens(path, "the field may be left out now"),
            (false, true) => self.narrows(path, "the field is always there now"),
            _ => {}
        }
    }

    fn new_field(&mut self, before: &Fields<'_>, field: &Value, required: bool, path: &str) {
        match (self.direction, before.others) {
            (Direction::ToServer, _) if required => {
                self.breaking(path, "a new required field, which older clients do not send");
            }
            (_, Others::Each(each)) => self.schemas(each, field, path),
            (Direction::ToServer, _) => {
                self.safe(path, "a new optional field, which older clients do not send");
            }
            (Direction::ToClient, Others::Denied) => {
                self.breaking(path, "a new field, and older clients deny those they do not know");
            }
            (Direction::ToClient, Others::Ignored) => {
                self.safe(path, "a new field, which older clients do not read");
            }
        }
    }

    fn lost_field(&mut self, field: &Value, required: bool, after: &Fields<'_>, path: &str) {
        match (self.direction, after.others) {
            (Direction::ToClient, _) if required => {
                self.breaking(path, "a required field is gone, and older clients rely on it");
            }
            (_, Others::Each(each)) => self.schemas(field, each, path),
            (Direction::ToClient, _) => {
                self.safe(path, "an optional field is gone, which older clients do without");
            }
            (Direction::ToServer, Others::Denied) => {
                let reason =
                    "a field is gone, older clients send it, and unknown fields are denied";
                self.breaking(path, reason);
            }
            (Direction::ToServer, Others::Ignored) => {
                self.safe(path, "a field is gone, and what older clients send is ignored");
            }
        }
    }

    /// The fields that have no name in the schema.
    fn others(&mut self, before: &Fields<'_>, after: &Fields<'_>, path: &str) {
        match (before.others, after.others) {
            (Others::Each(old), Others::Each(new)) => {
                self.schemas(old, new, &format!("{path}{{}}"));
            }
            (Others::Each(_), Others::Denied) => {
                self.narrows(path, "entries of any name are denied");
            }
            (Others::Denied, Others::Each(_)) => {
                self.widens(path, "entries of any name are new");
            }
            (Others::Each(_), Others::Ignored) => match self.direction {
                Direction::ToServer => self.breaking(path, "entries of any name are not read now"),
                Direction::ToClient => self.safe(path, "entries of any name are gone"),
            },
            (Others::Ignored, Others::Each(_)) => match self.direction {
                Direction::ToServer => self.safe(path, "entries of any name are new"),
                Direction::ToClient => {
                    self.safe(path, "entries of any name are new, and older clients ignore them");
                }
            },
            (Others::Ignored, Others::Denied) => {
                self.safe(
                    path,
                    "unknown fields are denied, and older clients neither send nor miss any",
                );
            }
            (Others::Denied, Others::Ignored) => {
                self.safe(path, "unknown fields are no longer denied");
            }
            (Others::Denied, Others::Denied) | (Others::Ignored, Others::Ignored) => {}
        }
    }

    /// Schemas for the entries of maps whose keys are no plain strings.
    fn keyed(&mut self, keyword: &str, old: Option<&Value>, new: Option<&Value>, path: &str) {
        match (old, new) {
            (Some(old), Some(new)) if keyword == "propertyNames" => {
                self.schemas(old, new, &format!("{path}{{key}}"));
            }
            (Some(Value::Object(old)), Some(Value::Object(new))) if old.keys().eq(new.keys()) => {
                for (pattern, old) in old {
                    self.schemas(old, &new[pattern], &format!("{path}{{}}"));
                }
            }
            (None, None) => {}
            _ => self.breaking(path, "the keys of the entries have changed"),
        }
    }

    /// Fewer values are possible than before.
    fn narrows(&mut self, path: &str, what: &str) {
        match self.direction {
            Direction::ToServer => {
                self.breaking(path, format!("{what}, and older clients may send what is refused"));
            }
            Direction::ToClient => {
                self.safe(path, format!("{what}, and older clients expect more"));
            }
        }
    }

    /// More values are possible than before.
    fn widens(&mut self, path: &str, what: &str) {
        match self.direction {
            Direction::ToServer => self.safe(path, format!("{what}, and older clients send less")),
            Direction::ToClient => {
                self.breaking(path, format!("{what}, and older clients do not expect it"));
            }
        }
    }

    fn safe(&mut self, path: &str, reason: impl Into<String>) {
        self.push(Severity::Safe, path, reason.into());
    }

    fn breaking(&mut self, path: &str, reason: impl Into<String>) {
        self.push(Severity::Breaking, path, reason.into());
    }

    fn push(&mut self, severity: Severity, path: &str, reason: String) {
        self.changes.push(Change { severity, path: path.to_owned(), reason });
    }
}

/// The alternative of the newer schema that stands for this one of the older: the one of its name,
/// or the only object where both have just one.
fn partner(old: &Alternative, before: &[Alternative], after: &[Alternative]) -> Option<usize> {
    let named = after.iter().position(|new| new.name == old.name && new.kind == old.kind);
    let is_object = |it: &&Alternative| it.kind == Kind::Object;
    let lone = |list: &[Alternative]| list.iter().filter(is_object).count() == 1;
    named.or_else(|| {
        let only = old.kind == Kind::Object && lone(before) && lone(after);
        only.then(|| after.iter().position(|new| new.kind == Kind::Object)).flatten()
    })
}
