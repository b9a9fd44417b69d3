//! What a function's answer means to API Gateway: the proxy response.
//!
//! The shape is strict, as on AWS: an object with `statusCode`, `headers`, `multiValueHeaders`,
//! `body` and `isBase64Encoded` and nothing else. Typed runtimes write `null` for what they leave
//! out; that is as if it were not there.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::integration::Response;

/// What an answer of nothing, `null`, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullAnswer {
    /// Success without a body.
    Accept,
    /// A mistake of the function's.
    Refuse,
}

/// Why an answer is no proxy response. Its client is told nothing of it, its log is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The bytes are no JSON.
    #[error("the answer is no JSON: {0}")]
    Json(String),
    /// It is an array, a text, a number …
    #[error("the answer is no object")]
    Shape,
    /// It is `null`, which this event does not allow.
    #[error("the answer is null")]
    Null,
    /// A proxy response has no such member.
    #[error("the answer has the member `{0}`, which a proxy response does not have")]
    Unknown(String),
    /// A member is not what it has to be.
    #[error("the answer's `{member}` is not {expected}")]
    Member {
        /// Which one.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}

/// Reads a function's answer.
pub fn parse(answer: &[u8], null: NullAnswer) -> Result<Response, Malformed> {
    let value = if answer.trim_ascii().is_empty() {
        Value::Null // a runtime that answers with nothing
    } else {
        serde_json::from_slice(answer).map_err(|error| Malformed::Json(error.to_string()))?
    };
    match value {
        Value::Null if null == NullAnswer::Accept => {
            Ok(Response { status: 200, ..Response::default() })
        }
        Value::Null => Err(Malformed::Null),
        Value::Object(members) => proxy_response(members),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Malformed::Shape)
        }
    }
}

fn proxy_response(members: Map<String, Value>) -> Result<Response, Malformed> {
    let (mut status, mut single, mut multiple) = (None, Vec::new(), Vec::new());
    let (mut text, mut encoded) = (String::new(), false);
    for (name, value) in members {
        match (name.as_str(), value) {
            ("statusCode", value) => status = value.as_u64(),
            ("headers" | "multiValueHeaders" | "body" | "isBase64Encoded", Value::Null) => {}
            ("headers", value) => single = headers(value)?,
            ("multiValueHeaders", value) => multiple = multi_value_headers(value)?,
            ("body", Value::String(body)) => text = body,
            ("body", _) => return Err(wrong("body", "a string")),
            ("isBase64Encoded", Value::Bool(value)) => encoded = value,
            ("isBase64Encoded", _) => return Err(wrong("isBase64Encoded", "a boolean")),
            _ => return Err(Malformed::Unknown(name)),
        }
    }
    // Whether AWS insists on the status is unknown; its documentation lists it as required.
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| wrong("statusCode", "an integer between 100 and 599"))?;
    let body = if encoded {
        STANDARD.decode(text).map_err(|_| wrong("body", "base64"))?.into()
    } else {
        text.into()
    };
    Ok(Response { status, headers: merge(multiple, single), body, binary: encoded })
}

type Headers = Vec<(String, String)>;

fn headers(value: Value) -> Result<Headers, Malformed> {
    let Value::Object(members) = value else { return Err(wrong("headers", "an object")) };
    let text = |(name, value)| match scalar(value) {
        Some(value) => Ok((name, value)),
        None => Err(wrong("headers", "an object of strings")),
    };
    members.into_iter().map(text).collect()
}

fn multi_value_headers(value: Value) -> Result<Headers, Malformed> {
    let mistake = || wrong("multiValueHeaders", "an object of arrays of strings");
    let Value::Object(members) = value else { return Err(mistake()) };
    let mut headers = Vec::new();
    for (name, values) in members {
        let Value::Array(values) = values else { return Err(mistake()) };
        for value in values {
            headers.push((name.clone(), scalar(value).ok_or_else(mistake)?));
        }
    }
    Ok(headers)
}

