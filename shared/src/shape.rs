//! The shape table of a contract: what travels, in a form that both ends check against.
//!
//! [`compile`] makes it from the JSON Schema of the contract. `chat.js` carries its text to the
//! browser, where the npm package reads it over the value that the browser has parsed
//! (`client/npm/src/walk.ts`); a server that is built with the feature `schema` has it through
//! [`Table::of`] and reads the JSON text where it stands: a text that passes costs no allocation,
//! but for strings with escapes. A refusal has the same words on both ends, which a test holds them
//! to.
//!
//! The text of a table is JSON:
//!
//! ```text
//! table  = [{"data NAME": shape, "reply NAME": shape, "event NAME": shape, …}, ["JSON", 1], list, …]
//!                                           by the names of actions and events; a table that begins
//!                                           with something else is left to the server
//! shape  = list                             an array whose first item is the kind
//!        | number                           the list at this place of the table
//! list   = ["JSON", shape]                  anything; the shape of what is in it is the same
//!        | ["null"] | ["boolean"]
//!        | ["number", least?, most?]        bounds are included, and left out where there are none
//!        | ["integer", least?, most?]       without point and exponent
//!        | ["int64", "least", "most"]       an integer of 64 bits: digits in a string, in JavaScript
//!                                           a bigint
//!        | ["string", least?, most?]        so many characters
//!        | ["string", [NAME, …]]            one of these
//!        | ["string", "regular expression"] one that every engine reads alike
//!        | ["array", shape, least?, most?]  so many items, all of this shape
//!        | ["array", null, n, n, shape, …]  these items, which are n
//!        | ["object", others, required?, [NAME, …]?, shape, …]
//!                                           fields by name, of which so many first ones have to be
//!                                           there; `others` is the shape of other members, or null
//!        | ["object", null, -1, [NAME, …], shape, …]
//!                                           one member, which is one of these
//!        | ["object", null, "tag", [NAME, …], shape, …]
//!                                           the member called `tag` says which shape the object has
//!        | ["?", shape]                     null or this
//!        | ["|", shape, …]                  the first of these that fits
//! ```

mod compile;
mod fault;
mod form;
mod text;
mod walk;

use std::{collections::BTreeMap, sync::OnceLock};

pub use compile::compile;
use form::Shape;
use walk::Walk;

use crate::{
    Error,
    describe::{Describe, NotCarried, schema},
};

/// The shapes of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// By part and name.
    named: [BTreeMap<String, Shape>; PARTS.len()],
    /// Those that others refer to.
    shapes: Vec<Shape>,
    text: String,
}

/// What of a contract travels: the place in [`PARTS`].
#[derive(Clone, Copy, Debug)]
enum Part {
    /// What a client sends with an action.
    Data,
    /// What an action is answered with.
    Reply,
    /// What comes with an event.
    Event,
}

/// How the text of a table calls the parts.
const PARTS: [&str; 3] = ["data", "reply", "event"];

impl Table {
    /// The table of a contract, made now.
    pub fn of<C: Describe>() -> Result<Self, NotCarried> {
        compile(&schema(&C::describe())?)
    }

    fn new(named: [BTreeMap<String, Shape>; PARTS.len()], shapes: Vec<Shape>) -> Self {
        let mut text = String::from("[{");
        for (part, shapes) in PARTS.iter().zip(&named) {
            for (name, shape) in shapes {
                text.push_str(if text.ends_with('{') { "" } else { "," });
                text.push_str(&form::quoted(&format!("{part} {name}")));
                text.push(':');
                shape.write(&mut text);
            }
        }
        text.push_str(r#"},["JSON","#);
        text.push_str(form::ANY);
        text.push(']');
        for shape in &shapes {
            text.push(',');
            shape.write(&mut text);
        }
        text.push(']');
        Self { named, shapes, text }
    }

    /// The table as it travels: JSON in one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks the data of an action: JSON text against shape. An action that the table does not
    /// have passes; whoever knows the routes refuses it.
    pub fn check_data(&self, action: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Data, action, text)
    }

