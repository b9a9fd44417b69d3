//! Paths into JSON: `.a.b[0]` of selection expressions, `$.a['b'][0]` of templates and mappings.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

/// The steps from a JSON text's root to one value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member of an object.
    Name(String),
    /// An item of a list, counted from 0.
    Index(usize),
}

/// Why a text is not of the `JSONPath` subset.
#[cfg(feature = "serve")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PathError(pub(crate) &'static str);

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self { steps }
    }
}

impl Path {
    /// The steps, outermost first; none for the whole text.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Reads the path of an expression, from the end of its root on: `.a.b[0]`, or nothing.
    pub(crate) fn members(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(indexed) = rest.strip_prefix('[') {
                let (index, after) = indexed.split_once(']').ok_or("`[` is never closed")?;
                steps.push(Step::Index(index.parse().map_err(|_| "an index is a whole number")?));
                rest = after;
            } else {
                let named = rest.strip_prefix('.').ok_or("expected `.name` or `[index]`")?;
                let (name, after) = named.split_at(named.find(['.', '[']).unwrap_or(named.len()));
                if name.is_empty() {
                    return Err("a name is missing after `.`");
                }
                steps.push(Step::Name(name.to_owned()));
                rest = after;
            }
        }
        Ok(Self { steps })
    }

    /// Reads the subset of `JSONPath` that leads to one value: `$`, `.name`, `['name']`, `[0]`.
    #[cfg(feature = "serve")]
    pub(crate) fn json(text: &str) -> Result<Self, PathError> {
        let mut rest = text.strip_prefix('$').ok_or(PathError("a JSONPath starts with `$`"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = json_step(rest).map_err(PathError)?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { steps })
    }

    /// The value the path leads to in a JSON text. `None` if the text is not JSON or has it not.
    pub(crate) fn find<'a>(&self, text: &'a str) -> Option<&'a RawValue> {
        self.find_in(serde_json::from_str(text).ok()?)
    }

    /// Walks the JSON text without building values: only the objects on the path are opened.
    pub(crate) fn find_in<'a>(&self, body: &'a RawValue) -> Option<&'a RawValue> {
        self.steps.iter().try_fold(body, |value, step| match step {
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
}

#[cfg(feature = "serve")]
fn json_step(text: &str) -> Result<(Step, &str), &'static str> {
    const SIMPLE: &str = "only `.name`, `['name']` and `[index]` are supported in a JSONPath";
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix('[').and_then(|rest| rest.strip_prefix(quote)) {
            let (name, after) = quoted.split_once(quote).ok_or("the quoted name never ends")?;
            let after = after.strip_prefix(']').ok_or("`[` is never closed")?;
            return Ok((Step::Name(name.to_owned()), after));
        }
    }
    if let Some(indexed) = text.strip_prefix('[') {
        let (index, after) = indexed.split_once(']').ok_or("`[` is never closed")?;
        return Ok((Step::Index(index.parse().map_err(|_| SIMPLE)?), after));
    }
    let named = text.strip_prefix('.').ok_or(SIMPLE)?;
    let (name, after) = named.split_at(named.find(['.', '[']).unwrap_or(named.len()));
    if name.is_empty() || name.contains(['*', '?', '@', '(', ')', ',', ']', '\'', '"', ' ']) {
        return Err(SIMPLE);
    }
    Ok((Step::Name(name.to_owned()), after))
}

/// How deep lists in lists are printed as lists. JSON read as raw text may nest as deep as it is
/// long, and a message must not decide how deep we recurse.
const LIST_DEPTH: usize = 16;

/// A string as it is, a list as API Gateway prints it (`[item1, item2]`), `null` as nothing,
/// everything else as its JSON text.
pub(crate) fn print(value: &RawValue, result: &mut String) {
    print_list(value, LIST_DEPTH, result);
}

fn print_list(value: &RawValue, depth: usize, result: &mut String) {
    let text = value.get();
    if text == "null" {
    } else if text.starts_with('"') {
        result.push_str(&serde_json::from_str::<Cow<'_, str>>(text).unwrap_or_default());
    } else if let Some(depth) = depth.checked_sub(1)
        && let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text)
    {
        result.push('[');
        for (index, item) in items.into_iter().enumerate() {
            result.push_str(if index == 0 { "" } else { ", " });
            print_list(item, depth, result);
        }
        result.push(']');
    } else {
        result.push_str(text);
    }
}

#[cfg(all(test, feature = "serve"))]
mod tests {
    use super::*;

    #[test]
    fn a_json_path_has_three_kinds_of_steps() {
        let body = r#"{"a":{"b":[{"c d":7}]}}"#;
        let found = |path: &str| Path::json(path).unwrap().find(body).map(RawValue::get);
        assert_eq!(found("$"), Some(body));
        assert_eq!(found("$.a.b[0]['c d']"), Some("7"));
        assert_eq!(found(r#"$["a"].b"#), Some(r#"[{"c d":7}]"#));
        assert_eq!(found("$.a.b[1]"), None);
    }

    #[test]
    fn more_of_json_path_is_refused() {
        for path in
            ["", "a", "$a", "$.", "$..a", "$.a[*]", "$.*", "$.a[?(@.b)]", "$.a[0:2]", "$['a"]
        {
            assert!(Path::json(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_text_that_is_not_json_has_no_value() {
        assert!(Path::json("$").unwrap().find("{").is_none());
    }
}
