//! A table of changes with the verdict on each, and what holds for all of them.

use serde_json::{Value, json};

use super::{Severity, diff};
use crate::describe::fingerprint;

/// A contract with one payload, which an action sends and an event brings.
fn contract(payload: &Value, definitions: &Value) -> Value {
    json!({
        "actions": {"say": {"data": payload, "reply": {"type": "null"}}},
        "events": {"said": {"data": payload}},
        "$defs": definitions,
    })
}

/// What became of a payload, and the verdict in either direction: `+` is safe, `-` is breaking.
struct Case {
    what: &'static str,
    old: Value,
    new: Value,
    to_server: &'static str,
    to_client: &'static str,
}

fn case(
    what: &'static str,
    old: Value,
    new: Value,
    to_server: &'static str,
    to_client: &'static str,
) -> Case {
    Case { what, old, new, to_server, to_client }
}

fn object(properties: &Value, required: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn closed(properties: &Value, required: &Value) -> Value {
    let mut schema = object(properties, required);
    schema["additionalProperties"] = json!(false);
    schema
}

fn fields() -> Vec<Case> {
    let none = || object(&json!({}), &json!([]));
    let optional = || object(&json!({"a": {"type": "string"}}), &json!([]));
    let required = || object(&json!({"a": {"type": "string"}}), &json!(["a"]));
    let closed_none = || closed(&json!({}), &json!([]));
    let closed_optional = || closed(&json!({"a": {"type": "string"}}), &json!([]));
    let with_default =
        |value: Value| object(&json!({"a": {"type": "string", "default": value}}), &json!([]));
    vec![
        case("a new required field", none(), required(), "-", "+"),
        case("a new optional field", none(), optional(), "+", "+"),
        case("a lost required field", required(), none(), "+", "-"),
        case("a lost optional field", optional(), none(), "+", "+"),
        case("a field that may be left out", required(), optional(), "+", "-"),
        case("a field that is required", optional(), required(), "-", "+"),
        case(
            "a lost field where unknown ones are denied",
            closed_optional(),
            closed_none(),
            "-",
            "+",
        ),
        case(
            "a new field where unknown ones are denied",
            closed_none(),
            closed_optional(),
            "+",
            "-",
        ),
        case("unknown fields are denied", none(), closed_none(), "+", "+"),
        case("unknown fields are ignored", closed_none(), none(), "+", "+"),
        case("another default", with_default(json!("x")), with_default(json!("y")), "+", "+"),
        case("a renamed field", required(), object(&json!({"b": true}), &json!(["b"])), "+-", "+-"),
    ]
}

fn types() -> Vec<Case> {
    let map = |of: Value| json!({"type": "object", "additionalProperties": of});
    let list = |of: Value| json!({"type": "array", "items": of});
    let pair = json!({
        "type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}],
        "minItems": 2, "maxItems": 2,
    });
    let single = json!({
        "type": "array", "prefixItems": [{"type": "string"}], "minItems": 1, "maxItems": 1,
    });
    vec![
        case("text to number", json!({"type": "string"}), json!({"type": "number"}), "+-", "+-"),
        case("integer to number", json!({"type": "integer"}), json!({"type": "number"}), "+", "-"),
        case("number to integer", json!({"type": "number"}), json!({"type": "integer"}), "-", "+"),
        case("nullable", json!({"type": "string"}), json!({"type": ["string", "null"]}), "+", "-"),
        case(
            "not nullable",
            json!({"type": ["string", "null"]}),
            json!({"type": "string"}),
            "-",
            "+",
        ),
        case("anything", json!({"type": "string"}), json!(true), "+", "-"),
        case("no longer anything", json!({}), json!({"type": "string"}), "-", "+"),
        case("items", list(json!({"type": "integer"})), list(json!({"type": "number"})), "+", "-"),
        case("entries", map(json!({"type": "number"})), map(json!({"type": "integer"})), "-", "+"),
        case("a longer tuple", single, pair, "+-", "+-"),
        case("a map to a list", map(json!(true)), list(json!(true)), "+-", "+-"),
        case(
            "a reference written out",
            json!({"$ref": "#/$defs/Text"}),
            json!({"type": "string"}),
            "",
            "",
        ),
        case(
            "an optional reference",
            json!({"$ref": "#/$defs/Text"}),
            json!({"anyOf": [{"$ref": "#/$defs/Text"}, {"type": "null"}]}),
            "+",
            "-",
        ),
    ]
}

fn variants() -> Vec<Case> {
    let tagged = |tags: &[&str]| {
        let variant = |tag: &&str| object(&json!({"by": {"const": tag}}), &json!(["by"]));
        json!({"oneOf": tags.iter().map(variant).collect::<Vec<_>>()})
    };
    let outside = |tags: &[&str]| {
        let variant = |tag: &&str| closed(&json!({*tag: {"type": "string"}}), &json!([tag]));
        json!({"oneOf": tags.iter().map(variant).collect::<Vec<_>>()})
    };
    vec![
        case("a variant more", json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), "+", "-"),
        case("a variant less", json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "-", "+"),
        case(
            "the same, documented",
            json!({"enum": ["a", "b"]}),
            json!({"oneOf": [{"const": "b", "description": "B."}, {"const": "a"}]}),
            "",
            "",
        ),
        case("any text", json!({"enum": ["a", "b"]}), json!({"type": "string"}), "+", "-"),
        case("some texts", json!({"type": "string"}), json!({"enum": ["a", "b"]}), "-", "+"),
        case("a tagged variant more", tagged(&["a", "b"]), tagged(&["c", "b", "a"]), "+", "-"),
        case("a tagged variant less", tagged(&["a", "b", "c"]), tagged(&["c", "b"]), "-", "+"),
        case("an outer tag more", outside(&["a", "b"]), outside(&["c", "b", "a"]), "+", "-"),
        case("an outer tag less", outside(&["a", "b", "c"]), outside(&["c", "b"]), "-", "+"),
    ]
}

