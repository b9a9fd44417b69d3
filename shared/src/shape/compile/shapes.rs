//! The shape of one schema.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Bounds, Compiler, Object, Result, Shape, Text, number, pattern, refuse, size_of, sorted, texts,
};

/// How many fields an object may have: the check keeps a bit for each.
const FIELDS: usize = 64;

impl Compiler<'_> {
    /// The shape of a schema as others hold it: what has a list in it is referred to.
    pub(super) fn shape(&mut self, schema: &Value, path: &str) -> Result<Shape> {
        let object = match schema {
            Value::Object(object) => object,
            Value::Bool(true) => return Ok(Shape::Any),
            _ => return Err(refuse(path, "no value is of this type", "give the enum a variant")),
        };
        if let Some(inner) = without_null(object) {
            return Ok(Shape::Nullable(Box::new(self.shape(&inner, path)?)));
        }
        if let Some(Value::String(reference)) = object.get("$ref")
            && !object.contains_key("properties")
        {
            let (name, definition) = self.definition(reference, path)?;
            return self.named(name, definition);
        }
        if has_list(object) {
            return Ok(self.refer(schema.clone(), path));
        }
        match object.get("type").and_then(Value::as_str) {
            Some("null") => Ok(Shape::Null),
            Some("boolean") => Ok(Shape::Boolean),
            Some("string") => string(object, path),
            Some("integer") => Ok(Shape::Integer(range(object))),
            Some("number") => Ok(Shape::Number(range(object))),
            Some("array") => self.array(object, path),
            Some("object") => match object.get("additionalProperties") {
                Some(values) => Ok(map(self.shape(values, &format!("{path}[]"))?)),
                None => Ok(map(Shape::Any)),
            },
            None if object.keys().all(|keyword| is_annotation(keyword)) => Ok(Shape::Any),
            _ => Err(refuse(path, "the table has no word for this schema", WAY_OUT)),
        }
    }

    /// A definition: in place of its name where it is short, else referred to.
    fn named(&mut self, name: &str, definition: &Value) -> Result<Shape> {
        let long = definition.as_object().is_some_and(has_list);
        if long || self.inlined.iter().any(|inlined| inlined == name) {
            return Ok(self.refer_to_definition(name, definition));
        }
        self.inlined.push(name.to_owned());
        let shape = self.shape(definition, name);
        self.inlined.pop();
        shape
    }

    fn array(&mut self, object: &Object, path: &str) -> Result<Shape> {
        let items = object.get("items").unwrap_or(&Value::Bool(true));
        let items = Box::new(self.shape(items, &format!("{path}[]"))?);
        Ok(Shape::List { items, length: sizes(object, "minItems", "maxItems") })
    }

    /// The shape of a schema that [`Self::shape`] refers to.
    pub(super) fn list(&mut self, schema: &Value, path: &str) -> Result<Shape> {
        let Value::Object(object) = schema else { return self.shape(schema, path) };
        if let Some(variants) = object.get("oneOf").or_else(|| object.get("anyOf")) {
            return self.variants(variants, object, path);
        }
        if object.contains_key("properties") {
            return self.object(object, path);
        }
        if object.contains_key("$ref") {
            return Err(refuse(
                path,
                "it holds nothing but itself",
                "give it something to end with",
            ));
        }
        if let Some(names) = names(object) {
            let names = names.into_iter().map(str::to_owned).collect();
            return Ok(Shape::Text(Text::OneOf(names)));
        }
        if is_tuple(object) {
            return self.tuple(object, path);
        }
        if has_list(object) {
            return self.object(object, path);
        }
        self.shape(schema, path)
    }

    fn tuple(&mut self, object: &Object, path: &str) -> Result<Shape> {
        let items = object.get("prefixItems").and_then(Value::as_array);
        let items = items.into_iter().flatten().enumerate();
        let items = items.map(|(index, item)| self.shape(item, &format!("{path}[{index}]")));
        items.collect::<Result<_>>().map(Shape::Tuple)
    }

    /// An object with fields. They may be mixed with those of a type it holds, as they are in an
    /// internally tagged enum.
    fn object(&mut self, object: &Object, path: &str) -> Result<Shape> {
        let merged = self.merged(object, path)?;
        let required: BTreeSet<_> = texts(merged.get("required")).into_iter().collect();
        let fields = sorted(merged.get("properties").unwrap_or(&Value::Null));
        if fields.len() > FIELDS {
            return Err(refuse(
                path,
                "it has more than 64 fields",
                "nest some of them in a struct",
            ));
        }
        let others = match merged.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Some(Box::new(Shape::Any)),
            Some(Value::Bool(false)) => None,
            Some(_) => {
                return Err(refuse(
                    path,
                    "a map is flattened into an object",
                    "give the map a field of its own",
                ));
            }
        };
        let (mut first, mut then) = (Vec::new(), Vec::new());
        for (name, field) in fields {
            let shape = self.shape(field, &format!("{path}.{name}"))?;
            let fields = if required.contains(name.as_str()) { &mut first } else { &mut then };
            fields.push((name.clone(), shape));
        }
        let required = first.len();
        first.append(&mut then);
        Ok(Shape::Object { fields: first, required, others })
    }

    /// The object with the fields of the one that its `$ref` names.
    pub(super) fn merged(&self, object: &Object, path: &str) -> Result<Object> {
        let mut merged = object.clone();
        if let Some(Value::String(reference)) = object.get("$ref") {
            let (name, definition) = self.definition(reference, path)?;
            let Value::Object(definition) = definition else {
                return Err(refuse(name, "it is no object", WAY_OUT));
            };
            merged.remove("$ref");
            for (keyword, theirs) in self.merged(definition, name)? {
                match (merged.get_mut(&keyword), theirs) {
                    (Some(Value::Object(ours)), Value::Object(theirs)) => ours.extend(theirs),
                    (Some(Value::Array(ours)), Value::Array(theirs)) => ours.extend(theirs),
                    (Some(_), _) => {}
                    (None, theirs) => drop(merged.insert(keyword, theirs)),
                }
            }
        }
        if ["allOf", "oneOf", "anyOf"].iter().any(|keyword| merged.contains_key(*keyword)) {
            return Err(refuse(
                path,
                "an enum is mixed with the fields of an object",
                "give the enum a field of its own",
            ));
        }
        Ok(merged)
    }
}

