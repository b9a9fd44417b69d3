//! One shape: what a value has to be.

use std::fmt::Write as _;

/// What a value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Any JSON.
    Any,
    Null,
    Boolean,
    /// A number; the bounds are numbers as JavaScript writes them.
    Number(Bounds<String>),
    /// A number that JSON writes without point and exponent.
    Integer(Bounds<String>),
    /// The digits of an integer of 64 bits, in a string. In JavaScript it becomes a bigint.
    Int64(Bounds<i128>),
    Text(Text),
    /// `null`, or this.
    Nullable(Box<Shape>),
    /// The shape with this number among those that others refer to.
    Reference(usize),
    /// An array of any number of the same.
    List {
        items: Box<Shape>,
        length: Bounds<usize>,
    },
    /// An array of these.
    Tuple(Vec<Shape>),
    /// An object.
    Object {
        /// Those that have to be there are first.
        fields: Vec<(String, Shape)>,
        /// How many have to be there.
        required: usize,
        /// What other members are; without it there are none.
        others: Option<Box<Shape>>,
    },
    /// An object with one member, which is one of these.
    Keyed(Vec<(String, Shape)>),
    /// An object; the member with this name says which of the shapes it has.
    Tagged {
        tag: String,
        variants: Vec<(String, Shape)>,
    },
    /// One of these; the first that fits.
    AnyOf(Vec<Shape>),
}

/// What a string has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// So many characters.
    Length(Bounds<usize>),
    /// One of these.
    OneOf(Vec<String>),
    /// Characters of these classes, one class after the other.
    Form(Vec<Class>),
    /// Base64 with padding.
    Base64,
}

/// The least and the most, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds<T> {
    pub(super) least: Option<T>,
    pub(super) most: Option<T>,
}

/// A class of characters, and how often there is one of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// The first and the last character of each range.
    pub(super) ranges: Vec<(char, char)>,
    pub(super) least: u32,
    pub(super) most: Option<u32>,
}

/// How the text of a table refers to anything, which is the list at this place of it.
pub(super) const ANY: &str = "1";

/// The place of the first of the lists that are the contract's own.
const FIRST_REFERENCE: usize = 2;

/// Base64 with padding whose unused bits are zero, as a regular expression.
const BASE64: &str =
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

impl<T> Bounds<T> {
    pub(super) const NONE: Self = Self { least: None, most: None };
}

