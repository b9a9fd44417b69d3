//! The functions of `$util`, and what `$input.json` prints.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::value::RawValue;

use super::{RenderError, value::Value};

/// What `$input.json` prints for a path that leads nowhere (probable on AWS): an empty JSON text.
pub(super) const MISSING_JSON: &str = r#""""#;

/// What `application/x-www-form-urlencoded` escapes; a space is then written as `+`.
const FORM: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');

/// A function of `$util`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    UrlEncode,
    UrlDecode,
    Base64Encode,
    Base64Decode,
    EscapeJavaScript,
    ParseJson,
}

impl Function {
    /// The function of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "urlEncode" => Self::UrlEncode,
            "urlDecode" => Self::UrlDecode,
            "base64Encode" => Self::Base64Encode,
            "base64Decode" => Self::Base64Decode,
            "escapeJavaScript" => Self::EscapeJavaScript,
            "parseJson" => Self::ParseJson,
            _ => return None,
        })
    }

    /// What the function makes of a text.
    pub(super) fn apply(self, text: &str) -> Result<Value, RenderError> {
        let result = match self {
            Self::UrlEncode => utf8_percent_encode(text, FORM).to_string().replace(' ', "+"),
            Self::UrlDecode => {
                let spaced = text.replace('+', " ");
                percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
            }
            Self::Base64Encode => STANDARD.encode(text),
            Self::Base64Decode => {
                let bytes = STANDARD.decode(text).map_err(|_| RenderError::NotBase64)?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Self::EscapeJavaScript => escape_java_script(text),
            Self::ParseJson => {
                return serde_json::from_str(text).map_err(|_| RenderError::NotJson);
            }
        };
        Ok(Value::Text(result.into()))
    }
}

/// As `StringEscapeUtils` of Apache Commons does, which API Gateway's function is known to be:
/// single quotes and slashes too, and everything beyond ASCII as UTF-16 units.
fn escape_java_script(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'\'' | b'"' | b'\\' | b'/')) => result.extend(['\\', char::from(byte)]),
            Ok(0x08) => result.push_str("\\b"),
            Ok(b'\t') => result.push_str("\\t"),
            Ok(b'\n') => result.push_str("\\n"),
            Ok(0x0c) => result.push_str("\\f"),
            Ok(b'\r') => result.push_str("\\r"),
            Ok(byte @ b' '..=b'~') => result.push(char::from(byte)),
            _ => {
                let _infallible = write!(result, "\\u{unit:04X}");
            }
        }
    }
    result
}

/// A JSON text without the space between its tokens; order, numbers and escapes stay as they came.
pub(super) fn compact(value: &RawValue) -> String {
    let mut result = String::with_capacity(value.get().len());
    let mut quoted = false;
    let mut escaped = false;
    for character in value.get().chars() {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character == '"' {
            quoted = true;
        } else if character.is_ascii_whitespace() {
            continue;
        }
        result.push(character);
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(function: Function, text: &str) -> String {
        function.apply(text).unwrap().print().to_string()
    }

    #[test]
    fn a_form_has_plus_for_a_space() {
        assert_eq!(apply(Function::UrlEncode, "a b&c=ä~*"), "a+b%26c%3D%C3%A4%7E*");
        assert_eq!(apply(Function::UrlDecode, "a+b%26c%3D%C3%A4"), "a b&c=ä");
    }

    #[test]
    fn java_script_is_escaped_as_apache_commons_does() {
        let escaped = apply(Function::EscapeJavaScript, "{\"it's\": \"</a>\\\n\u{1}ä😀\u{7f}\"}");
        assert_eq!(escaped, r#"{\"it\'s\": \"<\/a>\\\n\u0001\u00E4\uD83D\uDE00\u007F\"}"#);
    }

    #[test]
    fn what_cannot_be_decoded_is_an_error() {
        assert_eq!(Function::Base64Decode.apply("?").unwrap_err(), RenderError::NotBase64);
        assert_eq!(Function::ParseJson.apply("{").unwrap_err(), RenderError::NotJson);
    }

    #[test]
    fn compact_json_keeps_the_text_of_its_tokens() {
        let raw =
            RawValue::from_string("{ \"b\" : [1.0 , 1e400],\n\"a\\\" \":\" \\\\\" }".to_owned());
        assert_eq!(compact(&raw.unwrap()), r#"{"b":[1.0,1e400],"a\" ":" \\"}"#);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in "\\PC{0,30}") {
            for (there, back) in [
                (Function::UrlEncode, Function::UrlDecode),
                (Function::Base64Encode, Function::Base64Decode),
            ] {
                prop_assert_eq!(apply(back, &apply(there, &text)), text.clone());
            }
        }
    }
}
