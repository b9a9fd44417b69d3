//! The AsyncAPI document of a contract.

mod payload;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Description, document::Document, fingerprint};
use crate::frame::SUBPROTOCOL;

/// Writes the AsyncAPI 3.0 document of a contract, from its [schema](super::schema).
///
/// It describes the server, over the frames of `gatewire.v1`: one channel, an operation per action
/// that the server receives and replies to, and one per event that it sends. `info.version` is the
/// contract's [fingerprint], which changes exactly when the messages do.
#[must_use]
pub fn asyncapi(description: &Description, schema: &Value) -> Value {
    let document = Document::new(schema);
    let mut api = AsyncApi::new(description, fingerprint(schema).to_string());
    let actions = document.actions();
    for action in &description.actions {
        if let Some(schemas) = actions.get(action.name) {
            let data = payload::of(schemas.data);
            api.receive(action.name, action.docs, &data, &payload::of(schemas.reply));
        }
    }
    let events = document.events();
    for event in &description.events {
        if let Some(data) = events.get(event.name) {
            api.send(event.name, event.docs, &payload::of(data));
        }
    }
    let definitions = document.definitions();
    api.components.schemas.extend(definitions.map(|(name, it)| (name.clone(), payload::of(it))));
    api.components.schemas.insert(ERROR.to_owned(), error());
    serde_json::to_value(api).expect("the document's own types have string keys")
}

/// The name of the error's schema and message: one that no Rust type has.
const ERROR: &str = "gatewire.error";

/// The one channel.
const CHANNEL: &str = "socket";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AsyncApi {
    asyncapi: &'static str,
    info: Info,
    default_content_type: &'static str,
    channels: BTreeMap<&'static str, Channel>,
    operations: BTreeMap<String, Operation>,
    components: Components,
}

#[derive(Serialize)]
struct Info {
    title: &'static str,
    version: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'static str,
}

#[derive(Serialize)]
struct Channel {
    description: &'static str,
    messages: BTreeMap<String, Reference>,
    bindings: Value,
}

#[derive(Serialize)]
struct Operation {
    /// What the server does: `receive` an action, `send` an event.
    action: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    summary: String,
    channel: Reference,
    messages: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Reply>,
}

#[derive(Serialize)]
struct Reply {
    channel: Reference,
    messages: Vec<Reference>,
}

#[derive(Serialize)]
struct Components {
    messages: BTreeMap<String, Message>,
    schemas: BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// By what an answer is matched with its action.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<Value>,
    payload: Value,
}

#[derive(Serialize)]
struct Reference {
    #[serde(rename = "$ref")]
    target: String,
}

impl AsyncApi {
    fn new(description: &Description, version: String) -> Self {
        let channel = Channel {
            description: "One WebSocket. Before anything else a client says hello and is welcomed.",
            messages: BTreeMap::new(),
            bindings: json!({"ws": {"headers": {
                "type": "object",
                "properties": {"Sec-WebSocket-Protocol": {"type": "string", "const": SUBPROTOCOL}},
            }}}),
        };
        let mut api = Self {
            asyncapi: "3.0.0",
            info: Info { title: description.name, version, description: description.docs },
            default_content_type: "application/json",
            channels: BTreeMap::from([(CHANNEL, channel)]),
            operations: BTreeMap::new(),
            components: Components { messages: BTreeMap::new(), schemas: BTreeMap::new() },
        };
        api.message(Message {
            name: ERROR.to_owned(),
            description: "The answer to an action that failed.".to_owned(),
            correlation_id: Some(correlation()),
            payload: frame(&[
                ("id", &id()),
                ("error", &json!({"$ref": format!("#/components/schemas/{ERROR}")})),
            ]),
        });
        api
    }

    /// An action, and what it is answered with.
    fn receive(&mut self, name: &str, docs: &str, data: &Value, reply: &Value) {
        let (request, answer) = (key(name), format!("{}.reply", key(name)));
        self.message(Message {
            name: request.clone(),
            description: docs.to_owned(),
            correlation_id: Some(correlation()),
            payload: frame(&[("action", &json!({"const": name})), ("id", &id()), ("data", data)]),
        });
        self.message(Message {
            name: answer.clone(),
            description: String::new(),
            correlation_id: Some(correlation()),
            payload: frame(&[("id", &id()), ("data", reply)]),
        });
        let operation = Operation {
            action: "receive",
            summary: summary(docs),
            channel: channel(),
            messages: vec![on_channel(&request)],
            reply: Some(Reply {
                channel: channel(),
                messages: vec![on_channel(&answer), on_channel(ERROR)],
            }),
        };
        self.operations.insert(request, operation);
    }

