//! The configuration as it comes together, and its text.

use std::fmt;

use toml::Value;

/// The keys of a table, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Keys(Vec<(String, Value)>);

impl Keys {
    pub(super) fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// Sets a key that has a value.
    pub(super) fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Sets a table that is not empty.
    pub(super) fn table(&mut self, key: &str, table: toml::Table) {
        if !table.is_empty() {
            self.set(key, table);
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Sections by name, in the order of the template.
pub(super) type Sections = Vec<(String, Keys)>;

/// The configuration; displayed, it is a `gateway.toml`.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) api: Keys,
    pub(super) stages: Sections,
    pub(super) routes: Sections,
    pub(super) integrations: Sections,
    pub(super) functions: Sections,
    pub(super) queues: Sections,
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut section = |f: &mut fmt::Formatter<'_>, path: &str, keys: &Keys| {
            if !std::mem::take(&mut first) {
                f.write_str("\n")?;
            }
            writeln!(f, "[{path}]")?;
            keys.0.iter().try_for_each(|(name, value)| writeln!(f, "{} = {value}", key(name)))
        };
        if !self.api.is_empty() {
            section(f, "api", &self.api)?;
        }
        let all = [
            ("stages", &self.stages),
            ("routes", &self.routes),
            ("integrations", &self.integrations),
            ("functions", &self.functions),
            ("queues", &self.queues),
        ];
        for (kind, sections) in all {
            for (name, keys) in sections {
                section(f, &format!("{kind}.{}", key(name)), keys)?;
            }
        }
        Ok(())
    }
}

/// A key as TOML has it.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}
