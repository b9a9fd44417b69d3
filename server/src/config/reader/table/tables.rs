//! Taking tables from a table.

use toml::de::DeValue;

use super::Table;
use crate::config::{Located, Place};

impl<'a> Table<'a> {
    /// A table within this one, if the file or the environment has it.
    pub(in crate::config) fn table(&mut self, key: &'static str) -> Option<Table<'a>> {
        self.taken.insert(key);
        let Some((place, value)) = self.entry(key) else {
            let overridden = self.reading.overrides_in(&self.path.join(key));
            return overridden.then(|| self.inner(key, key, self.place.clone()));
        };
        self.as_table(key, key, (place, value))
    }

    /// A table within this one; empty if it is absent.
    pub(in crate::config) fn section(&mut self, key: &'static str) -> Table<'a> {
        self.table(key).unwrap_or_else(|| self.inner(key, key, self.place.clone()))
    }

    /// The tables within this one whose names the file chooses, by name.
    pub(in crate::config) fn tables(&mut self) -> Vec<(Located<String>, Table<'a>)> {
        let entries = self.entries.into_iter().flatten();
        let tables = entries.filter_map(|(name, value)| {
            let name_place = self.reading.place(&name.span());
            let table =
                self.as_table(name.get_ref(), "NAME", (name_place.clone(), value.get_ref()))?;
            let path = self.path.join(name.get_ref()).text();
            Some((Located::new(name.get_ref().to_string(), path, name_place), table))
        });
        tables.collect()
    }

    /// The tables of an array, `[[key]]`.
    pub(in crate::config) fn array(&mut self, key: &'static str) -> Vec<Table<'a>> {
        self.taken.insert(key);
        let Some((place, value)) = self.entry(key) else { return Vec::new() };
        let DeValue::Array(array) = value else {
            self.wrong(
                key,
                place,
                format!("expected an array of tables, [[{}]]", self.path.join(key).text()),
            );
            return Vec::new();
        };
        let list = self.inner(key, key, place);
        let tables = array.iter().enumerate().filter_map(|(index, item)| {
            let place = self.reading.place(&item.span());
            list.as_table(&index.to_string(), "", (place, item.get_ref()))
        });
        tables.collect()
    }

    fn as_table(
        &self,
        key: &str,
        pattern: &str,
        (place, value): (Place, &'a DeValue<'a>),
    ) -> Option<Table<'a>> {
        let DeValue::Table(entries) = value else {
            self.wrong(key, place, format!("expected a table, [{}]", self.path.join(key).text()));
            return None;
        };
        Some(Table { entries: Some(entries), ..self.inner(key, pattern, place) })
    }
}