impl Shape {
    /// Writes the shape as JSON.
    pub(super) fn write(&self, json: &mut String) {
        match self {
            Self::Any => json.push_str(ANY),
            Self::Null => json.push_str(r#"["null"]"#),
            Self::Boolean => json.push_str(r#"["boolean"]"#),
            Self::Number(bounds) => write_bounded(json, r#"["number""#, bounds, LEAST_NUMBER),
            Self::Integer(bounds) => write_bounded(json, r#"["integer""#, bounds, LEAST_NUMBER),
            Self::Int64(bounds) => {
                let quoted = |bound: Option<i128>| bound.map(|bound| format!("\"{bound}\""));
                let bounds = Bounds { least: quoted(bounds.least), most: quoted(bounds.most) };
                write_bounded(json, r#"["int64""#, &bounds, "");
            }
            Self::Text(text) => text.write(json),
            Self::Nullable(inner) => {
                json.push_str(r#"["?","#);
                inner.write(json);
                json.push(']');
            }
            Self::Reference(number) => push(json, number + FIRST_REFERENCE),
            Self::List { items, length } => {
                json.push_str(r#"["array","#);
                items.write(json);
                write_bounded(json, "", length, "0");
            }
            Self::Tuple(items) => {
                json.push_str(r#"["array",null"#);
                for _ in 0..2 {
                    json.push(',');
                    push(json, items.len());
                }
                write_shapes(json, items.iter());
            }
            Self::Object { fields, required, others } => {
                json.push_str(r#"["object","#);
                match others {
                    Some(others) => others.write(json),
                    None => json.push_str("null"),
                }
                if fields.is_empty() {
                    json.push(']');
                } else {
                    write_fields(json, &required.to_string(), fields);
                }
            }
            Self::Keyed(variants) => {
                json.push_str(r#"["object",null"#);
                write_fields(json, "-1", variants);
            }
            Self::Tagged { tag, variants } => {
                json.push_str(r#"["object",null"#);
                write_fields(json, &quoted(tag), variants);
            }
            Self::AnyOf(variants) => {
                json.push_str(r#"["|""#);
                write_shapes(json, variants.iter());
            }
        }
    }
}

impl Text {
    fn write(&self, json: &mut String) {
        match self {
            Self::Length(length) => write_bounded(json, r#"["string""#, length, "0"),
            Self::OneOf(names) => {
                json.push_str(r#"["string","#);
                write_names(json, names.iter());
                json.push(']');
            }
            Self::Form(classes) => {
                push(json, format_args!(r#"["string",{}]"#, quoted(&form(classes))));
            }
            Self::Base64 => push(json, format_args!(r#"["string",{}]"#, quoted(BASE64))),
        }
    }
}

/// A number as JavaScript writes it (ECMA-262, `Number::toString`).
pub(super) fn number(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return (number + 0.0).to_string(); // of the zeros, the one without a sign
    }
    let text = format!("{number:e}");
    if size < 1.0 { text } else { text.replace('e', "e+") }
}

/// Below every number that JSON carries to a browser.
const LEAST_NUMBER: &str = "-1.7976931348623157e+308";

/// Ends an array with both bounds, as far as they are needed.
fn write_bounded<T: ToString>(json: &mut String, start: &str, bounds: &Bounds<T>, lowest: &str) {
    json.push_str(start);
    if bounds.least.is_some() || bounds.most.is_some() {
        json.push(',');
        json.push_str(&bounds.least.as_ref().map_or(lowest.to_owned(), T::to_string));
    }
    if let Some(most) = &bounds.most {
        json.push(',');
        json.push_str(&most.to_string());
    }
    json.push(']');
}

/// Ends an array with what tells fields apart, their names and their shapes.
fn write_fields(json: &mut String, how: &str, fields: &[(String, Shape)]) {
    push(json, format_args!(",{how},"));
    write_names(json, fields.iter().map(|(name, _)| name));
    write_shapes(json, fields.iter().map(|(_, shape)| shape));
}

fn write_names<'a>(json: &mut String, names: impl Iterator<Item = &'a String>) {
    push(json, format_args!("[{}]", names.map(|name| quoted(name)).collect::<Vec<_>>().join(",")));
}

/// Ends an array with shapes.
fn write_shapes<'a>(json: &mut String, shapes: impl Iterator<Item = &'a Shape>) {
    for shape in shapes {
        json.push(',');
        shape.write(json);
    }
    json.push(']');
}

/// The classes as a regular expression that every engine reads alike.
fn form(classes: &[Class]) -> String {
    let mut form = String::from("^");
    for Class { ranges, least, most } in classes {
        form.push('[');
        for (first, last) in ranges {
            form.push_str(&literal(*first));
            if first != last {
                push(&mut form, format_args!("-{}", literal(*last)));
            }
        }
        form.push(']');
        match most {
            Some(1) if *least == 1 => {}
            Some(most) if most == least => push(&mut form, format_args!("{{{least}}}")),
            Some(most) => push(&mut form, format_args!("{{{least},{most}}}")),
            None => push(&mut form, format_args!("{{{least},}}")),
        }
    }
    form.push('$');
    form
}

/// A character of a class, which has no other meaning there.
fn literal(character: char) -> String {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => character.to_string(),
        _ => format!("\\x{:02x}", u32::from(character)),
    }
}

/// The name as a string of JSON.
pub(super) fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

fn push(json: &mut String, value: impl std::fmt::Display) {
    write!(json, "{value}").expect("a String takes it");
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (50.0, "50"),
            (-0.5, "-0.5"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (f64::from(f32::MAX), "3.4028234663852886e+38"),
            (f64::MIN, super::LEAST_NUMBER),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
