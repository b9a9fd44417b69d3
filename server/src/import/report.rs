//! What could not be carried over.

use std::fmt;

use super::value::{Form, Value};

/// Something in the template that the configuration does not have, or has otherwise.
///
/// ```text
/// 12: ChatFunction.Layers: a layer is not unpacked; install what is in it beside the function
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Omission {
    /// The line of the template, from 1.
    pub line: usize,
    /// The resource by its logical id, and what of it.
    pub path: String,
    /// Why, and what to do about it.
    pub reason: String,
}

impl fmt::Display for Omission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.path, self.reason)
    }
}

/// Omissions as they are found.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Omission>);

impl Report {
    pub(super) fn omit(&mut self, line: usize, path: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Omission { line, path: path.into(), reason: reason.into() });
    }

    /// By line.
    pub(super) fn into_sorted(self) -> Vec<Omission> {
        let mut list = self.0;
        list.sort();
        list.dedup();
        list
    }

    /// A text in which no resource is named; what is none is listed.
    pub(super) fn literal(&mut self, path: &str, value: &Value) -> Option<String> {
        let reason = match &value.form {
            Form::Text(text) => match text.literal() {
                Some(text) => return Some(text),
                None => "only a deployment knows it".to_owned(),
            },
            Form::Unknown(reason) => reason.clone(),
            Form::List(_) | Form::Map(_) => "a text was expected".to_owned(),
        };
        self.omit(value.line, path, reason);
        None
    }
}

/// The properties of a resource. Each is taken once; those that nobody took are listed.
#[derive(Clone, Debug)]
pub(super) struct Properties {
    /// The logical id, and where in the resource.
    pub(super) path: String,
    /// Of the resource.
    pub(super) line: usize,
    entries: Vec<(String, Value)>,
}

impl Properties {
    pub(super) fn new(path: impl Into<String>, value: Value) -> Self {
        Self { path: path.into(), line: value.line, entries: value.into_entries() }
    }

    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(at).1)
    }

    /// Takes a table of properties.
    pub(super) fn table(&mut self, key: &str) -> Option<Self> {
        let path = self.path(key);
        self.take(key).map(|value| Self::new(path, value))
    }

    /// Takes a text; one that is not known is listed.
    pub(super) fn text(&mut self, key: &str, report: &mut Report) -> Option<String> {
        let value = self.take(key)?;
        report.literal(&self.path(key), &value)
    }

    /// Takes a whole number; one that is none is listed.
    pub(super) fn number(&mut self, key: &str, report: &mut Report) -> Option<i64> {
        let line = self.get(key)?.line;
        let text = self.text(key, report)?;
        let number = text.parse().ok();
        if number.is_none() {
            report.omit(line, self.path(key), format!("{text:?} is no number"));
        }
        number
    }

    /// Takes what says nothing about how a gateway behaves.
    pub(super) fn pass_over(&mut self, keys: &[&str]) {
        self.entries.retain(|(name, _)| !keys.contains(&name.as_str()));
    }

    /// The rest, for tables whose keys are the template's own.
    pub(super) fn into_entries(self) -> Vec<(String, Value)> {
        self.entries
    }

    /// Adds what the template says for all, where this says nothing.
    pub(super) fn or(&mut self, key: &str, value: &Value) {
        if self.get(key).is_none() {
            self.entries.push((key.to_owned(), value.clone()));
        }
    }

    /// Lists what nobody took.
    pub(super) fn finish(self, report: &mut Report, reason: impl Fn(&str) -> &'static str) {
        for (key, value) in &self.entries {
            let reason = match &value.form {
                Form::Unknown(reason) => reason,
                Form::Text(_) | Form::List(_) | Form::Map(_) => reason(key),
            };
            report.omit(value.line, self.path(key), reason);
        }
    }
}
