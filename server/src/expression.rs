//! Route selection expressions: which route a message takes.
//!
//! The grammar is API Gateway's (Developer Guide, "Selection expressions"): literal text, `\$` for
//! a dollar sign, and variables `$request.body.path` or `${request.body.path}` whose path has
//! names and `[index]` steps. An expression is compiled once, evaluated in one pass and never
//! recursively; a path that leads nowhere is the empty string.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _, str::FromStr};

use serde_json::value::RawValue;

/// A compiled route selection expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Body(Vec<Step>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// The expression is not of the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the selection expression: {problem}")]
pub struct ExpressionError {
    /// Counted from 1.
    pub at: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl Expression {
    /// What the expression makes of this message.
    #[must_use]
    pub fn evaluate(&self, body: &RawValue) -> String {
        let mut result = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => result.push_str(text),
                Part::Body(path) => {
                    if let Some(value) = find(body, path) {
                        print(value, &mut result);
                    }
                }
            }
        }
        result
    }

    /// The top-level members of the body that the expression reads. They choose the route and are
    /// no part of a typed payload.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Body(path) => match path.first() {
                Some(Step::Name(name)) => Some(name.as_str()),
                Some(Step::Index(_)) | None => None,
            },
            Part::Literal(_) => None,
        })
    }
}

/// API Gateway's usual choice: `$request.body.action`.
impl Default for Expression {
    fn default() -> Self {
        Self { parts: vec![Part::Body(vec![Step::Name("action".to_owned())])] }
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
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
                let steps = parse_path(path).map_err(|problem| error(rest, problem))?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Body(steps));
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
        Ok(Self { parts })
    }
}

/// Where a variable without braces ends: at the first character no path has.
fn end_of_path(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '[' | ']')))
        .unwrap_or(text.len())
}

fn parse_path(path: &str) -> Result<Vec<Step>, &'static str> {
    let steps = path
        .strip_prefix("request.body")
        .ok_or("a route selection expression reads `request.body` and nothing else")?;
    let mut result = Vec::new();
    let mut rest = steps;
    while !rest.is_empty() {
        if let Some(indexed) = rest.strip_prefix('[') {
            let (index, after) = indexed.split_once(']').ok_or("`[` is never closed")?;
            result.push(Step::Index(index.parse().map_err(|_| "an index is a whole number")?));
            rest = after;
        } else {
            let named = rest.strip_prefix('.').ok_or("expected `.name` or `[index]`")?;
            let (name, after) = named.split_at(named.find(['.', '[']).unwrap_or(named.len()));
            if name.is_empty() {
                return Err("a name is missing after `.`");
            }
            result.push(Step::Name(name.to_owned()));
            rest = after;
        }
    }
    if result.is_empty() {
        Err("name a member of the body: `$request.body.action`")
    } else {
        Ok(result)
    }
}

/// Walks the JSON text without building values: only the objects on the path are opened.
fn find<'a>(body: &'a RawValue, path: &[Step]) -> Option<&'a RawValue> {
    path.iter().try_fold(body, |value, step| match step {
        Step::Name(name) => {
            serde_json::from_str::<BTreeMap<Cow<'a, str>, &'a RawValue>>(value.get())
                .ok()?
                .get(name.as_str())
                .copied()
        }
        Step::Index(index) => {
            serde_json::from_str::<Vec<&'a RawValue>>(value.get()).ok()?.get(*index).copied()
        }
    })
}

/// A string as it is, a list as API Gateway prints it (`[item1, item2]`), `null` as nothing,
/// everything else as its JSON text.
fn print(value: &RawValue, result: &mut String) {
    let text = value.get();
    if text == "null" {
    } else if text.starts_with('"') {
        result.push_str(&serde_json::from_str::<Cow<'_, str>>(text).unwrap_or_default());
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        result.push('[');
        for (index, item) in items.into_iter().enumerate() {
            result.push_str(if index == 0 { "" } else { ", " });
            print(item, result);
        }
        result.push(']');
    } else {
        let _infallible = result.write_str(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str =
        r#"{"service":"chat","action":"join","data":{"rooms":["r1",2]},"none":null}"#;

    fn evaluate(expression: &str) -> String {
        let body: &RawValue = serde_json::from_str(BODY).unwrap();
        expression.parse::<Expression>().unwrap().evaluate(body)
    }

    #[test]
    fn the_developer_guides_examples() {
        assert_eq!(evaluate("$request.body.action"), "join");
        assert_eq!(evaluate("${request.body.service}/${request.body.action}"), "chat/join");
        assert_eq!(evaluate("${request.body.action}-${request.body.nope}"), "join-");
        assert_eq!(evaluate("action"), "action");
        assert_eq!(evaluate(r"\$default"), "$default");
    }

    #[test]
    fn paths_have_names_and_indices() {
        assert_eq!(evaluate("$request.body.data.rooms[0]"), "r1");
        assert_eq!(evaluate("$request.body.data.rooms[1]"), "2");
        assert_eq!(evaluate("$request.body.data.rooms"), "[r1, 2]");
        assert_eq!(evaluate("$request.body.none"), "");
        assert_eq!(evaluate("$request.body.action.deeper"), "");
    }

    #[test]
    fn a_wrong_expression_says_where() {
        for (text, at) in [
            ("", 1),
            ("ä${request.body.action", 2),
            ("$request.header.x", 1),
            ("$request.body", 1),
            ("x$request.body..a", 2),
            ("$request.body.a[b]", 1),
        ] {
            assert_eq!(text.parse::<Expression>().unwrap_err().at, at, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_body_makes_it_panic(text in "\\PC{0,40}", body in "\\PC{0,40}") {
            let body = serde_json::value::to_raw_value(&body).unwrap();
            if let Ok(expression) = text.parse::<Expression>() {
                let _ = expression.evaluate(&body);
            }
        }

        #[test]
        fn an_escaped_literal_is_itself(text in "[^\\\\]{1,20}") {
            let body = RawValue::NULL;
            let expression: Expression = text.replace('$', "\\$").parse().unwrap();
            prop_assert_eq!(expression.evaluate(body), text);
        }
    }
}
