//! From text to the parts of an expression.

use super::{ExpressionError, Part, Use, Variable};

/// Reads the text of an expression of this use.
pub(super) fn parse(text: &str, usage: Use) -> Result<Vec<Part>, ExpressionError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    let error = |rest: &str, problem| ExpressionError {
        at: text[..text.len() - rest.len()].chars().count() + 1,
        problem,
    };
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\\$") {
            literal.push('$');
            rest = after;
        } else if let Some(variable) = rest.strip_prefix('$') {
            let (path, after) = match variable.strip_prefix('{') {
                Some(braced) => {
                    braced.split_once('}').ok_or_else(|| error(rest, "`${` is never closed"))?
                }
                None => variable.split_at(end_of_path(variable)),
            };
            let variable = Variable::parse(path)
                .and_then(|variable| usage.admit(variable))
                .map_err(|problem| error(rest, problem))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(variable));
            rest = after;
        } else {
            literal.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    if parts.is_empty() {
        return Err(error(rest, "the expression is empty"));
    }
    usage.whole(&parts).map_err(|problem| error(text, problem))?;
    Ok(parts)
}

/// Where a variable without braces ends: at the first character no path has.
fn end_of_path(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '[' | ']')))
        .unwrap_or(text.len())
}

impl Use {
    /// Whether an expression of this use may read the variable.
    fn admit(self, variable: Variable) -> Result<Variable, &'static str> {
        let read = &variable;
        let admitted = match self {
            Self::Route | Self::Model | Self::Template => matches!(read, Variable::Body(_)),
            Self::Response => matches!(read, Variable::ResponseBody(_) | Variable::ResponseStatus),
            Self::ResponseTemplate => matches!(
                read,
                Variable::Body(_)
                    | Variable::ResponseStatus
                    | Variable::ResponseHeader(_)
                    | Variable::ResponseHeaders(_)
            ),
            Self::ApiKey => match read {
                Variable::Header(name) => name.eq_ignore_ascii_case("x-api-key"),
                Variable::Context(path) => path == "authorizer.usageIdentifierKey",
                _ => false,
            },
            Self::ApiMapping => matches!(read, Variable::BasePath),
            Self::Value => {
                matches!(read, Variable::Body(_) | Variable::Context(_) | Variable::OfStage(_))
            }
            Self::Uri => matches!(read, Variable::OfStage(_)),
            Self::AccessLog => matches!(read, Variable::Context(_)),
        };
        match read {
            _ if !admitted => Err(self.reads()),
            Variable::Body(path) if self != Self::Value && path.steps().is_empty() => {
                Err("name a member of the body: `$request.body.action`")
            }
            _ => Ok(variable),
        }
    }

    /// Whether the parts together are what this use takes.
    fn whole(self, parts: &[Part]) -> Result<(), &'static str> {
        let fixed = matches!(self, Self::Response | Self::ApiKey | Self::ApiMapping);
        if fixed && !matches!(parts, [Part::Variable(_)]) { Err(self.reads()) } else { Ok(()) }
    }

    fn reads(self) -> &'static str {
        match self {
            Self::Route => "a route selection expression reads `request.body` and nothing else",
            Self::Model => "a model selection expression reads `request.body` and nothing else",
            Self::Template => {
                "a template selection expression reads `request.body` and nothing else"
            }
            Self::Response => {
                "a response is selected by `$integration.response.statuscode` or by \
                 `$integration.response.body.` and a path"
            }
            Self::ResponseTemplate => {
                "the template of a response is selected by `request.body`, \
                 `integration.response.statuscode`, `.header` and `.multivalueheader`"
            }
            Self::ApiKey => {
                "the API key is `$request.header.x-api-key` or \
                 `$context.authorizer.usageIdentifierKey`"
            }
            Self::ApiMapping => "an API mapping is selected by `$request.basepath`",
            Self::Value => "expected `request.body`, `context` or `stageVariables`",
            Self::Uri => "an address reads `stageVariables` and nothing else",
            Self::AccessLog => "an access log reads `context` and nothing else",
        }
    }
}
