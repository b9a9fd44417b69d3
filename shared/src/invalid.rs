//! What to tell a client whose action cannot be read.

use serde_json::value::RawValue;

use crate::{Action, Error};

/// How many characters of a message go back: it may quote a text of any length that the client sent.
const MESSAGE_LIMIT: usize = 256;

/// The contract declares no such action.
pub(crate) fn route(contract: &str, route: &str) -> Error {
    let message = format!("`{contract}` has no action `{route}`");
    Error::new(Error::UNKNOWN_ACTION, shortened(message))
}

/// The payload is not an `A`; the message names the field: `sendMessage.text: missing field`.
///
/// Keeping track of the path costs time, so the payload is parsed for it a second time, and only
/// when it is known to be wrong.
#[cold]
pub(crate) fn payload<A: Action>(payload: &RawValue, error: serde_json::Error) -> Error {
    let mut deserializer = serde_json::Deserializer::from_str(payload.get());
    let (mut path, error) = match serde_path_to_error::deserialize::<_, A>(&mut deserializer) {
        Err(error) => (dotted(&error.path().to_string()), error.into_inner()),
        Ok(_) => (String::new(), error),
    };
    let message = without_position(&error);
    // Of a field that is not there, the path ends at its parent and the message has the name.
    let message = match quoted(&message, "missing field `") {
        Some(field) => {
            path = format!("{path}.{field}");
            "missing field"
        }
        None => &message,
    };
    let message = format!("{}{path}: {message}", A::ROUTE);
    Error::new(Error::INVALID, shortened(message))
}

/// A path as it continues a route key: `.text`, `[0].text`, or nothing for the payload itself.
fn dotted(path: &str) -> String {
    match path {
        "." => String::new(),
        path if path.starts_with('[') => path.to_owned(),
        path => format!(".{path}"),
    }
}

/// The message without `at line 1 column 7`: clients do not see the text that was parsed.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match message.strip_suffix(&position) {
        Some(message) => message.to_owned(),
        None => message,
    }
}

/// What stands between this prefix and the closing backtick that ends the text.
fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?.strip_suffix('`')
}

pub(crate) fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_LIMIT) {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::value::RawValue;

    use super::{MESSAGE_LIMIT, route, shortened};
    use crate::{Action, Contract, Result, contract};

    /// A contract whose payloads serde alone checks.
    struct Chat;

    #[derive(Debug, Serialize, Deserialize)]
    struct Say {
        room: String,
        at: Vec<u32>,
    }

    impl Contract for Chat {
        type Events = ();
        const NAME: &'static str = "chat";
        const ROUTES: &'static [&'static str] = &["say"];

        fn decode(_: &str, payload: &RawValue) -> Result<Self> {
            contract::decode::<Say>(payload).map(|_| Self)
        }

        fn route(&self) -> &'static str {
            Say::ROUTE
        }
    }

    impl Action for Say {
        type Contract = Chat;
        type Reply = ();
        const ROUTE: &'static str = "say";
    }

    #[test]
    fn what_serde_refuses_is_named_with_its_path() {
        for (payload, message) in [
            (r#"{"room":""}"#, "say.at: missing field"),
            (r#"{"room":5}"#, "say.room: invalid type: integer `5`, expected a string"),
            (r#"{"at":[0,-1]}"#, "say.at[1]: invalid value: integer `-1`, expected u32"),
            ("null", "say: invalid type: null, expected struct Say"),
        ] {
            let payload = RawValue::from_string(payload.to_owned()).unwrap();
            let error = Chat::decode("say", &payload).err().unwrap();
            assert_eq!(error.message(), message);
        }
    }

    #[test]
    fn a_long_route_is_not_sent_back_in_full() {
        let error = route("chat", &"é".repeat(1_000));
        assert!(error.message().starts_with("`chat` has no action `éé"));
        assert_eq!(error.message().chars().count(), MESSAGE_LIMIT + 1);
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
