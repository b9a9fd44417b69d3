//! References: `$name`, `${name}`, `$!name`, with members, items and calls.

use regex::{Regex, RegexBuilder};

use super::{Parser, Result, wrong};
use crate::{
    expression::{Path, reason},
    template::{
        ast::{Access, Expression, Reference, Root},
        functions::Function,
    },
};

/// A pattern of `replaceAll` that compiles to more bytes is refused.
const PATTERN_LIMIT: usize = 1 << 18;

/// What a template cannot have as a variable of its own.
const GIVEN: [&str; 5] = ["context", "input", "util", "stageVariables", "foreach"];

/// Whether a text starts with a reference rather than with a plain dollar sign.
pub(super) fn starts(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|rest| {
        let rest = rest.strip_prefix('!').unwrap_or(rest);
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.starts_with(starts_name)
    })
}

/// One step of a reference as it is written.
struct Step<'a> {
    at: usize,
    kind: StepKind<'a>,
}

enum StepKind<'a> {
    Name(&'a str),
    Call(&'a str, Vec<Expression>),
    Index(usize),
}

impl<'a> Parser<'a> {
    /// Reads a reference, from its dollar sign on.
    pub(super) fn reference(&mut self) -> Result<Reference> {
        let at = self.at;
        self.eat("$");
        self.eat("!");
        let braced = self.eat("{");
        let root = self.name();
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        if braced && !self.eat("}") {
            return Err(wrong(self.at, "expected `}`"));
        }
        self.resolve(at, root, steps)
    }

    /// The variable that `#set` and `#foreach` give a value.
    pub(super) fn new_variable(&mut self) -> Result<String> {
        self.skip_space();
        let at = self.at;
        let expected = || wrong(at, "expected a variable: `$name`");
        if !starts(self.rest()) {
            return Err(expected());
        }
        self.eat("$");
        let braced = self.eat("{");
        let name = self.name();
        if name.is_empty() || (braced && !self.eat("}")) {
            return Err(expected());
        }
        if GIVEN.contains(&name) {
            return Err(wrong(at, format!("`${name}` cannot be set")));
        }
        self.names.set.insert(name);
        Ok(name.to_owned())
    }

    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let name = &rest[..rest.find(|c| !continues_name(c)).unwrap_or(rest.len())];
        self.at += name.len();
        name
    }

    fn step(&mut self) -> Result<Option<Step<'a>>> {
        let at = self.at;
        let rest = self.rest();
        if let Some(indexed) = rest.strip_prefix('[') {
            let only = || wrong(at, "only `[number]` is supported here");
            let (index, _) = indexed.split_once(']').ok_or_else(only)?;
            let kind = StepKind::Index(index.parse().map_err(|_| only())?);
            self.at += index.len() + 2;
            return Ok(Some(Step { at, kind }));
        }
        if !rest.strip_prefix('.').is_some_and(|name| name.starts_with(starts_name)) {
            return Ok(None);
        }
        self.at += 1;
        let name = self.name();
        let kind = if self.eat("(") {
            StepKind::Call(name, self.nested(Self::arguments)?)
        } else {
            StepKind::Name(name)
        };
        Ok(Some(Step { at, kind }))
    }

    fn arguments(&mut self) -> Result<Vec<Expression>> {
        let mut arguments = Vec::new();
        self.skip_space();
        if self.eat(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            self.skip_space();
            if self.eat(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    /// What the written steps mean.
    fn resolve(&mut self, at: usize, root: &'a str, steps: Vec<Step<'a>>) -> Result<Reference> {
        let mut steps = steps.into_iter().peekable();
        let root = match root {
            "context" => {
                let mut path = Vec::new();
                while let Some(Step { kind: StepKind::Name(name), .. }) =
                    steps.next_if(|step| matches!(step.kind, StepKind::Name(_)))
                {
                    path.push(name);
                }
                if path.is_empty() {
                    return Err(wrong(at, "name a variable of the context: `$context.stage`"));
                }
                Root::Context(path.join("."))
            }
            "stageVariables" => match steps.next().map(|step| step.kind) {
                Some(StepKind::Name(name)) => Root::StageVariable(name.to_owned()),
                _ => return Err(wrong(at, "name a stage variable: `$stageVariables.name`")),
            },
            "input" => input(at, steps.next())?,
            "util" => util(at, steps.next())?,
            "foreach" => match steps.next().map(|step| step.kind) {
                _ if self.nesting.loops == 0 => {
                    return Err(wrong(at, "`$foreach` is of use in a `#foreach` alone"));
                }
                Some(StepKind::Name("index")) => Root::LoopIndex,
                Some(StepKind::Name("hasNext")) => Root::LoopHasNext,
                _ => return Err(wrong(at, "`$foreach` has `.index` and `.hasNext`")),
            },
            name => {
                self.names.used.push((name, at));
                Root::Variable(name.to_owned())
            }
        };
        Ok(Reference { root, accesses: steps.map(access).collect::<Result<_>>()? })
    }
}

fn input(at: usize, step: Option<Step<'_>>) -> Result<Root> {
    let unsupported = || {
        wrong(
            at,
            "`$input` has `.body`, `.json('$.path')`, `.path('$.path')`, `.params()` and \
             `.params('name')`",
        )
    };
    let path = |text: &str| Path::json(text).map_err(|error| wrong(at, error.to_string()));
    match step.map(|step| step.kind) {
        Some(StepKind::Name("body")) => Ok(Root::Body),
        Some(StepKind::Call(name, arguments)) => match (name, arguments.as_slice()) {
            ("json", [Expression::Text(text)]) => path(text).map(Root::Json),
            ("path", [Expression::Text(text)]) => path(text).map(Root::Path),
            ("params", []) => Ok(Root::Params),
            ("params", [Expression::Text(name)]) => Ok(Root::Param(name.clone())),
            _ => Err(unsupported()),
        },
        _ => Err(unsupported()),
    }
}

fn util(at: usize, step: Option<Step<'_>>) -> Result<Root> {
    if let Some(StepKind::Call(name, mut arguments)) = step.map(|step| step.kind)
        && let Some(function) = Function::named(name)
        && let (Some(argument), true) = (arguments.pop(), arguments.is_empty())
    {
        return Ok(Root::Util(function, Box::new(argument)));
    }
    Err(wrong(
        at,
        "`$util` has `urlEncode`, `urlDecode`, `base64Encode`, `base64Decode`, `escapeJavaScript` \
         and `parseJson`, each of one argument",
    ))
}

fn access(step: Step<'_>) -> Result<Access> {
    match step.kind {
        StepKind::Name(name) => Ok(Access::Member(name.to_owned())),
        StepKind::Index(index) => Ok(Access::Index(index)),
        StepKind::Call(name, arguments) => match (name, arguments.as_slice()) {
            ("size", []) => Ok(Access::Size),
            ("replaceAll", [Expression::Text(pattern), Expression::Text(replacement)]) => {
                let pattern = RegexBuilder::new(pattern)
                    .size_limit(PATTERN_LIMIT)
                    .build()
                    .map_err(|error| wrong(step.at, format!("the pattern: {}", reason(&error))))?;
                let replacement = java_replacement(replacement, &pattern)
                    .map_err(|problem| wrong(step.at, problem))?;
                Ok(Access::ReplaceAll { pattern, replacement })
            }
            _ => Err(wrong(
                step.at,
                format!("`.{name}` is not supported: only `.size()` and `.replaceAll('a', 'b')`"),
            )),
        },
    }
}

/// From Java's notation (`$1` a group, `\` takes the next character as it is) to that of
/// [`Regex::replace_all`].
fn java_replacement(text: &str, pattern: &Regex) -> Result<String, &'static str> {
    let mut result = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '$' => {
                let group = characters.next().and_then(|digit| digit.to_digit(10));
                let group = group.ok_or("`$` in a replacement is `$1`, or written `\\$`")?;
                if group as usize >= pattern.captures_len() {
                    return Err("the pattern has no such group");
                }
                result.extend(["${", group.to_string().as_str(), "}"]);
                continue;
            }
            '\\' => characters.next().ok_or("a replacement cannot end with `\\`")?,
            other => other,
        };
        result.push_str(if literal == '$' { "$" } else { "" });
        result.push(literal);
    }
    Ok(result)
}

fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

fn continues_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}
