//! A table of the file, from which a section takes its keys.

mod tables;
mod values;

use std::{collections::BTreeSet, path::Path as FilePath};

use toml::de::{DeTable, DeValue};

use super::{Reading, did_you_mean, path::Path};
use crate::config::{Located, Place};

/// A table of the file. [`finish`](Self::finish) it when all keys are taken.
pub(in crate::config) struct Table<'a> {
    reading: &'a Reading<'a>,
    path: Path,
    /// The path with `NAME` for names that the file chooses, and what kind of table it is where
    /// there are several.
    pattern: String,
    place: Place,
    /// Absent for a table that the file has not, but the environment.
    entries: Option<&'a DeTable<'a>>,
    taken: BTreeSet<&'static str>,
}

impl<'a> Table<'a> {
    pub(super) fn root(reading: &'a Reading<'a>, entries: &'a DeTable<'a>) -> Self {
        let (path, pattern) = (Path::root(), String::new());
        Self {
            reading,
            path,
            pattern,
            place: Place::Line(1),
            entries: Some(entries),
            taken: BTreeSet::new(),
        }
    }

    /// The names of what is in a table of this one.
    pub(in crate::config) fn names(&self, key: &str) -> BTreeSet<String> {
        match self.entry(key) {
            Some((_, DeValue::Table(entries))) => {
                entries.keys().map(|name| name.get_ref().to_string()).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Whether the file or the environment has this key.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        let path = self.path.join(key);
        let overridden = self.reading.environment.contains_key(&path.variable());
        overridden || self.reading.overrides_in(&path) || self.entry(key).is_some()
    }

    /// From here on, keys are those of this kind of table alone.
    pub(in crate::config) fn variant(&mut self, variant: &str) {
        self.pattern = format!("{} ({variant})", self.common_pattern());
    }

    /// Whether the file is TOML throughout, so that what is not found is not there.
    pub(in crate::config) fn is_whole(&self) -> bool {
        self.reading.damaged.is_empty()
    }

    /// What paths are relative to.
    pub(in crate::config) fn folder(&self) -> &'a FilePath {
        self.reading.folder
    }

    /// A variable of the environment.
    pub(in crate::config) fn environment(&self, name: &str) -> Option<&'a str> {
        self.reading.environment.get(name).map(String::as_str)
    }

    /// Notes that something is wrong with a key of this table, or with the table for want of it.
    pub(in crate::config) fn mistake(&self, key: &str, problem: impl Into<String>) {
        let place = match self.reading.overriding(&self.path.join(key)) {
            Some((variable, _)) => Place::Variable(variable),
            None => self.entry(key).map_or(self.place.clone(), |(place, _)| place),
        };
        self.wrong(key, place, problem);
    }

    /// Notes that something is wrong with a value.
    pub(in crate::config) fn mistake_at<T>(&self, value: &Located<T>, problem: impl Into<String>) {
        self.reading.note(value.place().clone(), value.key().to_owned(), problem);
    }

    /// Notes that a key is missing.
    pub(in crate::config) fn missing(&self, key: &str, expected: &str) {
        if self.is_whole() {
            self.wrong(key, self.place.clone(), format!("is missing; expected: {expected}"));
        }
    }

    /// Notes every key that nobody took.
    pub(in crate::config) fn finish(self) {
        // What follows a header that is not TOML seems to be in the root.
        if self.path.is_root() && !self.is_whole() {
            return;
        }
        for name in self.entries.into_iter().flat_map(DeTable::keys) {
            let key: &str = name.get_ref();
            if self.taken.contains(key) {
                continue;
            }
            let hint = did_you_mean(key, self.taken.iter().copied(), |known| format!("{known:?}"));
            let known: Vec<&str> = self.taken.iter().copied().collect();
            let hint =
                if hint.is_empty() { format!("; here may be {}", known.join(", ")) } else { hint };
            self.wrong(key, self.reading.place(&name.span()), format!("unknown key{hint}"));
        }
    }

    /// Leaves the table: it cannot be judged which keys belong here.
    pub(in crate::config) fn abandon(self) {
        let prefix = self.path.variable();
        self.reading.notes.borrow_mut().unjudged.push(prefix);
    }

    fn entry(&self, key: &str) -> Option<(Place, &'a DeValue<'a>)> {
        let (name, value) = self.entries?.get_key_value(key)?;
        // A table says in its header where it is; a value need not be on the line of its key.
        let span = if value.get_ref().is_table() { name.span() } else { value.span() };
        Some((self.reading.place(&span), value.get_ref()))
    }

    fn inner(&self, key: &str, pattern: &str, place: Place) -> Table<'a> {
        let dot = if self.pattern.is_empty() || pattern.is_empty() { "" } else { "." };
        let pattern = format!("{}{dot}{pattern}", self.common_pattern());
        let path = self.path.join(key);
        Table { reading: self.reading, path, pattern, place, entries: None, taken: BTreeSet::new() }
    }

    /// The pattern of all kinds of this table.
    fn common_pattern(&self) -> &str {
        self.pattern.split_once(" (").map_or(&self.pattern, |(common, _)| common)
    }

    fn wrong(&self, key: &str, place: Place, problem: impl Into<String>) {
        self.reading.note(place, self.path.join(key).text(), problem);
    }
}
