//! The JSON Schema of a contract.

use gatewire::{
    describe::{Describe, schema},
    prelude::*,
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