/// What to do about a schema that no derive writes.
const WAY_OUT: &str =
    "derive `JsonSchema`, or use `#[schemars(with = \"…\")]` with a type that does";

/// Whether the shape has a list in it, so that it is written once and referred to.
fn has_list(object: &Object) -> bool {
    let lists = ["properties", "oneOf", "anyOf", "enum", "const"];
    let open = matches!(object.get("additionalProperties"), None | Some(Value::Bool(_)));
    lists.iter().any(|keyword| object.contains_key(*keyword))
        || is_tuple(object)
        || (open && object.get("type") == Some(&json!("object")))
}

fn is_tuple(object: &Object) -> bool {
    let empty = !object.contains_key("items") && size_of(object, "maxItems") == Some(0);
    object.contains_key("prefixItems") || empty
}

/// The strings of an enum of nothing else.
pub(super) fn names(object: &Object) -> Option<Vec<&str>> {
    match (object.get("const"), object.get("enum")) {
        (Some(Value::String(one)), None) => Some(vec![one]),
        (None, Some(several)) => Some(texts(Some(several))),
        _ => None,
    }
}

/// The schema without `null` among what it allows; `None` if it is not.
fn without_null(object: &Object) -> Option<Value> {
    if let Some(Value::Array(variants)) = object.get("anyOf")
        && let [inner, null] = variants.as_slice()
        && *null == json!({ "type": "null" })
    {
        return Some(inner.clone());
    }
    let types = object.get("type")?.as_array()?;
    let [inner, null] = types.as_slice() else { return None };
    if null != "null" {
        return None;
    }
    let mut rest = object.clone();
    rest.insert("type".to_owned(), inner.clone());
    if let Some(Value::Array(values)) = rest.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    Some(Value::Object(rest))
}

fn string(object: &Object, path: &str) -> Result<Shape> {
    match object.get("format").and_then(Value::as_str) {
        Some("int64") => return Ok(int64(i64::MIN.into(), i64::MAX.into())),
        Some("uint64") => return Ok(int64(0, u64::MAX.into())),
        Some("base64") => return Ok(Shape::Text(Text::Base64)),
        Some(_) => {
            return Err(refuse(path, "nobody checks this format", "say it with a `pattern`"));
        }
        None => {}
    }
    let length = sizes(object, "minLength", "maxLength");
    let Some(pattern) = object.get("pattern").and_then(Value::as_str) else {
        return Ok(Shape::Text(Text::Length(length)));
    };
    if length != Bounds::NONE {
        return Err(refuse(
            path,
            "it has a length beside a pattern",
            "say how long it is in the pattern: `^[a-z]{1,8}$`",
        ));
    }
    pattern::compile(pattern, path).map(|classes| Shape::Text(Text::Form(classes)))
}

fn int64(least: i128, most: i128) -> Shape {
    Shape::Int64(Bounds { least: Some(least), most: Some(most) })
}

fn map(values: Shape) -> Shape {
    Shape::Object { fields: Vec::new(), required: 0, others: Some(Box::new(values)) }
}

fn range(object: &Object) -> Bounds<String> {
    let bound = |keyword| object.get(keyword).and_then(Value::as_f64).map(number);
    Bounds { least: bound("minimum"), most: bound("maximum") }
}

fn sizes(object: &Object, least: &str, most: &str) -> Bounds<usize> {
    Bounds { least: size_of(object, least), most: size_of(object, most) }
}

/// Whether a keyword says nothing about what is allowed.
fn is_annotation(keyword: &str) -> bool {
    matches!(keyword, "title" | "description" | "default" | "examples" | "deprecated")
}
