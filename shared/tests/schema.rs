//! The JSON Schema of a contract.

use gatewire::{
    describe::{Describe, schema},
    prelude::*,
    shape,
};
use serde_json::json;

/// What a browser may ask.
#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    /// Post.
    #[reply(Posted)]
    Send(Send),
    Typing(Typing),
}

/// Text for a room.
#[message]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Send {
    #[garde(length(min = 1, max = 64))]
    room_name: String,
    /// To whom.
    #[serde(default)]
    to: Option<u8>,
}

#[message]
struct Posted {
    sent_at: u64,
}

#[message]
struct Typing;

#[test]
fn the_document_has_the_layout_it_says() {
    let document = schema(&Chat::describe()).unwrap();
    let expected = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chat",
        "description": "What a browser may ask.",
        "actions": {
            "send": {
                "description": "Post.",
                "data": { "$ref": "#/$defs/Send" },
                "reply": { "$ref": "#/$defs/Posted" },
            },
            "typing": {
                "data": { "$ref": "#/$defs/Typing" },
                "reply": { "type": "null" },
            },
        },
        "events": {},
        "$defs": {
            "Send": {
                "type": "object",
                "description": "Text for a room.",
                "properties": {
                    "roomName": { "type": "string", "minLength": 1, "maxLength": 64 },
                    "to": {
                        "description": "To whom.",
                        "type": ["integer", "null"],
                        "minimum": 0,
                        "maximum": 255,
                        "default": null,
                    },
                },
                "required": ["roomName"],
                "additionalProperties": false,
            },
            "Posted": {
                "type": "object",
                "properties": {
                    "sent_at": { "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 },
                },
                "required": ["sent_at"],
            },
            "Typing": { "type": "null" },
        },
    });
    assert_eq!(document, expected, "{document:#}");
}

#[derive(Contract)]
#[contract(events = ())]
enum Large {
    Total(Total),
}

#[message]
struct Total {
    #[tsify(type = "number")]
    sum: Vec<Sum>,
}

#[message]
struct Sum {
    #[tsify(type = "number")]
    #[schemars(with = "u128")]
    value: f64,
}

#[derive(Contract)]
#[contract(events = ())]
enum Keyed {
    Scores(Scores),
}

#[message]
struct Scores {
    by_number: std::collections::BTreeMap<u32, u32>,
}

#[test]
fn what_json_cannot_carry_is_refused_with_the_way_out() {
    let refused = schema(&Large::describe()).unwrap_err().to_string();
    assert_eq!(
        refused,
        "Sum.value: an integer of 128 bits is more than a number of JSON holds; make it a \
         `String`, or one of `gatewire::types` if 64 bits are enough"
    );
    let refused = schema(&Keyed::describe()).unwrap_err().to_string();
    assert_eq!(
        refused,
        "Scores.by_number: the keys of a map are not strings; JSON has string keys alone: use \
         `String`, or a `Vec` of pairs"
    );
}

/// A contract of a hundred actions, each with its own data and reply, and of fifty events.
fn hundred_actions() -> serde_json::Value {
    let nouns = [
        "message", "room", "member", "reaction", "file", "thread", "invite", "draft", "poll",
        "call",
    ];
    let verbs =
        ["send", "edit", "delete", "list", "find", "pin", "move", "share", "mark", "archive"];
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 64 });
    let number = json!({ "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 });
    let object = |fields: serde_json::Value, required: &[&str]| json!({ "type": "object", "properties": fields, "required": required });
    let (mut actions, mut events) = (json!({}), json!({}));
    for noun in nouns {
        for (index, verb) in verbs.into_iter().enumerate() {
            let id = format!("{noun}Id");
            let fields = json!({
                &id: text, "text": text, format!("{verb}At"): number,
                "note": { "type": ["string", "null"] }, "tags": { "type": "array", "items": text },
            });
            let data = object(fields.clone(), &[&id, "text", "tags"]);
            let reply = object(json!({ &id: text, format!("{verb}Number"): number }), &[&id]);
            actions[format!("{verb}{noun}")] = json!({ "data": data, "reply": reply });
            if index % 2 == 0 {
                events[format!("{noun}{verb}")] = json!({ "data": object(fields, &[&id]) });
            }
        }
    }
    json!({ "actions": actions, "events": events, "$defs": {} })
}

#[test]
fn a_hundred_actions_are_a_short_table() {
    let table = shape::compile(&hundred_actions()).unwrap();
    let length = table.as_str().len();
    assert!(length < 42_000, "{length}"); // 2.6 kB, gzipped
    assert!(!table.as_str().contains('\n'));
    assert!(table.check_data("sendmessage", r#"{"messageId":"1","text":"a","tags":[]}"#).is_ok());
}