/// The text of a header's value; handlers write `true` for `"true"`, which API Gateway takes.
fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Both kinds as one list; a pair that both have is there once (developer guide, "Output format of a
/// Lambda function for proxy integration").
fn merge(mut multiple: Headers, single: Headers) -> Headers {
    let same = |left: &(String, String), right: &(String, String)| {
        left.0.eq_ignore_ascii_case(&right.0) && left.1 == right.1
    };
    for header in single {
        if !multiple.iter().any(|known| same(known, &header)) {
            multiple.push(header);
        }
    }
    multiple
}

fn wrong(member: &'static str, expected: &'static str) -> Malformed {
    Malformed::Member { member, expected }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn read(answer: &str) -> Result<(u16, Headers, Bytes), Malformed> {
        let response = parse(answer.as_bytes(), NullAnswer::Refuse)?;
        Ok((response.status, response.headers, response.body))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn proxy_responses_are_read() {
        for (answer, status, headers, body) in [
            (r#"{"statusCode":200}"#, 200, pairs(&[]), ""),
            (r#"{"statusCode":403,"body":"no"}"#, 403, pairs(&[]), "no"),
            (
                r#"{"statusCode":200,"headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":null}"#,
                200,
                pairs(&[]),
                "",
            ),
            (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200, pairs(&[]), "hi"),
            (
                r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":false}"#,
                200,
                pairs(&[]),
                "aGk=",
            ),
            (
                r#"{"statusCode":200,"headers":{"a":"1","b":true,"c":2}}"#,
                200,
                pairs(&[("a", "1"), ("b", "true"), ("c", "2")]),
                "",
            ),
            (
                r#"{"statusCode":200,"headers":{"A":"1","b":"3"},"multiValueHeaders":{"a":["1","2"]}}"#,
                200,
                pairs(&[("a", "1"), ("a", "2"), ("b", "3")]),
                "",
            ),
        ] {
            assert_eq!(
                read(answer),
                Ok((status, headers, Bytes::from_static(body.as_bytes()))),
                "{answer}"
            );
        }
    }

    #[test]
    fn what_was_base64_is_bytes() {
        let is_binary = |answer: &str| parse(answer.as_bytes(), NullAnswer::Refuse).unwrap().binary;
        assert!(is_binary(r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#));
        assert!(!is_binary(r#"{"statusCode":200,"body":"hi"}"#));
    }

    #[test]
    fn what_is_no_proxy_response_is_malformed() {
        let status = wrong("statusCode", "an integer between 100 and 599");
        for (answer, expected) in [
            ("null", Malformed::Null),
            ("", Malformed::Null),
            ("[]", Malformed::Shape),
            ("\"ok\"", Malformed::Shape),
            ("200", Malformed::Shape),
            ("true", Malformed::Shape),
            ("{}", status.clone()),
            (r#"{"statusCode":"200"}"#, status.clone()),
            (r#"{"statusCode":null}"#, status.clone()),
            (r#"{"statusCode":200.5}"#, status.clone()),
            (r#"{"statusCode":99}"#, status.clone()),
            (r#"{"statusCode":70000}"#, status),
            (r#"{"statusCode":200,"message":"hi"}"#, Malformed::Unknown("message".into())),
            (r#"{"statusCode":200,"body":{"a":1}}"#, wrong("body", "a string")),
            (r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#, wrong("body", "base64")),
            (
                r#"{"statusCode":200,"isBase64Encoded":"true"}"#,
                wrong("isBase64Encoded", "a boolean"),
            ),
            (r#"{"statusCode":200,"headers":[]}"#, wrong("headers", "an object")),
            (
                r#"{"statusCode":200,"headers":{"a":["1"]}}"#,
                wrong("headers", "an object of strings"),
            ),
            (
                r#"{"statusCode":200,"multiValueHeaders":{"a":"1"}}"#,
                wrong("multiValueHeaders", "an object of arrays of strings"),
            ),
        ] {
            assert_eq!(read(answer), Err(expected), "{answer}");
        }
        assert!(matches!(read("{"), Err(Malformed::Json(_))));
    }

    #[test]
    fn nothing_is_success_where_it_is_allowed() {
        for answer in ["null", "", " \n"] {
            let response = parse(answer.as_bytes(), NullAnswer::Accept).unwrap();
            assert_eq!((response.status, response.body.len()), (200, 0));
        }
    }
}
