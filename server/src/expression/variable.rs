//! The variables of expressions: where each is read from.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    Path, Scope,
    path::print,
    scope::{named, named_exactly},
};

/// One variable, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// `request.body`, or a path into it.
    Body(Path),
    /// `request.header.name`
    Header(String),
    /// `request.querystring.name`
    Query(String),
    /// `request.basepath`
    BasePath,
    /// `context.path`; the path with its dots.
    Context(String),
    /// `stageVariables.name`
    OfStage(String),
    /// `integration.response.body.path`
    ResponseBody(Path),
    /// `integration.response.statuscode`
    ResponseStatus,
    /// `integration.response.header.name`: the last value.
    ResponseHeader(String),
    /// `integration.response.multivalueheader.name`: all values.
    ResponseHeaders(String),
}

impl Variable {
    /// Reads the text between `$` and the end of the variable.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let of = |root: &str| {
            text.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if let Some(path) = of("request.body") {
            Path::members(path).map(Self::Body)
        } else if let Some(name) = of("request.header") {
            single(name).map(Self::Header)
        } else if let Some(name) = of("request.querystring") {
            single(name).map(Self::Query)
        } else if text == "request.basepath" {
            Ok(Self::BasePath)
        } else if let Some(path) = of("context") {
            dotted(path).map(Self::Context)
        } else if let Some(name) = of("stageVariables") {
            single(name).map(Self::OfStage)
        } else if let Some(path) = of("integration.response.body") {
            Path::members(path).map(Self::ResponseBody)
        } else if let "integration.response.statuscode" | "response.statuscode" = text {
            // The short form is what older versions of the command line print.
            Ok(Self::ResponseStatus)
        } else if let Some(name) = of("integration.response.header") {
            single(name).map(Self::ResponseHeader)
        } else if let Some(name) = of("integration.response.multivalueheader") {
            single(name).map(Self::ResponseHeaders)
        } else if text == "default" {
            Err("the text `$default` is written `\\$default` in an expression")
        } else {
            Err("no variable starts like this; a dollar sign is written `\\$`")
        }
    }

    /// Appends what the variable is worth in this request.
    pub(super) fn write(&self, scope: &dyn Scope, result: &mut String) {
        match self {
            // As it came, which need not be JSON.
            Self::Body(path) if path.steps().is_empty() => {
                result.push_str(scope.body().unwrap_or_default());
            }
            Self::Body(path) => write_member(scope.body(), path, result),
            Self::ResponseBody(path) => write_member(scope.response_body(), path, result),
            Self::Header(name) => {
                result.push_str(named(scope.headers(), name).next_back().unwrap_or_default());
            }
            Self::Query(name) => {
                result.push_str(named_exactly(scope.query(), name).next_back().unwrap_or_default());
            }
            Self::BasePath => result.push_str(scope.base_path().unwrap_or_default()),
            Self::Context(path) => {
                if let Some(value) = scope.context(path) {
                    write_value(&value, result);
                }
            }
            Self::OfStage(name) => {
                result.push_str(scope.stage_variable(name).unwrap_or_default());
            }
            Self::ResponseStatus => {
                if let Some(status) = scope.response_status() {
                    let _infallible = write!(result, "{status}");
                }
            }
            Self::ResponseHeader(name) => {
                result.push_str(
                    named(scope.response_headers(), name).next_back().unwrap_or_default(),
                );
            }
            Self::ResponseHeaders(name) => {
                let values: Vec<_> = named(scope.response_headers(), name).collect();
                if !values.is_empty() {
                    let _infallible = write!(result, "[{}]", values.join(", "));
                }
            }
        }
    }
}

fn write_member(body: Option<&str>, path: &Path, result: &mut String) {
    if let Some(value) = body.and_then(|text| path.find(text)) {
        print(value, result);
    }
}

fn write_value(value: &Value, result: &mut String) {
    match value {
        Value::Null => {}
        Value::String(text) => result.push_str(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let _infallible = write!(result, "{value}");
        }
    }
}

/// The one name after a root: `.name`.
fn single(rest: &str) -> Result<String, &'static str> {
    match rest.strip_prefix('.') {
        Some(name) if !name.is_empty() && !name.contains(['[', ']']) => Ok(name.to_owned()),
        _ => Err("expected `.` and one name after this root"),
    }
}

/// The names after a root: `.identity.sourceIp`.
fn dotted(rest: &str) -> Result<String, &'static str> {
    let path = single(rest)?;
    if path.split('.').any(str::is_empty) { Err("a name is missing after `.`") } else { Ok(path) }
}
