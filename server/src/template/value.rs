//! The values a template computes with.

use std::{
    fmt::{self, Write as _},
    rc::Rc,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

use super::ast::Comparison;
use crate::expression::{Path, Step};

/// One value. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    /// `null`, or what is not there.
    #[default]
    Nothing,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    List(Rc<[Self]>),
    /// Members in the order they were written.
    Object(Rc<[(Rc<str>, Self)]>),
}

impl Value {
    pub(super) fn member(&self, name: &str) -> Self {
        let Self::Object(members) = self else { return Self::Nothing };
        // The last of several with one name, as everywhere else.
        let found = members.iter().rev().find(|(key, _)| **key == *name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    pub(super) fn item(&self, index: usize) -> Self {
        let Self::List(items) = self else { return Self::Nothing };
        items.get(index).cloned().unwrap_or_default()
    }

    pub(super) fn at(&self, path: &Path) -> Self {
        path.steps().iter().fold(self.clone(), |value, step| match step {
            Step::Name(name) => value.member(name),
            Step::Index(index) => value.item(*index),
        })
    }

    /// How many items or members; nothing of what has none.
    pub(super) fn size(&self) -> Self {
        match self {
            Self::List(items) => Self::Number(items.len().into()),
            Self::Object(members) => Self::Number(members.len().into()),
            Self::Nothing | Self::Bool(_) | Self::Number(_) | Self::Text(_) => Self::Nothing,
        }
    }

    /// What `#foreach` goes through: the items of a list, the values of an object.
    pub(super) fn items(&self) -> Vec<Self> {
        match self {
            Self::List(items) => items.to_vec(),
            Self::Object(members) => members.iter().map(|(_, value)| value.clone()).collect(),
            Self::Nothing | Self::Bool(_) | Self::Number(_) | Self::Text(_) => Vec::new(),
        }
    }

    /// Velocity's notion: everything holds but `false` and nothing, even the empty text.
    pub(super) fn holds(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Bool(false))
    }

    /// Two numbers by their size; else whether they print the same, so that what is missing is
    /// equal to the empty text, as templates test for it. Only numbers have an order.
    pub(super) fn compare(&self, how: Comparison, other: &Self) -> bool {
        let numbers = match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.as_f64().zip(right.as_f64()),
            _ => None,
        };
        let in_order = |holds: fn(&f64, &f64) -> bool| numbers.is_some_and(|(l, r)| holds(&l, &r));
        let same = || {
            numbers.is_some_and(|(l, r)| l.total_cmp(&r).is_eq()) || self.print() == other.print()
        };
        match how {
            Comparison::Equal => same(),
            Comparison::Unequal => !same(),
            Comparison::Less => in_order(f64::lt),
            Comparison::LessOrEqual => in_order(f64::le),
            Comparison::Greater => in_order(f64::gt),
            Comparison::GreaterOrEqual => in_order(f64::ge),
        }
    }

    pub(super) fn print(&self) -> Rc<str> {
        match self {
            Self::Text(text) => text.clone(),
            other => {
                let mut text = String::new();
                other.write(&mut text);
                text.into()
            }
        }
    }

    /// A text as it is, nothing as nothing, lists and objects as Java prints them.
    fn write(&self, text: &mut String) {
        match self {
            Self::Nothing => {}
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => {
                let _infallible = write!(text, "{number}");
            }
            Self::Text(value) => text.push_str(value),
            Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    item.write(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    text.push_str(name);
                    text.push('=');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Nothing,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => Self::Text(text.into()),
            serde_json::Value::Array(items) => {
                Self::List(items.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(members) => Self::Object(
                members.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            ),
        }
    }
}

/// From JSON, which keeps the order of members.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FromJson)
    }
}

struct FromJson;

impl<'de> Visitor<'de> for FromJson {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Nothing, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = object.next_entry::<String, _>()? {
            members.push((name.into(), value));
        }
        Ok(Value::Object(members.into()))
    }
}
