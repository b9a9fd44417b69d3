//! Values that a schema allows, and values that are almost like them.

use serde_json::{Map, Value, json};

/// How deep a generated value may be.
const DEPTH: usize = 5;

/// Decides, the same way for the same seed (xorshift).
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// A value that the schema allows, or nearly: sizes and numbers are at the edges.
pub(crate) fn value(
    schema: &Value,
    definitions: &Value,
    choices: &mut Choices,
    depth: usize,
) -> Value {
    let Some(object) = schema.as_object() else { return anything(choices) };
    if let Some(variants) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let variants = variants.as_array().unwrap();
        let chosen = &variants[choices.below(variants.len())];
        return value(chosen, definitions, choices, depth);
    }
    let mut base = Map::new();
    if let Some(reference) = schema.get("$ref") {
        let name = reference.as_str().unwrap().rsplit('/').next().unwrap();
        let held = value(&definitions[name], definitions, choices, depth);
        if !object.contains_key("properties") {
            return held;
        }
        base = held.as_object().cloned().unwrap_or_default();
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values[choices.below(values.len())].clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => &kinds[choices.below(kinds.len())],
        Some(kind) => kind,
        None => return anything(choices),
    };
    match kind.as_str().unwrap() {
        "null" => Value::Null,
        "boolean" => json!(choices.one_in(2)),
        "string" => string(schema, choices),
        "integer" => integer(schema, choices),
        "number" => float(schema, choices),
        "array" => array(schema, definitions, choices, depth),
        _ => members(schema, definitions, choices, depth, base),
    }
}

fn string(schema: &Value, choices: &mut Choices) -> Value {
    let characters = ["a", "Z", "0", "é", "🦀", "\"", "\\", "\n", "~", " ", "=", "\u{7f}"];
    if schema.get("pattern").is_some() && !choices.one_in(4) {
        let texts = [
            "Yk3nQcX9IAMCJ2g=",
            "______________8=",
            "12",
            "-7",
            "a",
            "a-_9",
            "ab!",
            "a-_99!",
            "9a",
            "a!!",
            "YQ==",
            "YWI=",
            "",
            "0",
        ];
        return json!(texts[choices.below(texts.len())]);
    }
    let length = length(schema, "minLength", "maxLength", choices);
    let text = (0..length).map(|_| characters[choices.below(characters.len())]);
    json!(text.collect::<String>())
}

/// A length within the bounds, or now and then one more or one less.
fn length(schema: &Value, least: &str, most: &str, choices: &mut Choices) -> usize {
    let least = schema[least].as_u64().unwrap_or(0);
    let most = schema[most].as_u64().unwrap_or(least + 2);
    let (least, most) = (usize::try_from(least).unwrap(), usize::try_from(most).unwrap());
    match choices.below(24) {
        0 => least.saturating_sub(1),
        1 => most + 1,
        _ => least + choices.below(most - least + 1),
    }
}

fn integer(schema: &Value, choices: &mut Choices) -> Value {
    let least = schema["minimum"].as_i64().unwrap();
    let most = schema["maximum"].as_i64().unwrap();
    match choices.below(64) {
        0 | 6..20 => json!(least),
        1 | 20..40 => json!(most),
        2 => json!(least - 1),
        3 => json!(most + 1),
        4 => json!(1.5),
        5 => json!(u64::MAX),
        _ => json!((least / 2 + most / 2 + 1).clamp(least, most)),
    }
}

fn float(schema: &Value, choices: &mut Choices) -> Value {
    let bound = schema["maximum"].as_f64().unwrap_or(1e300);
    let numbers = [
        json!(0),
        json!(0.25),
        json!(-0.5),
        json!(1e-7),
        json!(bound),
        json!(-bound),
        json!(0.500_000_000_000_000_1),
        json!(1e21),
        json!(-3),
        json!(9_007_199_254_740_993_u64),
    ];
    numbers[choices.below(numbers.len())].clone()
}

fn array(schema: &Value, definitions: &Value, choices: &mut Choices, depth: usize) -> Value {
    if let Some(Value::Array(items)) = schema.get("prefixItems") {
        let items = items.iter().map(|item| value(item, definitions, choices, depth + 1));
        return Value::Array(items.collect());
    }
    let length = if depth < DEPTH { length(schema, "minItems", "maxItems", choices) } else { 0 };
    let item = schema.get("items").unwrap_or(&Value::Bool(true));
    Value::Array((0..length).map(|_| value(item, definitions, choices, depth + 1)).collect())
}

fn members(
    schema: &Value,
    definitions: &Value,
    choices: &mut Choices,
    depth: usize,
    mut members: Map<String, Value>,
) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let needed = required.contains(&json!(name));
        if needed || (depth < DEPTH && !choices.one_in(3)) {
            members.insert(name.clone(), value(field, definitions, choices, depth + 1));
        }
    }
    if let Some(values @ (Value::Object(_) | Value::Bool(true))) =
        schema.get("additionalProperties")
        && depth < DEPTH
    {
        for name in ["k", "é~", ""].iter().take(choices.below(4)) {
            members.insert((*name).to_owned(), value(values, definitions, choices, depth + 1));
        }
    }
    Value::Object(members)
}

/// A value of any kind.
fn anything(choices: &mut Choices) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(300),
        json!(2.5),
        json!(""),
        json!("Red"),
        json!("a"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
        json!({"kind": "Unit"}),
        json!({"t": "Unit"}),
        json!([null, "b"]),
        json!("UnitVariant"),
        json!({"Unit": null}),
        json!({"t": "Maybe", "c": null}),
    ];
    values[choices.below(values.len())].clone()
}

/// Changes one thing somewhere in the value.
pub(crate) fn mutate(value: &mut Value, choices: &mut Choices) {
    let inside = !choices.one_in(3);
    match value {
        Value::Array(items) if inside && !items.is_empty() => {
            let index = choices.below(items.len());
            mutate(&mut items[index], choices);
        }
        Value::Object(members) if inside && !members.is_empty() => {
            let index = choices.below(members.len());
            mutate(members.values_mut().nth(index).unwrap(), choices);
        }
        Value::Array(items) => match choices.below(3) {
            0 => items.push(anything(choices)),
            1 => drop(items.pop()),
            _ => *value = anything(choices),
        },
        Value::Object(members) => match choices.below(4) {
            0 => {
                let names = ["unknown", "a", "c", "kind", "t", "", "naïve"];
                members.insert(names[choices.below(names.len())].to_owned(), anything(choices));
            }
            1 | 2 if !members.is_empty() => {
                let index = choices.below(members.len());
                let name = members.keys().nth(index).unwrap().clone();
                members.remove(&name);
            }
            _ => *value = anything(choices),
        },
        _ => *value = anything(choices),
    }
}
