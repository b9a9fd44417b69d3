//! Mapping templates: the part of the Velocity language that API Gateway's samples use.
//!
//! Text, references (`$context.connectionId`, `$input.json('$.a')`, `$util.urlEncode(…)`,
//! variables of their own), `#set`, `#if`/`#elseif`/`#else`/`#end`, `#foreach` and comments. What
//! is not of this subset is refused when the template is compiled, with its line and column,
//! rather than printed as text when it runs. A template is compiled once and rendered over a
//! [`Scope`]; rendering neither waits nor panics, and its work and its output are bounded.
//!
//! Where Velocity prints the source of a reference that is worth nothing, API Gateway prints
//! nothing, and so do we; a quiet reference (`$!x`) is therefore the same as a plain one.

use std::str::FromStr;

use crate::expression::Scope;

mod ast;
mod functions;
mod parse;
mod render;
mod value;

/// The size of a template in bytes, at most (API Gateway's quota: 300 KB).
pub const TEMPLATE_LIMIT: usize = 300 * 1024;
/// How often one `#foreach` runs, at most (API Gateway's quota).
pub const LOOP_LIMIT: usize = 1000;
/// The size of what a template renders to, in bytes, at most. Ours: no message may be larger than
/// a small part of it.
pub const OUTPUT_LIMIT: usize = 1 << 20;

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Template {
    nodes: Vec<ast::Node>,
}

/// The text is not of the supported subset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the template: {problem}")]
pub struct TemplateError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: String,
}

/// A template could not be rendered for this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// More than [`OUTPUT_LIMIT`].
    #[error("the template renders to more than {OUTPUT_LIMIT} bytes")]
    Output,
    /// Loops in loops, or large texts made again and again.
    #[error("the template does more work than one request may take")]
    Work,
    /// More than [`LOOP_LIMIT`].
    #[error("a #foreach runs more than {LOOP_LIMIT} times")]
    Loop,
    /// `$util.parseJson` was given something else.
    #[error("$util.parseJson was given a text that is not JSON")]
    NotJson,
    /// `$util.base64Decode` was given something else.
    #[error("$util.base64Decode was given a text that is not base64")]
    NotBase64,
}

impl Template {
    /// Compiles a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > TEMPLATE_LIMIT {
            let problem = format!("the template is longer than {TEMPLATE_LIMIT} bytes");
            return Err(TemplateError { line: 1, column: 1, problem });
        }
        parse::parse(text).map(|nodes| Self { nodes })
    }

    /// The text the template makes of this request.
    pub fn render(&self, scope: &dyn Scope) -> Result<String, RenderError> {
        render::render(&self.nodes, scope)
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
