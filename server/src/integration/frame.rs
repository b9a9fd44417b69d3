//! An answer that is a frame of its own making.

use axum::extract::ws::{Message, Utf8Bytes};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::value::{RawValue, to_raw_value};

/// What one WebSocket frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text, JSON or not.
    Text(Utf8Bytes),
    /// Bytes.
    Binary(Bytes),
}

impl Frame {
    /// How many bytes it carries.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// The frame as a reply of `gatewire.v1`, which is JSON: what the text is or else a JSON string,
    /// bytes in base64.
    pub(crate) fn into_reply(self) -> Box<RawValue> {
        let text = match self {
            Self::Text(text) => match serde_json::from_str(&text) {
                Ok(json) => return json,
                Err(_) => text,
            },
            Self::Binary(bytes) => STANDARD.encode(bytes).into(),
        };
        to_raw_value(text.as_str()).expect("a text is JSON")
    }
}

impl From<Frame> for Message {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text),
            Frame::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<Utf8Bytes> for Frame {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Frame {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Frame {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_the_json_a_text_is_or_else_a_string() {
        let reply = |frame: Frame| frame.into_reply().get().to_owned();
        assert_eq!(reply(r#"{"n": 1}"#.into()), r#"{"n": 1}"#);
        assert_eq!(reply("hi".into()), r#""hi""#);
        assert_eq!(reply("".into()), r#""""#);
        assert_eq!(reply(Bytes::from_static(&[0, 255]).into()), r#""AP8=""#);
    }
}