    /// Checks what an action is answered with.
    pub fn check_reply(&self, action: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Reply, action, text)
    }

    /// Checks the data of an event.
    pub fn check_event(&self, event: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Event, event, text)
    }

    fn check(&self, part: Part, name: &str, text: &str) -> Result<(), Error> {
        let Some(shape) = self.named[part as usize].get(name) else { return Ok(()) };
        let mut walk = Walk::new(&self.shapes, text);
        let checked = walk.value(shape, text::after_space(text, 0), 0);
        let message = match checked {
            Ok(_) => return Ok(()),
            Err(_) if walk.exhausted => format!("{name}: too many variants to try"),
            Err(fault) => format!("{name}{fault}"),
        };
        Err(Error::new(Error::INVALID, crate::invalid::shortened(message)))
    }
}

/// A contract's table, made when it is first needed. The derive has one per contract.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lazy(OnceLock<Result<Table, NotCarried>>);

impl Lazy {
    /// Not made yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Checks the data of an action. A contract that cannot be carried has no table, which the test
    /// of its files says; its payloads are left to serde.
    pub fn check<C: Describe>(&self, action: &str, text: &str) -> Result<(), Error> {
        match self.0.get_or_init(Table::of::<C>) {
            Ok(table) => table.check_data(action, text),
            Err(_) => Ok(()),
        }
    }
}

