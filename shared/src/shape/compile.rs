//! From a contract's JSON Schema to its table.

mod pattern;
mod shapes;
mod variants;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::{
    Table,
    form::{Bounds, Class, Shape, Text, number},
};
use crate::describe::NotCarried;

type Result<T> = std::result::Result<T, NotCarried>;
type Object = Map<String, Value>;

/// Compiles the document that [`schema`](crate::describe::schema) writes.
///
/// The same contract gives the same table, whatever the order of the document's members. What the
/// table cannot say is [`NotCarried`], with the way out.
pub fn compile(schema: &Value) -> Result<Table> {
    let mut compiler = Compiler::new(schema);
    let [mut data, mut replies, mut events] = [const { BTreeMap::new() }; 3];
    for (name, action) in sorted(&schema["actions"]) {
        data.insert(name.clone(), compiler.shape(&action["data"], name)?);
        let path = format!("{name} (reply)");
        replies.insert(name.clone(), compiler.shape(&action["reply"], &path)?);
    }
    for (name, event) in sorted(&schema["events"]) {
        events.insert(name.clone(), compiler.shape(&event["data"], name)?);
    }
    let mut shapes = Vec::new();
    while let Some((number, schema, path)) = compiler.waiting.pop_front() {
        debug_assert_eq!(number, shapes.len(), "what waits first is written first");
        shapes.push(compiler.list(&schema, &path)?);
    }
    Ok(Table::new([data, replies, events], shapes))
}

/// Gives every schema its shape.
struct Compiler<'a> {
    definitions: Option<&'a Object>,
    /// The numbers of the definitions that are written once and referred to.
    numbers: BTreeMap<String, usize>,
    count: usize,
    /// What has a number and is not written yet, with the path for errors.
    waiting: VecDeque<(usize, Value, String)>,
    /// The definitions that are being written in place of their names.
    inlined: Vec<String>,
}

impl<'a> Compiler<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            definitions: document["$defs"].as_object(),
            numbers: BTreeMap::new(),
            count: 0,
            waiting: VecDeque::new(),
            inlined: Vec::new(),
        }
    }

    /// A reference to this schema, which is written later.
    fn refer(&mut self, schema: Value, path: &str) -> Shape {
        let number = self.count;
        self.count += 1;
        self.waiting.push_back((number, schema, path.to_owned()));
        Shape::Reference(number)
    }

    /// A reference to a definition, which is written later, once.
    fn refer_to_definition(&mut self, name: &str, schema: &Value) -> Shape {
        if let Some(number) = self.numbers.get(name) {
            return Shape::Reference(*number);
        }
        self.numbers.insert(name.to_owned(), self.count);
        self.refer(schema.clone(), name)
    }

    /// The definition that a `$ref` names.
    fn definition<'r>(&self, reference: &'r str, path: &str) -> Result<(&'r str, &'a Value)> {
        let name = reference.strip_prefix("#/$defs/");
        let found = name.and_then(|name| Some((name, self.definitions?.get(name)?)));
        found.ok_or_else(|| {
            refuse(path, "a `$ref` leads out of the document", "derive `JsonSchema` for the type")
        })
    }
}

fn refuse(path: &str, reason: &'static str, way_out: &'static str) -> NotCarried {
    NotCarried::new(path, reason, way_out)
}

/// The members of an object in the order of their names, which is not a given.
fn sorted(object: &Value) -> BTreeMap<&String, &Value> {
    object.as_object().into_iter().flatten().collect()
}

/// The texts of an array of texts; empty for what is none.
fn texts(array: Option<&Value>) -> Vec<&str> {
    array.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A size; one that no value of this machine has is none.
fn size_of(object: &Object, keyword: &str) -> Option<usize> {
    object.get(keyword).and_then(Value::as_u64).and_then(|size| size.try_into().ok())
}
