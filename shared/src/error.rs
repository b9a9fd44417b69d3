//! The one error an action can be answered with.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::Serialize;

/// What a handler returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error an action is answered with: a code for programs, a message for people, and whether
/// trying again may help.
///
/// `?` turns any [`std::error::Error`] into an [internal](Self::internal) one: the client reads
/// "internal error", the log gets the source. Say what a client may know with [`Error::new`].
#[derive(Clone)]
pub struct Error {
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    temporary: bool,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// The frame was not JSON, or not a frame of the protocol.
    pub const MALFORMED: &'static str = "malformed";
    /// No route answers this action.
    pub const UNKNOWN_ACTION: &'static str = "unknownAction";
    /// The payload is not what the contract declares; the message names the field.
    pub const INVALID: &'static str = "invalid";
    /// The message is over the limit; the message names it.
    pub const TOO_LARGE: &'static str = "tooLarge";
    /// The token is missing, invalid or expired.
    pub const UNAUTHORIZED: &'static str = "unauthorized";
    /// The principal may not do this.
    pub const FORBIDDEN: &'static str = "forbidden";
    /// Too many of these; later will do.
    pub const THROTTLED: &'static str = "throttled";
    /// The server, or something behind it, cannot answer right now.
    pub const UNAVAILABLE: &'static str = "unavailable";
    /// What answers the action took too long.
    pub const TIMED_OUT: &'static str = "timedOut";
    /// The action was answered, but so long ago that the answer is no longer kept.
    pub const LOST: &'static str = "lost";
    /// The server failed; its log says why.
    pub const INTERNAL: &'static str = "internal";

    /// A refusal of your own: a code your clients know, and a message that names what is wrong.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: message.into(), temporary: false, source: None }
    }

    /// A failure the client can do nothing about. The source is for the log and never travels.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            code: Self::INTERNAL.into(),
            message: "internal error".into(),
            temporary: true,
            source: Some(Arc::from(source.into())),
        }
    }

    /// The same error, marked as worth another try. Behind a queue, the action is tried again.
    #[must_use]
    pub fn temporary(mut self) -> Self {
        self.temporary = true;
        self
    }

    /// The code, for programs: one of the constants here or one of the application's own.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the same action may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// What went wrong underneath, for the log.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }
}

/// Not `std::error::Error` itself: that is what lets `?` take every error there is.
impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self::internal(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("message", &self.message)
            .field("temporary", &self.temporary)
            .field("source", &self.source)
            .finish()
    }
}

/// As it travels: `{"code":"throttled","message":"…","temporary":true}`.
impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Error", 3)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("temporary", &self.temporary)?;
        fields.end()
    }
}

impl<'de> serde::Deserialize<'de> for Error {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Wire {
            code: String,
            message: String,
            #[serde(default)]
            temporary: bool,
        }
        let Wire { code, message, temporary } = Wire::deserialize(deserializer)?;
        Ok(Self { code: code.into(), message: message.into(), temporary, source: None })
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn the_source_stays_at_home() {
        let error = Error::from(std::io::Error::other("secret path"));
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"code":"internal","message":"internal error","temporary":true}"#
        );
        assert_eq!(error.source().unwrap().to_string(), "secret path");
    }
}
