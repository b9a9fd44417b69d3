//! What JSON can carry: corrects the schemas that schemars writes to what serde does, and refuses
//! what would not arrive as it was sent.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::constraints;

/// The largest integer that JavaScript, and so JSON as a browser reads it, has exactly.
const EXACT: i64 = (1 << 53) - 1;

/// A type of the contract cannot travel as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}; {way_out}")]
#[non_exhaustive]
pub struct NotCarried {
    /// Where: `Statistics.total`.
    pub path: String,
    /// Why not.
    pub reason: Cow<'static, str>,
    /// What to write instead.
    pub way_out: Cow<'static, str>,
}

impl NotCarried {
    pub(crate) fn new(
        path: &str,
        reason: impl Into<Cow<'static, str>>,
        way_out: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { path: path.to_owned(), reason: reason.into(), way_out: way_out.into() }
    }
}

/// Corrects a schema and all within it. The path is for the error.
pub(super) fn correct(schema: &mut Value, path: &str) -> Result<(), NotCarried> {
    let Value::Object(object) = schema else { return Ok(()) };
    refuse(object, path)?;
    bound(object);
    correct_content(object);
    constraints::apply(object, path)?;
    // serde reads an item twice and keeps it once.
    object.remove("uniqueItems");
    for (keyword, value) in object {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                for (name, field) in fields {
                    correct(field, &format!("{path}.{name}"))?;
                }
            }
            ("items" | "additionalProperties", value) => correct(value, &format!("{path}[]"))?,
            ("prefixItems", Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    correct(item, &format!("{path}[{index}]"))?;
                }
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(variants)) => {
                for variant in variants {
                    correct(variant, path)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse(object: &Map<String, Value>, path: &str) -> Result<(), NotCarried> {
    let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
    let refused = if matches!(format, "int128" | "uint128") {
        Some((
            "an integer of 128 bits is more than a number of JSON holds",
            "make it a `String`, or one of `gatewire::types` if 64 bits are enough",
        ))
    } else if object.contains_key("patternProperties") {
        Some((
            "the keys of a map are not strings",
            "JSON has string keys alone: use `String`, or a `Vec` of pairs",
        ))
    } else if object.contains_key("unevaluatedProperties") {
        Some((
            "`deny_unknown_fields` beside `flatten`, which serde does not check",
            "remove one of the two",
        ))
    } else {
        None
    };
    match refused {
        Some((reason, way_out)) => Err(NotCarried::new(path, reason, way_out)),
        None => Ok(()),
    }
}

/// Writes both bounds of an integer in place of the name of its Rust type. A constraint that is
/// tighter stays.
pub(super) fn bound(object: &mut Map<String, Value>) {
    let format = object.get("format").and_then(Value::as_str);
    let (least, most) = match format {
        Some("uint8") => (0, i64::from(u8::MAX)),
        Some("uint16") => (0, i64::from(u16::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some("uint64" | "uint") => (0, EXACT),
        Some("int8") => (i64::from(i8::MIN), i64::from(i8::MAX)),
        Some("int16") => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64" | "int") => (-EXACT, EXACT),
        Some("float") => return bound_float(object, f64::from(f32::MAX)),
        Some("double") => {
            object.remove("format");
            return;
        }
        _ => return,
    };
    if !is(object, "integer") {
        return;
    }
    object.remove("format");
    let own = |keyword| object.get(keyword).and_then(Value::as_i64);
    let least = own("minimum").map_or(least, |own| own.max(least));
    let most = own("maximum").map_or(most, |own| own.min(most));
    object.insert("minimum".to_owned(), least.into());
    object.insert("maximum".to_owned(), most.into());
}

/// Writes the bounds of an `f32`: serde makes infinity of what is beyond.
fn bound_float(object: &mut Map<String, Value>, most: f64) {
    object.remove("format");
    object.entry("minimum").or_insert((-most).into());
    object.entry("maximum").or_insert(most.into());
}

/// Where `#[message]` says that the variants of this enum have their content in a field, corrects
/// what schemars says of that field: serde wants `null`, or nothing, where a variant has no content,
/// and takes nothing where the content is an `Option`.
fn correct_content(object: &mut Map<String, Value>) {
    let Some(Value::String(content)) = object.remove(crate::__private::CONTENT) else { return };
    for variant in object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(Value::Object(fields)) = variant.get_mut("properties") else { continue };
        let field = fields.entry(content.clone()).or_insert(json!({ "type": "null" }));
        if is_option(field)
            && let Some(Value::Array(required)) = variant.get_mut("required")
        {
            required.retain(|name| *name != *content);
        }
    }
}

/// Whether schemars wrote this for an `Option`.
fn is_option(schema: &Value) -> bool {
    let has_null = |list: &Value, null: Value| list.as_array().is_some_and(|it| it.contains(&null));
    has_null(&schema["type"], json!("null"))
        || has_null(&schema["anyOf"], json!({ "type": "null" }))
}

/// Whether the schema is of this type, or of it and others.
fn is(object: &Map<String, Value>, name: &str) -> bool {
    match object.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}
