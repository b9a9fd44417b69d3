//! What has changed between two contracts, and whether clients of the older one notice.

mod alternatives;
mod bounds;
mod compare;
mod parts;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::document::Document;
use compare::{Comparison, Direction};

/// One change from an older contract to a newer one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Whether a client of the older contract gets into trouble with it.
    pub severity: Severity,
    /// Where: `actions.sendMessage.data.room`. `[]` is every item of an array, `{}` every value of
    /// a map, `<by="text">` one variant of an enum.
    pub path: String,
    /// What has changed and what follows from it, in one sentence.
    pub reason: String,
}

/// What a change does to a client that was built from the older contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something the client sends may be refused, or something it gets may be unknown to it.
    Breaking,
    /// Everything the client sends is accepted, and it understands everything it gets.
    Safe,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaking => "breaking",
            Self::Safe => "safe",
        })
    }
}

impl fmt::Display for Change {
    /// `breaking  actions.say.data.text: a new required field, which older clients do not send`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}  {}: {}", self.severity, self.path, self.reason)
    }
}

/// Every change between the schemas of two contracts, the breaking ones first.
///
/// The judge is a client of the old contract that talks to a server of the new one. What it sends,
/// the data of actions, may be widened and not narrowed. What it gets, replies and events, may be
/// narrowed and not widened. Fields that a reader does not know are no trouble, unless it denies
/// them.
///
/// - A new action is safe, nobody sends it yet; one that is gone is breaking.
/// - A new event is safe: a client drops events that nobody listens to.
/// - An event that is gone is breaking. No frame is refused, but a page that waits for it waits
///   forever without an error, and an event that was renamed looks just like this.
///
/// What cannot be judged, such as one pattern in place of another, is breaking. Two schemas with
/// one [fingerprint](super::fingerprint) have no changes.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (Document::new(old), Document::new(new));
    let mut changes = Vec::new();
    diff_actions(old, new, &mut changes);
    diff_events(old, new, &mut changes);
    changes.sort();
    changes
}

fn diff_actions(old: Document<'_>, new: Document<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (old.actions(), new.actions());
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let path = format!("actions.{name}");
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => {
                let to_server = Comparison::new(Direction::ToServer, old, new);
                changes.extend(to_server.run(before.data, after.data, &format!("{path}.data")));
                let to_client = Comparison::new(Direction::ToClient, old, new);
                changes.extend(to_client.run(before.reply, after.reply, &format!("{path}.reply")));
            }
            (Some(_), None) => {
                let reason = "the action is gone, and older clients may send it";
                changes.push(Change { severity: Severity::Breaking, path, reason: reason.into() });
            }
            _ => {
                let reason = "a new action, which older clients do not send";
                changes.push(Change { severity: Severity::Safe, path, reason: reason.into() });
            }
        }
    }
}

fn diff_events(old: Document<'_>, new: Document<'_>, changes: &mut Vec<Change>) {
    let (before, after) = (old.events(), new.events());
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let path = format!("events.{name}");
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => {
                let to_client = Comparison::new(Direction::ToClient, old, new);
                changes.extend(to_client.run(before, after, &format!("{path}.data")));
            }
            (Some(_), None) => {
                let reason = "the event is gone, and older clients wait for it in vain";
                changes.push(Change { severity: Severity::Breaking, path, reason: reason.into() });
            }
            _ => {
                let reason = "a new event, which older clients do not listen to";
                changes.push(Change { severity: Severity::Safe, path, reason: reason.into() });
            }
        }
    }
}
