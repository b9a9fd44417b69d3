//! IAM policy documents: whether an action on a resource is allowed.
//!
//! What `execute-api` needs of them: statements with `Action`, `NotAction`, `Resource` and
//! `NotResource`, and a few conditions. What is not understood is an error when the document is
//! read, never a statement that is passed over. The rules are AWS's ("Policy evaluation logic" and
//! "IAM JSON policy elements" in the IAM user guide).

use std::net::IpAddr;

use serde::{Deserialize, Deserializer};

mod condition;
mod document;
mod error;
mod pattern;

#[cfg(test)]
mod tests;

use condition::Condition;
pub use error::{PolicyError, Problem};
use pattern::{ArnPattern, Glob};

/// What somebody may do: the statements of one policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    effect: Effect,
    actions: Scope<Glob>,
    resources: Scope<ArnPattern>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// Which actions or resources a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope<P> {
    /// Those that one of these matches.
    Of(Vec<P>),
    /// Those that none of these matches.
    Not(Vec<P>),
}

impl<P> Scope<P> {
    fn covers(&self, matches: impl Fn(&P) -> bool) -> bool {
        match self {
            Self::Of(patterns) => patterns.iter().any(matches),
            Self::Not(patterns) => !patterns.iter().any(matches),
        }
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Such as `execute-api:ManageConnections`; capitals do not matter.
    pub action: &'a str,
    /// The ARN of what it is done to.
    pub resource: &'a str,
    /// Where the request came from: `aws:SourceIp`.
    pub source_ip: Option<IpAddr>,
    /// The `User-Agent` of the request: `aws:UserAgent`.
    pub user_agent: Option<&'a str>,
    /// Who asks: `aws:PrincipalArn`.
    pub principal_arn: Option<&'a str>,
}

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allow,
    /// No statement is about it.
    ImplicitDeny,
    /// A statement denies it, whatever the others say.
    ExplicitDeny,
}

impl Policy {
    /// Reads a policy document.
    pub fn from_json(document: &serde_json::Value) -> Result<Self, PolicyError> {
        document::read(document)
    }

    /// Whether this may be done. A denial counts more than any permission.
    #[must_use]
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let action = request.action.to_ascii_lowercase();
        let mut decision = Decision::ImplicitDeny;
        for statement in self.statements.iter().filter(|it| it.applies(&action, request)) {
            match statement.effect {
                Effect::Deny => return Decision::ExplicitDeny,
                Effect::Allow => decision = Decision::Allow,
            }
        }
        decision
    }
}

impl Statement {
    /// `action` is in small letters.
    fn applies(&self, action: &str, request: &Request<'_>) -> bool {
        self.actions.covers(|pattern| pattern.matches(action))
            && self.resources.covers(|pattern| pattern.matches(request.resource))
            && self.conditions.iter().all(|condition| condition.holds(request))
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = serde_json::Value::deserialize(deserializer)?;
        Self::from_json(&document).map_err(serde::de::Error::custom)
    }
}
