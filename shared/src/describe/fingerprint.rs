//! The fingerprint of a contract: by which client and server tell whether they mean the same one.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Describe, schema};

/// How much of the hash is kept: 96 bits, which are 16 characters.
const BYTES: usize = 12;

/// Keywords that say something to people and nothing to a validator.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords whose members are schemas by names that somebody chose.
const NAMED: &[&str] = &["actions", "events", "properties", "patternProperties", "$defs"];

/// Keywords that hold values, not schemas.
const VALUES: &[&str] = &["const", "default"];

/// Keywords that hold a set: the order of the list means nothing.
const SETS: &[&str] = &["required", "enum", "type"];

/// Keywords that hold alternatives.
const UNIONS: &[&str] = &["oneOf", "anyOf"];

/// What identifies the messages of a contract: 16 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The 16 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The fingerprint of a contract's schema: the beginning of the SHA-256 of its canonical text.
///
/// Docs are no part of it, nor is the order in which actions, events, fields and types are
/// declared: two contracts with the same fingerprint accept and send the same messages.
#[must_use]
pub fn fingerprint(schema: &Value) -> Fingerprint {
    let hash = Sha256::digest(Canonical::schema(schema).to_string());
    Fingerprint(BASE64_URL_SAFE_NO_PAD.encode(&hash[..BYTES]))
}

/// A contract's fingerprint, made when it is first needed. The derive has one per contract.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lazy(OnceLock<Option<Fingerprint>>);

impl Lazy {
    /// Not made yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// A contract that cannot be carried has none, which the test of its files says.
    pub fn fingerprint<C: Describe>(&self) -> Option<&str> {
        let make = || schema(&C::describe()).ok().map(|schema| fingerprint(&schema));
        self.0.get_or_init(make).as_ref().map(Fingerprint::as_str)
    }
}

impl Default for Lazy {
    fn default() -> Self {
        Self::new()
    }
}

/// JSON to be read by people and kept in a repository: the keys are in order.
#[cfg(feature = "export")]
pub(super) fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(&Canonical::value(value));
    text.expect("JSON with string keys can be written") + "\n"
}

/// Whether a keyword says something to people alone.
pub(super) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword)
}

