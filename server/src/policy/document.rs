//! Reading a policy document.

use serde_json::{Map, Value};

use super::{
    Effect, Policy, PolicyError, Scope, Statement,
    condition::Condition,
    error::Problem,
    pattern::{ArnPattern, Glob},
};

/// The versions of the policy language.
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

pub(super) fn read(document: &Value) -> Result<Policy, PolicyError> {
    let document = object(document, "the policy")?;
    let mut statements = Err(Problem::Missing("Statement").at("the policy"));
    for (element, value) in document {
        match element.as_str() {
            "Version" if value.as_str().is_some_and(|text| VERSIONS.contains(&text)) => {}
            "Version" => return Err(Problem::Expected("2012-10-17 or 2008-10-17").at("Version")),
            "Id" => {
                text(value, "Id")?;
            }
            "Statement" => statements = read_statements(value),
            _ => return Err(Problem::Unknown(element.clone()).at("the policy")),
        }
    }
    Ok(Policy { statements: statements? })
}

fn read_statements(value: &Value) -> Result<Vec<Statement>, PolicyError> {
    let Value::Array(list) = value else {
        return Ok(vec![read_statement(value, "Statement")?]);
    };
    let numbered = list.iter().enumerate();
    numbered.map(|(at, one)| read_statement(one, &format!("Statement[{at}]"))).collect()
}

fn read_statement(value: &Value, at: &str) -> Result<Statement, PolicyError> {
    let elements = object(value, at)?;
    let effect = match elements.get("Effect").map(Value::as_str) {
        Some(Some("Allow")) => Effect::Allow,
        Some(Some("Deny")) => Effect::Deny,
        Some(_) => return Err(Problem::Expected("Allow or Deny").at(format!("{at}.Effect"))),
        None => return Err(Problem::Missing("Effect").at(at)),
    };
    for (element, value) in elements {
        match element.as_str() {
            "Effect" | "Action" | "NotAction" | "Resource" | "NotResource" | "Condition" => {}
            "Sid" => {
                text(value, &format!("{at}.Sid"))?;
            }
            _ => return Err(Problem::Unknown(element.clone()).at(at)),
        }
    }
    let conditions = match elements.get("Condition") {
        Some(conditions) => read_conditions(conditions, &format!("{at}.Condition"))?,
        None => Vec::new(),
    };
    let actions = read_scope(elements, at, ["Action", "NotAction"], action)?;
    let resources = read_scope(elements, at, ["Resource", "NotResource"], resource)?;
    Ok(Statement { effect, actions, resources, conditions })
}

fn read_scope<P>(
    elements: &Map<String, Value>,
    at: &str,
    [of, not]: [&'static str; 2],
    pattern: impl Fn(&str) -> Result<P, Problem>,
) -> Result<Scope<P>, PolicyError> {
    let read = |value, element| {
        let at = format!("{at}.{element}");
        let patterns = texts(value, &at)?.into_iter().map(|text| {
            no_variable(text).and_then(|()| pattern(text)).map_err(|problem| problem.at(&at))
        });
        patterns.collect::<Result<Vec<_>, _>>()
    };
    match (elements.get(of), elements.get(not)) {
        (Some(value), None) => Ok(Scope::Of(read(value, of)?)),
        (None, Some(value)) => Ok(Scope::Not(read(value, not)?)),
        (None, None) => Err(Problem::Missing(of).at(at)),
        (Some(_), Some(_)) => Err(Problem::Both(of).at(at)),
    }
}

/// Capitals do not matter in actions.
fn action(text: &str) -> Result<Glob, Problem> {
    let of_a_service =
        text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if of_a_service || text == "*" {
        Ok(Glob::new(text.to_ascii_lowercase()))
    } else {
        Err(Problem::Action(text.to_owned()))
    }
}

fn resource(text: &str) -> Result<ArnPattern, Problem> {
    ArnPattern::parse(text).ok_or_else(|| Problem::Resource(text.to_owned()))
}

/// `{operator: {key: values}}`: all of them have to hold.
fn read_conditions(value: &Value, at: &str) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions = Vec::new();
    for (operator, keys) in object(value, at)? {
        let at = format!("{at}.{operator}");
        for (key, values) in object(keys, &at)? {
            let at = format!("{at}.{key}");
            let values = texts(values, &at)?;
            for value in &values {
                no_variable(value).map_err(|problem| problem.at(&at))?;
            }
            let condition = Condition::parse(operator, key, &values);
            conditions.push(condition.map_err(|problem| problem.at(&at))?);
        }
    }
    Ok(conditions)
}

/// `${aws:username}` and the like: taken literally they would match nothing, and a denial would be
/// none.
fn no_variable(text: &str) -> Result<(), Problem> {
    if text.contains("${") { Err(Problem::Variable(text.to_owned())) } else { Ok(()) }
}

/// One text or a list of texts.
fn texts<'a>(value: &'a Value, at: &str) -> Result<Vec<&'a str>, PolicyError> {
    let wrong = || Problem::Expected("a text or a list of texts").at(at);
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(list) if list.is_empty() => Err(Problem::Empty.at(at)),
        Value::Array(list) => list.iter().map(|one| one.as_str().ok_or_else(wrong)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(wrong()),
    }
}

fn text<'a>(value: &'a Value, at: &str) -> Result<&'a str, PolicyError> {
    value.as_str().ok_or_else(|| Problem::Expected("a text").at(at))
}

fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, PolicyError> {
    value.as_object().ok_or_else(|| Problem::Expected("an object").at(at))
}
