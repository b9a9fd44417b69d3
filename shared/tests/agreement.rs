//! The shape table, serde and a JSON Schema validator accept the same texts.
//!
//! What serde accepts is measured by what it understood: a value has to come back as the kind it
//! was. serde also takes a struct as an array of its fields, and a unit variant as an object, which
//! no schema says and no client sends; and it takes integers that JavaScript would round.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement {
    pub(crate) mod values;
    pub(crate) mod zoo;
}

use std::collections::BTreeMap;

use agreement::{
    values::{Choices, mutate, value},
    zoo::{READ, Zoo},
};
use gatewire::{
    Contract,
    describe::{Describe, schema},
    shape::{self, Table},
};
use jsonschema::Validator;
use serde_json::{Value, json};

/// How many values there are of each type.
const VALUES: u32 = 3_000;

struct Subject {
    route: &'static str,
    schema: Value,
    validator: Validator,
    read: fn(&str) -> Option<Value>,
}

#[test]
fn table_serde_and_schema_accept_the_same() {
    let document = schema(&Zoo::describe()).unwrap();
    let table = shape::compile(&document).unwrap();
    let (mut count, mut disagreements) = (0, BTreeMap::new());
    for (number, subject) in (0..).zip(subjects(&document)) {
        let mut accepted = 0;
        for seed in 0..VALUES {
            let mut choices = Choices::new(u64::from(seed) << 8 | number);
            let mut value = value(&subject.schema, &document["$defs"], &mut choices, 0);
            if choices.below(3) > 0 {
                mutate(&mut value, &mut choices);
            }
            match agree(&subject, &table, &value) {
                Ok(accepts) => accepted += u32::from(accepts),
                Err(text) => keep_shortest(&mut disagreements, subject.route, text),
            }
            count += 1;
        }
        assert!(accepted > VALUES / 50, "{}: {accepted} values are right", subject.route);
    }
    let texts: Vec<_> = disagreements.into_values().collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
    assert!(count >= 100_000, "{count} values");
}

fn keep_shortest(known: &mut BTreeMap<&'static str, String>, route: &'static str, text: String) {
    let kept = known.entry(route).or_insert_with(|| text.clone());
    if text.len() < kept.len() {
        *kept = text;
    }
}

fn subjects(document: &Value) -> Vec<Subject> {
    let subject = |(route, read): (&&'static str, &fn(&str) -> Option<Value>)| {
        let schema = document["actions"][*route]["data"].clone();
        let mut whole = json!({ "$defs": document["$defs"] });
        whole["allOf"] = json!([schema]);
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        Subject { route, schema, validator, read: *read }
    };
    Zoo::ROUTES.iter().zip(READ).map(subject).collect()
}

/// Whether all three accept the value, or how they disagree.
fn agree(subject: &Subject, table: &Table, value: &Value) -> Result<bool, String> {
    let text = value.to_string();
    let by_table = table.check_data(subject.route, &text);
    let by_schema = subject.validator.is_valid(value);
    let understood = (subject.read)(&text);
    let by_serde = understood.as_ref().is_some_and(|understood| same_kinds(value, understood));
    if by_table.is_ok() == by_schema && by_schema == by_serde {
        return Ok(by_schema);
    }
    Err(format!(
        "{} {text}: table {by_table:?}, schema {by_schema}, serde {understood:?}",
        subject.route
    ))
}

/// Whether every value is of the kind it was, and no integer is beyond those that JavaScript has.
fn same_kinds(sent: &Value, understood: &Value) -> bool {
    match (sent, understood) {
        (Value::Array(sent), Value::Array(understood)) => {
            // A set has dropped what was there twice.
            sent.len() != understood.len()
                || sent
                    .iter()
                    .zip(understood)
                    .all(|(sent, understood)| same_kinds(sent, understood))
        }
        (Value::Object(sent), Value::Object(understood)) => understood
            .iter()
            .all(|(name, value)| sent.get(name).is_none_or(|sent| same_kinds(sent, value))),
        (Value::Number(_), Value::Number(number)) => {
            let exact = 1 << 53;
            number.as_u64().is_none_or(|number| number < exact)
                && number.as_i64().is_none_or(|number| number.unsigned_abs() < exact)
        }
        (Value::Null, Value::Null)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_)) => true,
        _ => false,
    }
}
