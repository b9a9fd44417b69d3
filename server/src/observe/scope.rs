//! The variables of an access log: those of the call, and what is known once it has ended.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Answered, Ended, variables::HERE};
use crate::expression::Scope;

/// What a text format reads: the values are escaped as in a JSON string, so that no value ends a
/// line or a quoted member of a format that spells JSON.
pub(super) struct Escaped<'a>(pub(super) &'a Ended<'a>);

impl Scope for Escaped<'_> {
    fn context(&self, path: &str) -> Option<Value> {
        match (path, self.0.variable(path)?) {
            ("error.messageString", quoted) => Some(quoted),
            (_, Value::String(text)) => {
                let quoted = Value::from(text).to_string();
                Some(Value::from(&quoted[1..quoted.len() - 1]))
            }
            (_, value) => Some(value),
        }
    }
}

impl Ended<'_> {
    /// What a variable is worth, by its path below `$context`.
    #[must_use]
    pub fn variable(&self, path: &str) -> Option<Value> {
        let integration = self.integration.as_ref();
        Some(match path {
            "status" => self.status.into(),
            "error.message" => self.failure?.message.into(),
            "error.messageString" => Value::from(self.failure?.message).to_string().into(),
            "error.responseType" => self.failure?.kind.into(),
            "integrationLatency" | "integration.latency" => millis(integration?.latency?).into(),
            // What a function's code answers; a status of its own beside it is Lambda's alone.
            "integration.status" | "integration.integrationStatus" | "integrationStatus" => {
                integration?.answer.status()?.into()
            }
            "integration.error" => failed(integration?.answer)?.into(),
            "routeKey" if self.call.route.is_empty() => return None,
            path => return self.call.scope().context(path),
        })
    }

    /// All variables that are worth something, as one object: `identity.sourceIp` is a member of
    /// `identity`.
    #[must_use]
    pub fn to_object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        for path in HERE {
            let Some(value) = self.variable(path) else { continue };
            match path.split_once('.') {
                None => drop(object.insert(path.to_owned(), value)),
                Some((parent, name)) => {
                    let parent = object.entry(parent).or_insert_with(|| Map::new().into());
                    if let Value::Object(members) = parent {
                        members.insert(name.to_owned(), value);
                    }
                }
            }
        }
        if let Some(authorizer) = crate::event::json::authorizer(self.call) {
            object.insert("authorizer".to_owned(), authorizer.into());
        }
        object
    }
}

/// Why an integration has failed: for an internal error, what the client is not told.
fn failed(answer: Answered<'_>) -> Option<String> {
    let error = answer.error()?;
    let source = error.source();
    Some(source.map_or_else(|| error.message().to_owned(), ToString::to_string))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
