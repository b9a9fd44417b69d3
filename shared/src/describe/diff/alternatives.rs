//! A schema as the list of shapes that a value may have.

use serde_json::{Map, Value};

use crate::describe::document::Document;

/// How many references in a row are followed: one that leads to itself ends somewhere.
const MAX_DEPTH: usize = 32;

/// What a value is, in the words of JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Anything,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Constant(Value),
}

/// One shape that a value may have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alternative {
    pub(super) kind: Kind,
    /// How people and the other schema know it: `string`, `"red"`, `by="text"`.
    pub(super) name: String,
    /// What else the schema says about it.
    pub(super) keywords: Map<String, Value>,
}

impl Alternative {
    /// Whether every value of the other shape is certainly a value of this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let unbounded = !self.keywords.keys().any(|key| key != "type");
        match (&self.kind, &other.kind) {
            (Kind::Anything, _)
            | (Kind::String, Kind::Constant(Value::String(_)))
            | (Kind::Boolean, Kind::Constant(Value::Bool(_))) => unbounded,
            (Kind::Number, Kind::Constant(Value::Number(number))) => {
                unbounded && (self.keywords["type"] == "number" || !number.is_f64())
            }
            _ => false,
        }
    }

    /// Whether it is one variant of an enum with a tag inside.
    pub(super) fn is_tagged(&self) -> bool {
        self.name.contains('=')
    }
}

/// The shapes a value may have. References are followed and `anyOf`, `oneOf`, `enum` and lists of
/// types are spread out; what a schema says beside them holds for each.
pub(super) fn alternatives(schema: &Value, document: Document<'_>) -> Vec<Alternative> {
    let mut found: Vec<Alternative> = Vec::new();
    for (kind, keywords) in spread(schema, document, 0) {
        let name = name(&kind, &keywords);
        if found.iter().any(|it| it.kind == kind && it.keywords == keywords) {
            continue;
        }
        let same = found
            .iter()
            .filter(|it| it.name == name || it.name.starts_with(&(name.clone() + " ")))
            .count();
        let name = if same == 0 { name } else { format!("{name} {}", same + 1) };
        found.push(Alternative { kind, name, keywords });
    }
    found
}

fn spread(schema: &Value, document: Document<'_>, depth: usize) -> Vec<(Kind, Map<String, Value>)> {
    let Value::Object(keywords) = schema else {
        let never = *schema == Value::Bool(false);
        return if never { Vec::new() } else { vec![(Kind::Anything, Map::new())] };
    };
    if depth > MAX_DEPTH {
        return vec![(Kind::Anything, Map::new())];
    }
    let mut keywords = without_annotations(keywords);
    if let Some(target) = keywords.remove("$ref") {
        let target = document.resolve(&target).unwrap_or(&Value::Bool(true));
        return spread(&merged(&keywords, target), document, depth + 1);
    }
    if let Some(Value::Array(parts)) = keywords.remove("allOf") {
        let whole = parts.iter().fold(Value::Object(keywords), |whole, part| {
            let part = inlined(part, document);
            merged(whole.as_object().unwrap_or(&Map::new()), &part)
        });
        return spread(&whole, document, depth + 1);
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(Value::Array(choices)) = keywords.remove(union) {
            return choices
                .iter()
                .flat_map(|choice| spread(&merged(&keywords, choice), document, depth + 1))
                .collect();
        }
    }
    by_type(keywords)
}

/// The shapes of a schema that refers to no other.
fn by_type(mut keywords: Map<String, Value>) -> Vec<(Kind, Map<String, Value>)> {
    if let Some(value) = keywords.remove("const") {
        return vec![constant(value)];
    }
    if let Some(Value::Array(values)) = keywords.remove("enum") {
        return values.into_iter().map(constant).collect();
    }
    let types = match keywords.get("type") {
        Some(Value::Array(types)) => types.clone(),
        Some(one) => vec![one.clone()],
        None if keywords.contains_key("properties") => vec!["object".into()],
        None => return vec![(Kind::Anything, keywords)],
    };
    types
        .into_iter()
        .map(|it| {
            let kind = match it.as_str() {
                Some("null") => Kind::Null,
                Some("boolean") => Kind::Boolean,
                Some("integer" | "number") => Kind::Number,
                Some("string") => Kind::String,
                Some("array") => Kind::Array,
                Some("object") => Kind::Object,
                _ => Kind::Anything,
            };
            let mut keywords = keywords.clone();
            keywords.insert("type".to_owned(), it);
            (kind, keywords)
        })
        .collect()
}

fn constant(value: Value) -> (Kind, Map<String, Value>) {
    let kind = if value.is_null() { Kind::Null } else { Kind::Constant(value) };
    (kind, Map::new())
}

/// Both schemas at once: the fields of both, and where both speak of the same, the outer one.
fn merged(outer: &Map<String, Value>, inner: &Value) -> Value {
    let Value::Object(inner) = inner else {
        return if outer.is_empty() { inner.clone() } else { Value::Object(outer.clone()) };
    };
    let mut whole = inner.clone();
    for (key, value) in outer {
        match (whole.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => {
                known.extend(more.clone());
            }
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                known.extend(more.iter().cloned());
            }
            _ => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(whole)
}

fn inlined(schema: &Value, document: Document<'_>) -> Value {
    let target = schema.get("$ref").and_then(|target| document.resolve(target));
    target.unwrap_or(schema).clone()
}

fn without_annotations(keywords: &Map<String, Value>) -> Map<String, Value> {
    let ignored = |key: &str| key == "default" || crate::describe::fingerprint::is_annotation(key);
    keywords
        .iter()
        .filter(|(key, _)| !ignored(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Objects are told apart by their tag: the field with one possible value, or the only field.
fn name(kind: &Kind, keywords: &Map<String, Value>) -> String {
    match kind {
        Kind::Anything => "anything".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Boolean => "a boolean".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::String => "a string".to_owned(),
        Kind::Array => "an array".to_owned(),
        Kind::Constant(value) => value.to_string(),
        Kind::Object => tag(keywords).unwrap_or_else(|| "an object".to_owned()),
    }
}

fn tag(keywords: &Map<String, Value>) -> Option<String> {
    let fields = keywords.get("properties")?.as_object()?;
    let required = keywords.get("required")?.as_array()?;
    let required = |name: &str| required.iter().any(|it| it == name);
    let inside = fields.iter().find_map(|(name, field)| {
        let only = field.get("const").filter(|_| required(name))?;
        Some(format!("{name}={only}"))
    });
    inside.or_else(|| {
        let (name, _) =
            fields.iter().next().filter(|(name, _)| fields.len() == 1 && required(name))?;
        let closed = keywords.get("additionalProperties") == Some(&Value::Bool(false));
        closed.then(|| format!("the variant {name:?}"))
    })
}
