//! Selection expressions: which route, model, template or response a request takes.
//!
//! The grammar is API Gateway's (Developer Guide, "Selection expressions"): literal text, `\$` for
//! a dollar sign, and variables `$root.path` or `${root.path}` whose path has names and `[index]`
//! steps. Which roots there are depends on the [`Use`]. An expression is compiled once, evaluated
//! in one pass and never recursively; a path that leads nowhere is the empty string.

use std::str::FromStr;

use serde_json::value::RawValue;

#[cfg(feature = "serve")]
mod key;
mod parse;
mod path;
mod scope;
mod variable;

#[cfg(feature = "serve")]
pub(crate) use key::reason;
#[cfg(feature = "serve")]
pub use key::{ResponseKey, ResponseKeyError, select};
pub(crate) use path::{Path, Step};
#[cfg(feature = "serve")]
pub(crate) use path::{PathError, print};
pub use scope::Scope;
#[cfg(feature = "serve")]
pub(crate) use scope::{Responded, named, named_exactly};
use variable::Variable;

/// A compiled selection expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(Variable),
}

/// What an expression is for, which says what it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Use {
    /// The route of a message: `$request.body.action`.
    Route,
    /// The model a message is validated with: members of the body.
    Model,
    /// The request template of an integration: members of the body; mostly `\$default`.
    Template,
    /// The key that chooses an integration response: `$integration.response.statuscode`, or
    /// `$integration.response.body.errorMessage` of a Lambda function.
    Response,
    /// The template of an integration response: the message's body and the response's status and
    /// headers.
    ResponseTemplate,
    /// The API key: `$request.header.x-api-key` or `$context.authorizer.usageIdentifierKey`.
    ApiKey,
    /// The API mapping of a custom domain: `$request.basepath`.
    ApiMapping,
    /// A value of our own declarative integrations, such as a queue's message group: the whole
    /// body or a member of it, the context, stage variables.
    Value,
    /// The address of an integration: stage variables.
    Uri,
    /// The format of an access log: the context.
    AccessLog,
}

/// The expression is not of the grammar, or reads what its use has not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the selection expression: {problem}")]
pub struct ExpressionError {
    /// Counted from 1.
    pub at: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl Expression {
    /// Compiles an expression for this use.
    pub fn parse(text: &str, usage: Use) -> Result<Self, ExpressionError> {
        parse::parse(text, usage).map(|parts| Self { parts })
    }

    /// What the expression makes of this message. Only variables of the body are worth something.
    #[must_use]
    pub fn evaluate(&self, body: &RawValue) -> String {
        self.write(|variable, result| {
            if let Variable::Body(path) = variable
                && let Some(value) = path.find_in(body)
            {
                path::print(value, result);
            }
        })
    }

    /// What the expression makes of this request.
    #[must_use]
    pub fn resolve(&self, scope: &dyn Scope) -> String {
        self.write(|variable, result| variable.write(scope, result))
    }

    /// What the expression makes of this request, for a log: `-` where a variable is worth
    /// nothing, as API Gateway's access log has it.
    #[must_use]
    pub fn resolve_for_log(&self, scope: &dyn Scope) -> String {
        self.write(|variable, result| {
            let before = result.len();
            variable.write(scope, result);
            if result.len() == before {
                result.push('-');
            }
        })
    }

    /// The top-level members of the body that the expression reads. They choose the route and are
    /// no part of a typed payload.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(Variable::Body(path)) => match path.steps().first() {
                Some(Step::Name(name)) => Some(name.as_str()),
                Some(Step::Index(_)) | None => None,
            },
            Part::Variable(_) | Part::Literal(_) => None,
        })
    }

    /// The variables of the context that the expression reads, by their paths below `$context`.
    #[cfg(feature = "serve")]
    pub(crate) fn context(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(Variable::Context(path)) => Some(path.as_str()),
            Part::Variable(_) | Part::Literal(_) => None,
        })
    }

    fn write(&self, variable: impl Fn(&Variable, &mut String)) -> String {
        let mut result = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => result.push_str(text),
                Part::Variable(name) => variable(name, &mut result),
            }
        }
        result
    }
}

/// API Gateway's usual choice: `$request.body.action`.
impl Default for Expression {
    fn default() -> Self {
        let path = Path::from(vec![Step::Name("action".to_owned())]);
        Self { parts: vec![Part::Variable(Variable::Body(path))] }
    }
}

/// A route selection expression.
impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, Use::Route)
    }
}

#[cfg(test)]
mod tests;
