//! What stands in the parentheses of directives and calls.

use super::{Parser, Result, StopKind, reference, wrong};
use crate::template::ast::{Comparison, Expression, Node};

/// In the order they are tried, so that `<=` is not read as `<`.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl<'a> Parser<'a> {
    /// `a && b || !c`, with comparisons: the loosest binding first.
    pub(super) fn expression(&mut self) -> Result<Expression> {
        let alternatives = self.separated("||", |parser| {
            let all = parser.separated("&&", Self::comparison)?;
            Ok(single_or(all, Expression::All))
        })?;
        Ok(single_or(alternatives, Expression::Any))
    }

    fn separated(
        &mut self,
        separator: &str,
        read: impl Fn(&mut Self) -> Result<Expression>,
    ) -> Result<Vec<Expression>> {
        let mut found = vec![read(self)?];
        loop {
            self.skip_space();
            if !self.eat(separator) {
                return Ok(found);
            }
            found.push(read(self)?);
        }
    }

    fn comparison(&mut self) -> Result<Expression> {
        let left = self.operand()?;
        self.skip_space();
        let Some((_, how)) = COMPARISONS.into_iter().find(|(token, _)| self.eat(token)) else {
            return Ok(left);
        };
        let right = self.operand()?;
        Ok(Expression::Compare(Box::new(left), how, Box::new(right)))
    }

    fn operand(&mut self) -> Result<Expression> {
        self.skip_space();
        let at = self.at;
        if self.eat("!") {
            return Ok(Expression::Not(Box::new(self.nested(Self::operand)?)));
        }
        if self.eat("(") {
            let inner = self.nested(Self::expression)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let rest = self.rest();
        match rest.chars().next() {
            Some('$') if reference::starts(rest) => Ok(Expression::Reference(self.reference()?)),
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some('0'..='9' | '-') => self.number(),
            _ => match self.word() {
                "true" => Ok(Expression::Bool(true)),
                "false" => Ok(Expression::Bool(false)),
                _ => Err(wrong(
                    at,
                    "expected a reference, a quoted text, a number, `true`, `false`, `!` or `(`",
                )),
            },
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn number(&mut self) -> Result<Expression> {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(rest.len());
        let number = serde_json::from_str(&rest[..end])
            .map_err(|_| wrong(self.at, format!("`{}` is no number", &rest[..end])))?;
        self.at += end;
        Ok(Expression::Number(number))
    }

    /// A text in single quotes is as it is; in double quotes it has references. A backslash
    /// escapes no quote.
    fn quoted(&mut self, quote: char) -> Result<Expression> {
        let opened = self.at;
        let start = opened + 1;
        let length = self.text[start..]
            .find(quote)
            .ok_or_else(|| wrong(opened, "the quoted text never ends"))?;
        let end = start + length;
        let value = if quote == '\'' {
            Expression::Text(self.text[start..end].to_owned())
        } else {
            self.nested(|parser| parser.interpolated(start, end))?
        };
        self.at = end + 1;
        Ok(value)
    }

    fn interpolated(&mut self, start: usize, end: usize) -> Result<Expression> {
        let mut inner = Parser {
            text: &self.text[..end],
            at: start,
            nesting: super::Nesting { quoted: true, ..self.nesting },
            names: std::mem::take(&mut self.names),
        };
        let (mut nodes, stop) = inner.nodes()?;
        debug_assert_eq!(stop.kind, StopKind::Finish, "directives in quotes are refused");
        self.names = inner.names;
        Ok(match nodes.as_mut_slice() {
            [] => Expression::Text(String::new()),
            [Node::Text(text)] => Expression::Text(std::mem::take(text)),
            _ => Expression::Interpolated(nodes),
        })
    }
}

fn single_or(
    mut expressions: Vec<Expression>,
    several: impl FnOnce(Vec<Expression>) -> Expression,
) -> Expression {
    match expressions.pop() {
        Some(only) if expressions.is_empty() => only,
        last => {
            expressions.extend(last);
            several(expressions)
        }
    }
}