/// JSON with the keys in order, whatever the map of `serde_json` is in this build.
#[derive(Serialize)]
#[serde(untagged)]
enum Canonical<'a> {
    Map(BTreeMap<&'a str, Self>),
    List(Vec<Self>),
    Scalar(&'a Value),
}

impl<'a> Canonical<'a> {
    fn schema(schema: &'a Value) -> Self {
        if let Some(values) = constants(schema) {
            return Self::Map(BTreeMap::from([("enum", Self::set(values))]));
        }
        let Value::Object(members) = schema else { return Self::value(schema) };
        let kept = members.iter().filter(|(key, _)| !is_annotation(key));
        Self::Map(kept.map(|(key, value)| (key.as_str(), Self::keyword(key, value))).collect())
    }

    fn keyword(key: &str, value: &'a Value) -> Self {
        match value {
            Value::Object(members) if NAMED.contains(&key) => Self::Map(
                members.iter().map(|(name, it)| (name.as_str(), Self::schema(it))).collect(),
            ),
            Value::Array(items) if SETS.contains(&key) => Self::set(items.iter().collect()),
            Value::Array(items) if UNIONS.contains(&key) => Self::union(items),
            _ if VALUES.contains(&key) => Self::value(value),
            Value::Array(items) => Self::List(items.iter().map(Self::schema).collect()),
            _ => Self::schema(value),
        }
    }

    /// The unit variants of an enum come as one list where they have no docs and as schemas of
    /// their own where they have: in either case they are one list here.
    fn union(items: &'a [Value]) -> Self {
        let mut schemas = Vec::new();
        let mut values = Vec::new();
        for item in items {
            match constants(item) {
                Some(more) => values.extend(more),
                None => schemas.push(Self::schema(item)),
            }
        }
        if !values.is_empty() {
            schemas.push(Self::Map(BTreeMap::from([("enum", Self::set(values))])));
        }
        Self::List(schemas)
    }

    fn set(values: Vec<&'a Value>) -> Self {
        let mut values: Vec<_> = values.into_iter().map(Self::value).collect();
        values.sort_by_cached_key(Self::to_string);
        Self::List(values)
    }

    fn value(value: &'a Value) -> Self {
        match value {
            Value::Object(members) => {
                Self::Map(members.iter().map(|(key, it)| (key.as_str(), Self::value(it))).collect())
            }
            Value::Array(items) => Self::List(items.iter().map(Self::value).collect()),
            scalar => Self::Scalar(scalar),
        }
    }
}

/// The values of a schema that lists them and says nothing else.
fn constants(schema: &Value) -> Option<Vec<&Value>> {
    let members = schema.as_object()?;
    let mut kept = members.iter().filter(|(key, _)| *key != "type" && !is_annotation(key));
    match (kept.next()?, kept.next()) {
        ((key, value), None) if key == "const" => Some(vec![value]),
        ((key, Value::Array(values)), None) if key == "enum" => Some(values.iter().collect()),
        ((key, Value::Array(items)), None) if UNIONS.contains(&key.as_str()) => {
            let values: Option<Vec<_>> = items.iter().map(constants).collect();
            values.map(|values| values.into_iter().flatten().collect())
        }
        _ => None,
    }
}

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).expect("JSON with string keys can be written"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fingerprint;

    #[test]
    fn docs_and_order_do_not_change_it() {
        let bare = json!({
            "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/B"}},
            "required": ["a", "b"],
            "$defs": {"B": {"enum": ["x", "y"]}},
        });
        let documented = json!({
            "$defs": {"B": {"enum": ["y", "x"], "description": "Which.", "title": "B"}},
            "required": ["b", "a"],
            "title": "A contract",
            "properties": {
                "b": {"description": "See B.", "$ref": "#/$defs/B"},
                "a": {"type": "string", "examples": ["a"]},
            },
        });
        assert_eq!(fingerprint(&bare), fingerprint(&documented));
        assert_eq!(fingerprint(&bare).as_str().len(), 16);
    }

    #[test]
    fn docs_on_some_variants_do_not_change_it() {
        let bare = json!({"type": "string", "enum": ["a", "b", "c"]});
        let documented = json!({"oneOf": [
            {"type": "string", "enum": ["b", "c"]},
            {"type": "string", "const": "a", "description": "The first."},
        ]});
        assert_eq!(fingerprint(&bare), fingerprint(&documented));
        let mixed = |units: serde_json::Value| json!({"oneOf": [units, {"type": "object"}]});
        assert_eq!(fingerprint(&mixed(bare)), fingerprint(&mixed(documented)));
    }

    #[test]
    fn a_field_called_description_is_no_description() {
        let with = json!({"properties": {"description": {"type": "string"}}});
        let without = json!({"properties": {}});
        assert_ne!(fingerprint(&with), fingerprint(&without));
        let nested = json!({"properties": {"description": {"type": "string", "title": "T"}}});
        assert_eq!(fingerprint(&with), fingerprint(&nested));
        let value = json!({"const": {"title": "a"}});
        assert_ne!(fingerprint(&value), fingerprint(&json!({"const": {"title": "b"}})));
    }

    #[test]
    fn every_constraint_is_part_of_it() {
        let texts = [
            json!({"type": "string"}),
            json!({"type": "string", "maxLength": 3}),
            json!({"type": "string", "maxLength": 4}),
            json!({"type": "string", "pattern": "^a$"}),
            json!({"type": ["string", "null"]}),
        ];
        let prints: std::collections::BTreeSet<_> = texts.iter().map(fingerprint).collect();
        assert_eq!(prints.len(), texts.len());
    }
}