    /// An event. It has a name of its own, as an action may be called the same.
    fn send(&mut self, name: &str, docs: &str, data: &Value) {
        let event = format!("{}.event", key(name));
        self.message(Message {
            name: event.clone(),
            description: docs.to_owned(),
            correlation_id: None,
            payload: frame(&[("event", &json!({"const": name})), ("data", data)]),
        });
        let operation = Operation {
            action: "send",
            summary: summary(docs),
            channel: channel(),
            messages: vec![on_channel(&event)],
            reply: None,
        };
        self.operations.insert(event, operation);
    }

    /// Adds a message to the channel.
    fn message(&mut self, message: Message) {
        let name = message.name.clone();
        let target = Reference { target: format!("#/components/messages/{name}") };
        if let Some(channel) = self.channels.get_mut(CHANNEL) {
            channel.messages.insert(name.clone(), target);
        }
        self.components.messages.insert(name, message);
    }
}

fn channel() -> Reference {
    Reference { target: format!("#/channels/{CHANNEL}") }
}

fn on_channel(message: &str) -> Reference {
    Reference { target: format!("#/channels/{CHANNEL}/messages/{message}") }
}

/// A name as AsyncAPI takes it in `components`: letters, digits, `-` and `_`. Anything else is
/// written as its code, so that different names stay different; a dot is for names made here.
fn key(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let spell = |c| if allowed(c) { String::from(c) } else { format!("_{:x}_", u32::from(c)) };
    name.chars().map(spell).collect()
}

/// The first line of the docs.
fn summary(docs: &str) -> String {
    docs.lines().next().unwrap_or_default().to_owned()
}

fn correlation() -> Value {
    json!({"location": "$message.payload#/id"})
}

fn id() -> Value {
    json!({
        "type": "integer", "minimum": 0,
        "description": "Counts up within the session; the answer has the same.",
    })
}

/// An object with these members. An action without `id` wants no answer, and one without `data`
/// has `null`.
fn frame(members: &[(&str, &Value)]) -> Value {
    let optional = |name: &str| members.len() > 2 && name == "id";
    let required: Vec<_> =
        members.iter().map(|(name, _)| *name).filter(|name| !optional(name)).collect();
    let properties: serde_json::Map<_, _> =
        members.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// What [`Error`](crate::Error) looks like on the wire.
fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "temporary": {"type": "boolean", "description": "Whether trying again may help."},
        },
        "required": ["code", "message", "temporary"],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{asyncapi, key};
    use crate::describe::Description;

    #[test]
    fn names_stay_apart() {
        assert_eq!(key("sendMessage"), "sendMessage");
        assert_eq!(key("board/clear"), "board_2f_clear");
        assert_eq!(key("say.reply"), "say_2e_reply");
    }

    #[test]
    fn an_action_is_received_and_answered_and_an_event_is_sent() {
        let mut chat = Description::new("chat-contract", "Chat", "chat", "A chat.");
        chat.action::<String, u8>("say", "Say it.\n\nLoudly.", "string", "number");
        chat.event::<String>("say", "", "string");
        let api = asyncapi(&chat, &crate::describe::schema(&chat).unwrap());
        assert_eq!(api["operations"]["say"]["action"], "receive");
        assert_eq!(api["operations"]["say"]["summary"], "Say it.");
        assert_eq!(
            api["operations"]["say"]["reply"]["messages"],
            json!([
                {"$ref": "#/channels/socket/messages/say.reply"},
                {"$ref": "#/channels/socket/messages/gatewire.error"},
            ])
        );
        assert_eq!(api["operations"]["say.event"]["action"], "send");
        let request = &api["components"]["messages"]["say"]["payload"];
        assert_eq!(request["required"], json!(["action", "data"]));
        assert_eq!(request["properties"]["data"], json!({"type": "string"}));
    }
}