impl Default for Lazy {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Table, compile};

    /// A table with one action, `send`, which is answered with `null`.
    fn table(data: &Value, definitions: &Value) -> Table {
        let nothing = json!({ "type": "null" });
        let actions = json!({ "send": { "data": data, "reply": nothing } });
        let events = json!({ "said": { "data": { "type": "string" } } });
        compile(&json!({ "actions": actions, "events": events, "$defs": definitions })).unwrap()
    }

    fn note() -> Table {
        let note = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["room", "é"],
            "properties": {
                "room": { "type": "string", "minLength": 1, "maxLength": 4 },
                "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 3 },
                "at": { "type": ["integer", "null"], "minimum": 0, "maximum": 255 },
                "who": { "$ref": "#/$defs/Note" },
                "form": { "type": "string", "pattern": "^[a-z-]+\\.?$" },
                "é": true,
            },
        });
        table(&json!({ "$ref": "#/$defs/Note" }), &json!({ "Note": note }))
    }

    fn message(table: &Table, text: &str) -> Option<String> {
        Some(table.check_data("send", text).err()?.message().to_owned())
    }

    #[test]
    fn a_refusal_says_where_and_why() {
        let table = note();
        for (text, expected) in [
            (r#"{"é":0}"#, "send.room: missing field"),
            (r#"{"room":"a"}"#, "send.é: missing field"),
            (r#"{"room":7,"é":0}"#, "send.room: expected string, found number"),
            (r#"{"room":"","é":0}"#, "send.room: shorter than 1"),
            (r#"{"room":"\ud83e\udd80é\n🦀5","é":0}"#, "send.room: longer than 4"),
            (r#"{"room":"\ud83e","é":0}"#, "send.room: half of a surrogate pair"),
            (r#"{ "tags" : [ "a" , "b", null ] }"#, "send.tags[2]: expected string, found null"),
            (r#"{"tags":["","","",""]}"#, "send.tags: more items than 3"),
            (r#"{"at":256}"#, "send.at: more than 255"),
            (r#"{"at":-1}"#, "send.at: less than 0"),
            (r#"{"at":1.5}"#, "send.at: expected integer, found number"),
            (r#"{"form":"a-."}"#, "send.room: missing field"),
            (r#"{"form":"."}"#, "send.form: of the wrong form"),
            (r#"{"form":"a.b"}"#, "send.form: of the wrong form"),
            (r#"{"who":{"who":[]}}"#, "send.who.who: expected object, found array"),
            (r#"{"colour":{}}"#, "send.colour: unknown field"),
            (r#"{"at":1,"\u0061t":1}"#, "send.at: given twice"),
            ("[]", "send: expected object, found array"),
            ("", "send: expected object, found nothing"),
        ] {
            assert_eq!(message(&table, text).as_deref(), Some(expected), "{text}");
        }
        for text in
            [r#"{"room":"\ud83e\udd80","é":[{}]}"#, r#" {"\u00e9":0, "room":"a","at":null} "#]
        {
            assert_eq!(message(&table, text), None, "{text}");
        }
        assert!(table.check_reply("send", "null").is_ok());
        assert!(table.check_reply("send", "0").is_err());
        assert!(table.check_event("said", "\"\"").is_ok());
        assert!(table.check_event("send", "0").is_ok(), "the table does not have it");
    }

    #[test]
    fn a_table_is_json_that_says_the_same() {
        assert_eq!(
            note().as_str(),
            concat!(
                r#"[{"data send":2,"reply send":["null"],"event said":["string"]},["JSON",1],"#,
                r#"["object",null,2,["room","é","at","form","tags","who"],["string",1,4],1,"#,
                r#"["?",["integer",0,255]],["string","^[a-z\\x2d]{1,}[\\x2e]{0,1}$"],"#,
                r#"["array",["string"],0,3],2]]"#,
            )
        );
    }

    #[test]
    fn of_variants_that_do_not_fit_the_deepest_explains() {
        let object = |field: &str, of: Value| json!({ "type": "object", "properties": { field: of }, "required": [field] });
        let list = json!({ "type": "array", "items": { "type": "boolean" } });
        let pair = object("b", json!({ "type": "object", "properties": { "c": list } }));
        let data = json!({ "anyOf": [object("a", list), pair, { "type": "string" }] });
        let table = table(&data, &json!({}));
        for (text, expected) in [
            ("0", "send: not one of the variants"),
            (r#"{"a":[0]}"#, "send.a[0]: expected boolean, found number"),
            (r#"{"a":0,"b":{"c":[0]}}"#, "send.b.c[0]: expected boolean, found number"),
            ("{}", "send.a: missing field"),
        ] {
            assert_eq!(message(&table, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_text_cannot_make_it_try_for_ever() {
        // An enum of two variants that both hold the enum: 2^60 ways to fail.
        let half = |end: &str| {
            json!({
                "type": "object",
                "required": ["next", end],
                "properties": { "next": { "$ref": "#/$defs/Chain" }, end: { "type": "null" } },
            })
        };
        let chain = json!({ "anyOf": [half("x"), half("y")] });
        let table = table(&json!({ "$ref": "#/$defs/Chain" }), &json!({ "Chain": chain }));
        let text = "{\"next\":".repeat(60) + "null" + &"}".repeat(60);
        assert_eq!(message(&table, &text).as_deref(), Some("send: too many variants to try"));
    }

    #[test]
    fn what_holds_itself_is_not_followed_for_ever() {
        let chain = json!({ "type": "array", "items": { "$ref": "#/$defs/Chain" } });
        let itself = json!({ "anyOf": [{ "$ref": "#/$defs/Itself" }, { "type": "null" }] });
        let definitions = json!({ "Chain": chain, "Itself": itself });
        let chain = table(&json!({ "$ref": "#/$defs/Chain" }), &definitions);
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(message(&chain, &deep(128)), None);
        assert!(message(&chain, &deep(2_000)).unwrap().starts_with("send[0][0][0]"));
        let itself = table(&json!({ "$ref": "#/$defs/Itself" }), &definitions);
        assert_eq!(message(&itself, "null"), None);
        assert_eq!(message(&itself, "0").as_deref(), Some("send: not one of the variants"));
        let nothing = json!({ "actions": { "send": {
            "data": { "$ref": "#/$defs/Nothing" }, "reply": { "type": "null" },
        } }, "$defs": { "Nothing": { "$ref": "#/$defs/Nothing" } } });
        let refused = compile(&nothing).unwrap_err().to_string();
        assert!(refused.starts_with("Nothing: it holds nothing but itself"), "{refused}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in r#"[\[\]{},:"\\0-9a-z .+Eué🦀-]{0,60}"#,
            almost in r#"\{("(room|tags|at|who|é|\\u0061t)" ?[:,] ?[\[{]?("[a\\u8d🦀]{0,9}"|[0-9.eE-]{0,9}|null)[\]}]?,?){0,4}\}"#,
        ) {
            let table = note();
            for text in [text, almost] {
                let _ = table.check_data("send", &text);
            }
        }
    }
}
