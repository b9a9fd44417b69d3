//! Where the schema of a contract keeps what.

use std::collections::BTreeMap;

use serde_json::Value;

/// A contract's schema, to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    root: &'a Value,
}

/// The schemas of one action.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActionSchemas<'a> {
    pub(super) data: &'a Value,
    pub(super) reply: &'a Value,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root }
    }

    /// The actions by name.
    pub(super) fn actions(self) -> BTreeMap<&'a str, ActionSchemas<'a>> {
        let schemas =
            |action| ActionSchemas { data: part(action, "data"), reply: part(action, "reply") };
        self.members("actions").map(|(name, action)| (name.as_str(), schemas(action))).collect()
    }

    /// The data of the events by name.
    pub(super) fn events(self) -> BTreeMap<&'a str, &'a Value> {
        self.members("events").map(|(name, event)| (name.as_str(), part(event, "data"))).collect()
    }

    /// The types that the schemas refer to, by name.
    pub(super) fn definitions(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.members("$defs")
    }

    /// The schema that a `$ref` leads to.
    pub(super) fn resolve(self, target: &Value) -> Option<&'a Value> {
        self.root.pointer(target.as_str()?.strip_prefix('#')?)
    }

    fn members(self, of: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.root.get(of).and_then(Value::as_object).into_iter().flatten()
    }
}

/// A part of an action or event; a document that says nothing of it allows anything.
fn part<'a>(of: &'a Value, name: &str) -> &'a Value {
    of.get(name).unwrap_or(&Value::Bool(true))
}
