use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const BODY: &str = r#"{"service":"chat","action":"join","data":{"rooms":["r1",2]},"none":null}"#;

struct Request {
    headers: Vec<(String, String)>,
}

impl Scope for Request {
    fn body(&self) -> Option<&str> {
        Some(BODY)
    }

    fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    fn base_path(&self) -> Option<&str> {
        Some("v1")
    }

    fn context(&self, path: &str) -> Option<Value> {
        match path {
            "requestId" => Some(json!("R1=")),
            "connectedAt" => Some(json!(17)),
            "authorizer.usageIdentifierKey" => Some(json!("key-2")),
            _ => None,
        }
    }

    fn stage_variable(&self, name: &str) -> Option<&str> {
        (name == "table").then_some("chat")
    }

    fn response_status(&self) -> Option<u16> {
        Some(404)
    }

    fn response_headers(&self) -> &[(String, String)] {
        &self.headers
    }

    fn response_body(&self) -> Option<&str> {
        Some(r#"{"errorMessage":"no such room"}"#)
    }
}

fn request() -> Request {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request { headers: vec![pair("X-Api-Key", "key-0"), pair("x-api-key", "key-1")] }
}

fn evaluate(expression: &str) -> String {
    let body: &RawValue = serde_json::from_str(BODY).unwrap();
    expression.parse::<Expression>().unwrap().evaluate(body)
}

fn resolve(expression: &str, usage: Use) -> String {
    Expression::parse(expression, usage).unwrap().resolve(&request())
}

#[test]
fn the_developer_guides_examples() {
    assert_eq!(evaluate("$request.body.action"), "join");
    assert_eq!(evaluate("${request.body.service}/${request.body.action}"), "chat/join");
    assert_eq!(evaluate("${request.body.action}-${request.body.nope}"), "join-");
    assert_eq!(evaluate("action"), "action");
    assert_eq!(evaluate(r"\$default"), "$default");
}

#[test]
fn paths_have_names_and_indices() {
    assert_eq!(evaluate("$request.body.data.rooms[0]"), "r1");
    assert_eq!(evaluate("$request.body.data.rooms[1]"), "2");
    assert_eq!(evaluate("$request.body.data.rooms"), "[r1, 2]");
    assert_eq!(evaluate("$request.body.none"), "");
    assert_eq!(evaluate("$request.body.action.deeper"), "");
}

#[test]
fn lists_as_deep_as_a_message_is_long_are_printed() {
    let list = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    let body = RawValue::from_string(format!(r#"{{"action":{list}}}"#)).unwrap();
    assert_eq!(Expression::default().evaluate(&body), list);
}

#[test]
fn each_use_reads_its_own_variables() {
    for (expression, usage, expected) in [
        ("$request.body.service", Use::Model, "chat"),
        (r"\$default", Use::Template, "$default"),
        ("$integration.response.statuscode", Use::Response, "404"),
        ("${response.statuscode}", Use::Response, "404"),
        ("$integration.response.body.errorMessage", Use::Response, "no such room"),
        ("${integration.response.header.x-api-key}", Use::ResponseTemplate, "key-1"),
        (
            "${integration.response.multivalueheader.x-api-key}",
            Use::ResponseTemplate,
            "[key-0, key-1]",
        ),
        ("$request.header.x-api-key", Use::ApiKey, "key-1"),
        ("$context.authorizer.usageIdentifierKey", Use::ApiKey, "key-2"),
        ("$request.basepath", Use::ApiMapping, "v1"),
        ("${request.body}", Use::Value, BODY),
        ("${context.requestId}@${stageVariables.table}", Use::Value, "R1=@chat"),
        (
            "http://${stageVariables.table}.example/${stageVariables.no}",
            Use::Uri,
            "http://chat.example/",
        ),
        ("$context.requestId $context.connectedAt", Use::AccessLog, "R1= 17"),
    ] {
        assert_eq!(resolve(expression, usage), expected, "{expression}");
    }
}

#[test]
fn a_log_has_a_dash_for_nothing() {
    let format = Expression::parse("$context.requestId $context.no", Use::AccessLog).unwrap();
    assert_eq!(format.resolve_for_log(&request()), "R1= -");
}

#[test]
fn what_a_use_has_not_is_refused_when_compiled() {
    for (expression, usage) in [
        ("$request.header.x", Use::Model),
        ("$context.stage", Use::Template),
        ("$request.body.a", Use::Response),
        ("x$integration.response.statuscode", Use::Response),
        ("$context.stage", Use::ResponseTemplate),
        ("$request.header.authorization", Use::ApiKey),
        ("key", Use::ApiKey),
        ("$request.body.a", Use::ApiMapping),
        ("$request.header.a", Use::Value),
        ("$context.stage", Use::Uri),
        ("$stageVariables.a", Use::AccessLog),
        ("$context", Use::AccessLog),
        ("$context.a..b", Use::AccessLog),
        ("$stageVariables", Use::Uri),
    ] {
        assert!(Expression::parse(expression, usage).is_err(), "{expression} for {usage:?}");
    }
}

#[test]
fn a_wrong_expression_says_where() {
    for (text, at) in [
        ("", 1),
        ("ä${request.body.action", 2),
        ("$request.header.x", 1),
        ("$request.bodyx", 1),
        ("$request.body", 1),
        ("x$request.body..a", 2),
        ("$request.body.a[b]", 1),
        ("$default", 1),
    ] {
        assert_eq!(text.parse::<Expression>().unwrap_err().at, at, "{text}");
    }
}

fn any_use() -> impl Strategy<Value = Use> {
    prop::sample::select(vec![
        Use::Route,
        Use::Model,
        Use::Template,
        Use::Response,
        Use::ResponseTemplate,
        Use::ApiKey,
        Use::ApiMapping,
        Use::Value,
        Use::Uri,
        Use::AccessLog,
    ])
}

proptest! {
    #[test]
    fn no_text_and_no_body_makes_it_panic(text in "\\PC{0,40}", body in "\\PC{0,40}") {
        let body = serde_json::value::to_raw_value(&body).unwrap();
        if let Ok(expression) = text.parse::<Expression>() {
            let _ = expression.evaluate(&body);
        }
    }

    #[test]
    fn no_variable_of_any_use_makes_it_panic(
        text in r"(\$\{?(request|integration|response|context|stageVariables|body|header|statuscode|[.\[\]a0}]){0,6}){1,3}",
        usage in any_use(),
    ) {
        if let Ok(expression) = Expression::parse(&text, usage) {
            let _ = expression.resolve(&request());
        }
    }

    #[test]
    fn an_escaped_literal_is_itself(text in "[^\\\\]{1,20}") {
        let body = RawValue::NULL;
        let expression: Expression = text.replace('$', "\\$").parse().unwrap();
        prop_assert_eq!(expression.evaluate(body), text);
    }

    #[test]
    fn a_value_is_never_read_as_an_expression(text in "\\PC{0,20}") {
        let body = serde_json::value::to_raw_value(&json!({ "action": text })).unwrap();
        prop_assert_eq!(Expression::default().evaluate(&body), text);
    }
}
