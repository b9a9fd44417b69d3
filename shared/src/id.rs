//! Connection and session ids.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of one open socket, in the form that API Gateway gives it: 11 bytes as 16 characters of
/// padded base64url, for example `Yk3nQcX9IAMCJ2g=`. Opaque, and never used twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId([u8; 16]);

impl ConnectionId {
    /// How many bytes an id holds.
    pub const BYTES: usize = 11;

    /// The id made of these bytes; whoever makes an id brings the randomness.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let mut text = [0; 16];
        let written = URL_SAFE.encode_slice(bytes, &mut text);
        debug_assert_eq!(written, Ok(16), "11 bytes are 16 characters");
        Self(text)
    }

    /// The id as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("both constructors only take base64url characters")
    }
}

/// The text is not a connection id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection id is 15 characters of base64url and `=`")]
pub struct InvalidConnectionId;

impl FromStr for ConnectionId {
    type Err = InvalidConnectionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id: [u8; 16] = text.as_bytes().try_into().map_err(|_| InvalidConnectionId)?;
        let (last, rest) = id.split_last().ok_or(InvalidConnectionId)?;
        let valid = *last == b'=' && rest.iter().all(|byte| is_base64url(*byte));
        if valid { Ok(Self(id)) } else { Err(InvalidConnectionId) }
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({})", self.as_str())
    }
}

impl Serialize for ConnectionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ConnectionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The id of a session: the client's side of a conversation, over any number of sockets.
///
/// The client makes it from 16 random bytes or more and keeps it to itself: whoever knows it, and
/// connects as the same principal, is that session.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// How short a session id may be: 16 characters of base64url hold 96 bits.
    pub const MIN: usize = 16;
    /// How long a session id may be.
    pub const MAX: usize = 64;

    /// The id as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a session id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session id is {} to {} characters of base64url", SessionId::MIN, SessionId::MAX)]
pub struct InvalidSessionId;

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (Self::MIN..=Self::MAX).contains(&text.len()) && text.bytes().all(is_base64url);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidSessionId) }
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)") // knowing it is half of being the session: keep it out of logs
    }
}

/// As patterns of JSON Schema.
#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{ConnectionId, SessionId};

    impl JsonSchema for ConnectionId {
        fn schema_name() -> Cow<'static, str> {
            "ConnectionId".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "string",
                "description": "One open socket.",
                "pattern": "^[A-Za-z0-9_-]{15}=$",
            })
        }
    }

    impl JsonSchema for SessionId {
        fn schema_name() -> Cow<'static, str> {
            "SessionId".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "string",
                "description": "One client, over any number of sockets.",
                "pattern": "^[A-Za-z0-9_-]{16,64}$",
            })
        }
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::{ConnectionId, InvalidConnectionId, SessionId};

    #[test]
    fn a_connection_id_looks_like_api_gateways() {
        let id = ConnectionId::from_bytes([0xff; 11]);
        assert_eq!(id.as_str(), "______________8=");
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_no_connection_ids() {
        for text in
            ["", "Yk3nQcX9IAMCJ2g", "Yk3nQcX9IAMCJ2gg", "Yk3nQcX9IAM/J2g=", "Yk3nQcX9IAMCJ2é="]
        {
            assert_eq!(text.parse::<ConnectionId>(), Err(InvalidConnectionId), "{text}");
        }
    }

    #[test]
    fn a_session_id_is_long_enough_to_be_unguessable() {
        assert!("short".parse::<SessionId>().is_err());
        assert!("0123456789abcdef".parse::<SessionId>().is_ok());
        assert!("0123456789abcde\"".parse::<SessionId>().is_err());
        assert!("a".repeat(65).parse::<SessionId>().is_err());
    }
}
