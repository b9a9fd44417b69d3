//! Taking values from a table.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::{Spanned, de::DeValue};

use super::{
    super::{Key, Kind, Need, scalar::Scalar},
    Table,
};
use crate::config::{Located, Place};

/// What is written at a key.
enum Written {
    Nothing,
    /// Something, but what is noted already to be wrong.
    Unreadable,
    Scalar(Scalar, Place),
}

#[expect(clippy::needless_pass_by_value, reason = "a kind is written where a key is taken")]
impl Table<'_> {
    /// The value of a key that has to be there. What is missing or wrong is noted.
    pub(in crate::config) fn required<K: Kind>(
        &mut self,
        key: &'static str,
        kind: K,
    ) -> Option<Located<K::Value>> {
        self.ask(key, kind.name(), Need::Required);
        let written = self.scalar(key);
        if matches!(written, Written::Nothing) {
            self.missing(key, &kind.name());
        }
        self.convert(key, written, &kind)
    }

    /// The value of a key that may be absent.
    pub(in crate::config) fn optional<K: Kind>(
        &mut self,
        key: &'static str,
        kind: K,
    ) -> Option<Located<K::Value>> {
        self.ask(key, kind.name(), Need::Optional);
        self.convert(key, self.scalar(key), &kind)
    }

    /// The value of a key, else its default, which is written as in the file.
    pub(in crate::config) fn or<K: Kind>(
        &mut self,
        key: &'static str,
        default: &'static str,
        kind: K,
    ) -> Located<K::Value> {
        self.ask(key, kind.name(), Need::Default(default));
        let found = self.convert(key, self.scalar(key), &kind);
        found.unwrap_or_else(|| {
            let value = kind.read(&Scalar::Variable(default.to_owned()));
            let value = value.unwrap_or_else(|problem| {
                unreachable!("the default {default} of {key} is right, and yet: {problem}")
            });
            self.constant(key, value)
        })
    }

    /// A value that nobody wrote, at the key where it could have been written.
    pub(in crate::config) fn constant<T>(&self, key: &str, value: T) -> Located<T> {
        Located::new(value, self.path.join(key).text(), self.place.clone())
    }

    /// An array of texts, each of this kind; empty if it is absent.
    pub(in crate::config) fn list<K: Kind>(
        &mut self,
        key: &'static str,
        need: Need,
        kind: K,
    ) -> Vec<Located<K::Value>> {
        self.ask(key, format!("array: {}", kind.name()), need);
        let Some((place, value)) = self.entry(key) else {
            if need == Need::Required {
                self.missing(key, &format!("an array: {}", kind.name()));
            }
            return Vec::new();
        };
        let DeValue::Array(array) = value else {
            self.wrong(key, place, "expected an array such as [\"…\", \"…\"]");
            return Vec::new();
        };
        if array.is_empty() && need == Need::Required {
            self.wrong(key, place, "the array is empty");
        }
        let items = array.iter().filter_map(|item| {
            let place = self.reading.place(&item.span());
            let scalar = self.checked(key, &place, item.get_ref())?;
            self.convert(key, Written::Scalar(scalar, place), &kind)
        });
        items.collect()
    }

    /// A table of values of this kind with names that the file chooses; empty if it is absent.
    pub(in crate::config) fn map<K: Kind>(
        &mut self,
        key: &'static str,
        kind: K,
    ) -> BTreeMap<String, Located<K::Value>> {
        self.ask(key, format!("table: {}", kind.name()), Need::Optional);
        let Some((place, value)) = self.entry(key) else { return BTreeMap::new() };
        let DeValue::Table(entries) = value else {
            self.wrong(key, place, "expected a table such as { name = \"…\" }");
            return BTreeMap::new();
        };
        let inner = Table { entries: Some(entries), ..self.inner(key, key, place) };
        let items = entries.keys().filter_map(|name| {
            let value = inner.convert(name.get_ref(), inner.scalar(name.get_ref()), &kind)?;
            Some((name.get_ref().to_string(), value))
        });
        items.collect()
    }

    /// Any value, as JSON.
    pub(in crate::config) fn json(
        &mut self,
        key: &'static str,
        kind: &str,
    ) -> Option<Located<Value>> {
        self.ask(key, kind.to_owned(), Need::Optional);
        let (place, value) = self.entry(key)?;
        let json = self.to_json(key, &place, value)?;
        Some(Located::new(json, self.path.join(key).text(), place))
    }
}

impl Table<'_> {
    fn ask(&mut self, key: &'static str, kind: String, need: Need) {
        self.taken.insert(key);
        let key = Key { table: self.pattern.clone(), name: key, kind, need };
        self.reading.notes.borrow_mut().keys.push(key);
    }

    /// What is written at a key.
    fn scalar(&self, key: &str) -> Written {
        if let Some((variable, value)) = self.reading.overriding(&self.path.join(key)) {
            return Written::Scalar(Scalar::Variable(value.to_owned()), Place::Variable(variable));
        }
        let Some((place, value)) = self.entry(key) else { return Written::Nothing };
        match self.checked(key, &place, value) {
            Some(scalar) => Written::Scalar(scalar, place),
            None => Written::Unreadable,
        }
    }

    fn checked(&self, key: &str, place: &Place, value: &DeValue<'_>) -> Option<Scalar> {
        let scalar = Scalar::of(value, self.reading.environment);
        scalar.map_err(|problem| self.wrong(key, place.clone(), problem)).ok()
    }

    fn convert<K: Kind>(&self, key: &str, written: Written, kind: &K) -> Option<Located<K::Value>> {
        let Written::Scalar(scalar, place) = written else { return None };
        match kind.read(&scalar) {
            Ok(value) => Some(Located::new(value, self.path.join(key).text(), place)),
            Err(problem) => {
                self.wrong(key, place, problem);
                None
            }
        }
    }

    fn to_json(&self, key: &str, place: &Place, value: &DeValue<'_>) -> Option<Value> {
        let item = |item: &Spanned<DeValue<'_>>| {
            self.to_json(key, &self.reading.place(&item.span()), item.get_ref())
        };
        match value {
            DeValue::Array(array) => {
                array.iter().map(item).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            DeValue::Table(table) => {
                let members = table
                    .iter()
                    .map(|(name, value)| Some((name.get_ref().to_string(), item(value)?)));
                members.collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
            }
            scalar => match self.checked(key, place, scalar)? {
                Scalar::Text(text) | Scalar::Variable(text) => Some(text.into()),
                Scalar::Integer(number) => Some(number.into()),
                Scalar::Boolean(boolean) => Some(boolean.into()),
                other @ (Scalar::Float(_) | Scalar::Other(_)) => {
                    let problem = format!("expected what JSON has, not {}", other.article());
                    self.wrong(key, place.clone(), problem);
                    None
                }
            },
        }
    }
}