fn constraints() -> Vec<Case> {
    let text = |key: &str, value: Value| json!({"type": "string", key: value});
    let whole = |key: &str, value: i64| json!({"type": "integer", key: value});
    let plain = || json!({"type": "string"});
    vec![
        case("shorter", text("maxLength", json!(9)), text("maxLength", json!(8)), "-", "+"),
        case("longer", text("maxLength", json!(8)), text("maxLength", json!(9)), "+", "-"),
        case("bounded", plain(), text("maxLength", json!(8)), "-", "+"),
        case("unbounded", text("minLength", json!(1)), plain(), "+", "-"),
        case("a bound that says nothing", plain(), text("minLength", json!(0)), "", ""),
        case("a pattern", plain(), text("pattern", json!("^a")), "-", "+"),
        case("no pattern", text("pattern", json!("^a")), plain(), "+", "-"),
        case(
            "another pattern",
            text("pattern", json!("^a")),
            text("pattern", json!("^b")),
            "-",
            "-",
        ),
        case("a larger minimum", whole("minimum", 0), whole("minimum", 1), "-", "+"),
        case("a larger maximum", whole("maximum", 255), whole("maximum", 65_535), "+", "-"),
        case("an open end", whole("minimum", 1), whole("exclusiveMinimum", 0), "", ""),
    ]
}

#[test]
fn each_change_has_its_verdict_in_each_direction() {
    let definitions = json!({"Text": {"type": "string"}});
    for Case { what, old, new, to_server, to_client } in
        [fields(), types(), variants(), constraints()].into_iter().flatten()
    {
        let (old, new) = (contract(&old, &definitions), contract(&new, &definitions));
        let changes = diff(&old, &new);
        for (start, expected) in [("actions.say.data", to_server), ("events.said.data", to_client)]
        {
            let mut found: Vec<_> = changes
                .iter()
                .filter(|change| change.path.starts_with(start))
                .map(|change| if change.severity == Severity::Safe { '+' } else { '-' })
                .collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.iter().collect::<String>(), expected, "{what}, {start}: {changes:#?}");
        }
    }
}

#[test]
fn a_contract_does_not_differ_from_itself_and_a_difference_has_another_fingerprint() {
    for Case { what, old, new, .. } in
        [fields(), types(), variants(), constraints()].into_iter().flatten()
    {
        let (old, new) = (contract(&old, &json!({})), contract(&new, &json!({})));
        assert_eq!(diff(&old, &old), [], "{what}");
        assert_eq!(diff(&new, &new), [], "{what}");
        if !diff(&old, &new).is_empty() {
            assert_ne!(fingerprint(&old), fingerprint(&new), "{what}");
        }
    }
}

#[test]
fn actions_and_events_come_and_go() {
    let empty = json!({"actions": {}, "events": {}});
    let full = contract(&json!(true), &json!({}));
    let lines = |old: &Value, new: &Value| -> Vec<String> {
        diff(old, new).iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        lines(&empty, &full),
        [
            "safe      actions.say: a new action, which older clients do not send",
            "safe      events.said: a new event, which older clients do not listen to",
        ]
    );
    assert_eq!(
        lines(&full, &empty),
        [
            "breaking  actions.say: the action is gone, and older clients may send it",
            "breaking  events.said: the event is gone, and older clients wait for it in vain",
        ]
    );
}

#[test]
fn a_change_is_found_inside_a_type_that_holds_itself_and_named_where_it_is() {
    let tree = |leaf: &str| {
        let tree = json!({
            "type": "object",
            "properties": {
                "leaf": {"type": leaf},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            },
            "required": ["leaf", "children"],
        });
        contract(&json!({"$ref": "#/$defs/Tree"}), &json!({"Tree": tree}))
    };
    let paths: Vec<_> = diff(&tree("integer"), &tree("number"))
        .into_iter()
        .map(|change| (change.severity, change.path))
        .collect();
    assert_eq!(
        paths,
        [
            (Severity::Breaking, "events.said.data.leaf".to_owned()),
            (Severity::Safe, "actions.say.data.leaf".to_owned()),
        ]
    );
}

#[test]
fn a_reference_that_leads_to_itself_ends() {
    let circle = contract(&json!({"$ref": "#/$defs/A"}), &json!({"A": {"$ref": "#/$defs/A"}}));
    assert_eq!(diff(&circle, &circle), []);
}
