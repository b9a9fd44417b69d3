//! The mode without a subprotocol: what API Gateway speaks.
//!
//! A message is any JSON. A typed route finds its payload in `data`, or in the object itself with
//! the member that chose the route taken out. Answers and events are bare JSON; the gateway's own
//! errors are the frames of [`gateway_error`].

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

use crate::{ConnectionId, Error, Result};

/// What API Gateway says when no route matched.
pub const FORBIDDEN: &str = "Forbidden";
/// What API Gateway says when an integration failed.
pub const INTERNAL: &str = "Internal server error";
/// What API Gateway says when a message does not fit the route's model.
pub const INVALID_BODY: &str = "Invalid request body";
/// What API Gateway says when an integration took too long.
pub const TIMED_OUT: &str = "Endpoint request timed out";
/// Recommended where API Gateway's own words are unknown.
pub const TOO_MANY_REQUESTS: &str = "Too Many Requests";

/// The payload of a message for a typed route, without the members that chose the route.
pub fn payload<'a>(text: &'a str, selectors: &[impl AsRef<str>]) -> Result<Cow<'a, RawValue>> {
    let malformed = |source| Error::new(Error::MALFORMED, format!("not a JSON object: {source}"));
    let mut members: BTreeMap<Cow<'a, str>, &'a RawValue> =
        serde_json::from_str(text).map_err(malformed)?;
    if let Some(data) = members.remove("data") {
        return Ok(Cow::Borrowed(data));
    }
    members.retain(|name, _| !selectors.iter().any(|selector| selector.as_ref() == name));
    let rest = serde_json::value::to_raw_value(&members).map_err(malformed)?;
    Ok(Cow::Owned(rest))
}

/// A frame the gateway itself sends, with API Gateway's own spacing:
/// `{"message": "Forbidden", "connectionId":"…", "requestId":"…"}`.
///
/// `detail` is ours, for typed routes, whose errors know more than the three words: it names the
/// field or the limit.
#[must_use]
pub fn gateway_error(
    message: &str,
    connection: ConnectionId,
    request_id: &str,
    detail: Option<&str>,
) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut frame = format!(
        r#"{{"message": {}, "connectionId":"{connection}", "requestId":"{request_id}""#,
        quoted(message)
    );
    if let Some(detail) = detail {
        frame.push_str(r#", "detail":"#);
        frame.push_str(&quoted(detail));
    }
    frame.push('}');
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_data_or_the_rest_of_the_object() {
        let text = r#"{"action":"sendMessage","room":"lobby","n":12345678901234567890}"#;
        assert_eq!(
            payload(text, &["action"]).unwrap().get(),
            r#"{"n":12345678901234567890,"room":"lobby"}"#
        );
        let text = r#"{"action":"echo","data":"hi"}"#;
        assert_eq!(payload(text, &["action"]).unwrap().get(), r#""hi""#);
        assert!(payload("[1]", &["action"]).is_err());
    }

    #[test]
    fn a_gateway_error_is_json_whatever_it_says() {
        let id = "Yk3nQcX9IAMCJ2g=".parse().unwrap();
        let frame = gateway_error("no \"room\"", id, "Yk3pTE7zIAMF9vA=", Some("a\nb"));
        let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
        assert_eq!((&value["message"], &value["detail"]), (&"no \"room\"".into(), &"a\nb".into()));
    }

    #[test]
    fn a_gateway_error_is_byte_for_byte_api_gateways() {
        let id = "Yk3nQcX9IAMCJ2g=".parse().unwrap();
        assert_eq!(
            gateway_error(FORBIDDEN, id, "Yk3pTE7zIAMF9vA=", None),
            r#"{"message": "Forbidden", "connectionId":"Yk3nQcX9IAMCJ2g=", "requestId":"Yk3pTE7zIAMF9vA="}"#
        );
    }
}
