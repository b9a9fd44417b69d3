//! The JSON Schema of a contract.

mod carried;
mod constraints;

use serde_json::{Map, Value, json};

pub use carried::NotCarried;

use super::{ActionDescription, Description, EventDescription};

/// Writes the JSON Schema 2020-12 of a contract: one document for all that travels.
///
/// ```json
/// {
///   "$schema": "https://json-schema.org/draft/2020-12/schema",
///   "title": "chat",
///   "description": "What a browser may ask.",
///   "actions": {
///     "sendMessage": {
///       "description": "Post a message to a room.",
///       "data": { "$ref": "#/$defs/SendMessage" },
///       "reply": { "$ref": "#/$defs/Posted" }
///     }
///   },
///   "events": {
///     "message": { "description": "Somebody wrote.", "data": { "$ref": "#/$defs/Message" } }
///   },
///   "$defs": { "Message": …, "Posted": …, "SendMessage": … }
/// }
/// ```
///
/// - `actions` and `events` are not keywords of JSON Schema, which lets a document have others.
///   What is in `data` and `reply` is a schema: a reference to `$defs` for the types of the
///   contract, or written out (`{"type": "null"}` for an action without a reply). They are always
///   there, even when `actions` or `events` are empty. `description` is absent without docs.
/// - A key of `$defs` is the name of the Rust type, after `rename` of serde or schemars. Two types
///   of one name are `Item` and `Item2`.
/// - Members have no order that means something: whoever compares documents sorts them first.
///
/// Every schema says what a **reader** accepts, in both directions: what `Deserialize` takes, not
/// what `Serialize` gives. A field with `#[serde(default)]` may be left out, in a reply as in an
/// action, although the server always writes it. That is what TypeScript says (`note?: string`)
/// and what Rust does, so table, schema, serde and types agree; and it is what decides whether an
/// old client can still read a new server.
///
/// Where serde and schemars disagree, the schema is corrected to what serde does: integers have
/// both bounds, those of 64 bits the bounds within which JavaScript is exact (±(2^53 - 1)); sets
/// may repeat an item, which serde drops.
///
/// What JSON cannot carry is [`NotCarried`].
pub fn schema(description: &Description) -> Result<Value, NotCarried> {
    let mut generator = description.generator.clone();
    let mut definitions = generator.take_definitions(true);
    for (name, definition) in &mut definitions {
        carried::correct(definition, name)?;
    }
    let mut actions = Map::new();
    for action in &description.actions {
        actions.insert(action.name.to_owned(), self::action(action)?);
    }
    let mut events = Map::new();
    for event in &description.events {
        events.insert(event.name.to_owned(), self::event(event)?);
    }
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": description.name,
        "actions": actions,
        "events": events,
        "$defs": definitions,
    });
    describe(&mut document, description.docs);
    Ok(document)
}

fn action(action: &ActionDescription) -> Result<Value, NotCarried> {
    let (mut data, mut reply) = (action.data_schema.clone(), action.reply_schema.clone());
    carried::correct(&mut data, action.name)?;
    carried::correct(&mut reply, &format!("{} (reply)", action.name))?;
    let mut value = json!({ "data": data, "reply": reply });
    describe(&mut value, action.docs);
    Ok(value)
}

fn event(event: &EventDescription) -> Result<Value, NotCarried> {
    let mut data = event.data_schema.clone();
    carried::correct(&mut data, event.name)?;
    let mut value = json!({ "data": data });
    describe(&mut value, event.docs);
    Ok(value)
}

fn describe(value: &mut Value, docs: &str) {
    if !docs.is_empty() {
        value["description"] = docs.into();
    }
}
