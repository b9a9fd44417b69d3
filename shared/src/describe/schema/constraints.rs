//! The constraints of a field, as keywords of its schema.
//!
//! The derive `JsonSchema` notes what `#[garde(…)]` says; here the type is known on the wire, and
//! so whether it can take the constraint. One that it cannot take is refused: left out, it would
//! look as if somebody checked it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::NotCarried;
use crate::__private::CONSTRAINTS;

type Object = Map<String, Value>;

/// Writes the keywords of the constraints that are noted in a schema, and removes the note.
pub(super) fn apply(object: &mut Object, path: &str) -> Result<(), NotCarried> {
    match object.remove(CONSTRAINTS) {
        Some(Value::Object(constraints)) => apply_all(object, &constraints, path),
        _ => Ok(()),
    }
}

fn apply_all(object: &mut Object, constraints: &Object, path: &str) -> Result<(), NotCarried> {
    for (rule, value) in constraints {
        match (rule.as_str(), Kind::of(object)) {
            ("length", Kind::Text) => tighten(object, ["minLength", "maxLength"], value, path)?,
            ("length", Kind::List) => tighten(object, ["minItems", "maxItems"], value, path)?,
            ("range", Kind::Integer | Kind::Number) => {
                tighten(object, ["minimum", "maximum"], value, path)?;
            }
            ("pattern", Kind::Text) => {
                if object.contains_key("pattern") {
                    return Err(NotCarried::new(
                        path,
                        "its type has a pattern of its own, and there is one check for one text",
                        "remove one of the two",
                    ));
                }
                object.insert("pattern".to_owned(), value.clone());
            }
            ("inner", Kind::List) => inner(object, value, path)?,
            (rule, kind) => return Err(misfit(rule, kind, object, path)),
        }
    }
    Ok(())
}

fn inner(object: &mut Object, constraints: &Value, path: &str) -> Result<(), NotCarried> {
    let path = format!("{path}[]");
    match (object.get_mut("items"), constraints) {
        (Some(Value::Object(items)), Value::Object(constraints)) => {
            // What a constraint is compared with, such as the bounds of an `u8`, comes first.
            super::carried::bound(items);
            apply_all(items, constraints, &path)
        }
        (_, constraints) => {
            let rules = constraints.as_object().into_iter().flatten();
            let rule = rules.map(|(rule, _)| rule.as_str()).next().unwrap_or("inner");
            Err(misfit(rule, Kind::Anything, object, &path))
        }
    }
}

/// Writes the bounds, unless the type has tighter ones.
fn tighten(
    object: &mut Object,
    [least, most]: [&str; 2],
    bounds: &Value,
    path: &str,
) -> Result<(), NotCarried> {
    for (keyword, bound, tighter) in
        [(least, &bounds["min"], Ordering::Greater), (most, &bounds["max"], Ordering::Less)]
    {
        if bound.is_null() {
            continue;
        }
        if is_integer(object, keyword) && !bound.is_i64() && !bound.is_u64() {
            return Err(NotCarried::new(
                path,
                format!("it is an integer, and {bound} is none"),
                "give it a bound that is one",
            ));
        }
        if object.get(keyword).is_none_or(|own| compare(bound, own) == Some(tighter)) {
            object.insert(keyword.to_owned(), bound.clone());
        }
    }
    match (object.get(least), object.get(most)) {
        (Some(least), Some(most)) if compare(least, most) == Some(Ordering::Greater) => {
            Err(NotCarried::new(
                path,
                format!("nothing is at least {least} and at most {most}"),
                "change one of the bounds; the type may have its own",
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a bound of this keyword is an integer: all are, but those of floats.
fn is_integer(object: &Object, keyword: &str) -> bool {
    !matches!(keyword, "minimum" | "maximum") || Kind::of(object) == Kind::Integer
}

fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    let integer = |it: &Value| it.as_i64().map(i128::from).or(it.as_u64().map(i128::from));
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// What a value is on the wire, as far as constraints care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// Text of a form of its own: base64, an integer of 64 bits.
    Form,
    Integer,
    Number,
    Boolean,
    List,
    Tuple,
    Object,
    Enum,
    /// A type that has a name in the document, and constraints of its own.
    Message,
    Null,
    Anything,
}

impl Kind {
    fn of(object: &Object) -> Self {
        if reference(object).is_some() {
            return Self::Message;
        }
        if ["enum", "const", "oneOf", "anyOf", "allOf"].iter().any(|it| object.contains_key(*it)) {
            return Self::Enum;
        }
        let name = match object.get("type") {
            Some(Value::String(name)) => Some(name.as_str()),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).find(|it| *it != "null")
            }
            _ => None,
        };
        match name {
            Some("string") if object.contains_key("format") => Self::Form,
            Some("string") => Self::Text,
            Some("integer") => Self::Integer,
            Some("number") => Self::Number,
            Some("boolean") => Self::Boolean,
            Some("array") if object.contains_key("items") => Self::List,
            Some("array") => Self::Tuple,
            Some("object") => Self::Object,
            Some("null") => Self::Null,
            _ => Self::Anything,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Form => "a text with a form of its own",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::List => "a list",
            Self::Tuple => "a tuple",
            Self::Object => "an object or a map",
            Self::Enum => "an enum",
            Self::Message => "a message of its own",
            Self::Null => "`null`",
            Self::Anything => "any JSON",
        }
    }
}

/// The name of the type that a schema refers to, also as an `Option` of it.
fn reference(object: &Object) -> Option<&str> {
    let target = match object.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([schema, null]) if null["type"] == "null" => &schema["$ref"],
        _ => object.get("$ref")?,
    };
    target.as_str()?.rsplit('/').next()
}

fn misfit(rule: &str, kind: Kind, object: &Object, path: &str) -> NotCarried {
    let fits = match rule {
        "length" => "texts and lists",
        "range" => "numbers",
        "pattern" => "texts",
        "inner" => "lists",
        _ => "nothing that both ends check",
    };
    let is = match reference(object) {
        Some(name) => format!("`{name}`, a type of its own"),
        None => kind.words().to_owned(),
    };
    let way_out = match reference(object) {
        Some(name) => format!("say it inside of `{name}`, if that is yours, or remove it"),
        None => "remove it, or change the type of the field".to_owned(),
    };
    NotCarried::new(path, format!("`{rule}` is for {fits}, and this is {is}"), way_out)
}
