//! From text to a template: text, directives and comments. [`reference`] and [`condition`] read
//! what is inside of them.

use std::collections::BTreeSet;

use super::{
    TemplateError,
    ast::{Expression, Node},
};

mod condition;
mod reference;

/// How deep blocks, parentheses, calls and quotes may nest.
const DEPTH_LIMIT: usize = 32;

/// What Velocity has and we do not. Any other word after `#` is text.
const UNSUPPORTED: [&str; 8] =
    ["macro", "parse", "include", "stop", "break", "define", "evaluate", "literal"];

/// Reads a whole template.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, TemplateError> {
    let mut parser = Parser { text, at: 0, nesting: Nesting::default(), names: Names::default() };
    parser.template().map_err(|mistake| {
        let before = &text[..mistake.at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        TemplateError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem: mistake.problem,
        }
    })
}

/// A reader of one text, or of what is quoted in it.
struct Parser<'a> {
    /// The template up to where this reader ends.
    text: &'a str,
    /// Where it is, in bytes from the start of the template.
    at: usize,
    nesting: Nesting,
    names: Names<'a>,
}

/// What surrounds the place where a parser is.
#[derive(Clone, Copy, Debug, Default)]
struct Nesting {
    depth: usize,
    /// How many `#foreach`.
    loops: usize,
    /// Whether it is inside double quotes, where references count and directives do not.
    quoted: bool,
}

/// The variables of a template.
#[derive(Debug, Default)]
struct Names<'a> {
    set: BTreeSet<&'a str>,
    /// With the place of each use.
    used: Vec<(&'a str, usize)>,
}

/// What is wrong, and at which byte.
struct Mistake {
    at: usize,
    problem: String,
}

type Result<T, E = Mistake> = std::result::Result<T, E>;

/// What comes next in a text.
enum Piece {
    Text(String),
    Node(Node),
    Stop(Stop),
}

/// What ends a block, and where it stands.
struct Stop {
    at: usize,
    kind: StopKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StopKind {
    ElseIf,
    Else,
    End,
    /// The end of the text.
    Finish,
}

impl<'a> Parser<'a> {
    fn template(&mut self) -> Result<Vec<Node>> {
        let (nodes, stop) = self.nodes()?;
        if stop.kind != StopKind::Finish {
            return Err(wrong(stop.at, "this belongs to no `#if` or `#foreach`"));
        }
        match self.names.used.iter().find(|(name, _)| !self.names.set.contains(name)) {
            Some((name, at)) => Err(wrong(
                *at,
                format!("`${name}` is never `#set`; a dollar sign before a word is written `\\$`"),
            )),
            None => Ok(nodes),
        }
    }

    fn nodes(&mut self) -> Result<(Vec<Node>, Stop)> {
        let mut nodes = Vec::new();
        let mut literal = String::new();
        let flush = |literal: &mut String, nodes: &mut Vec<Node>| {
            if !literal.is_empty() {
                nodes.push(Node::Text(std::mem::take(literal)));
            }
        };
        loop {
            match self.piece()? {
                Piece::Text(text) => literal.push_str(&text),
                Piece::Node(node) => {
                    flush(&mut literal, &mut nodes);
                    nodes.push(node);
                }
                Piece::Stop(stop) => {
                    flush(&mut literal, &mut nodes);
                    return Ok((nodes, stop));
                }
            }
        }
    }

    fn piece(&mut self) -> Result<Piece> {
        let rest = self.rest();
        match rest.chars().next() {
            None => Ok(Piece::Stop(Stop { at: self.at, kind: StopKind::Finish })),
            Some('$') if reference::starts(rest) => Ok(Piece::Node(Node::Print(self.reference()?))),
            Some('#') => self.after_hash(),
            Some('\\') => Ok(Piece::Text(self.backslashes())),
            Some(first) => {
                let end = rest[first.len_utf8()..].find(['$', '#', '\\']);
                let end = end.map_or(rest.len(), |end| end + first.len_utf8());
                self.at += end;
                Ok(Piece::Text(rest[..end].to_owned()))
            }
        }
    }

    /// Before what would be a reference or a directive, two backslashes are one and one makes text
    /// of it; elsewhere they are text.
    fn backslashes(&mut self) -> String {
        let rest = self.rest();
        let after = rest.trim_start_matches('\\');
        let count = rest.len() - after.len();
        self.at += count;
        if !reference::starts(after) && directive(after).is_none() {
            return "\\".repeat(count);
        }
        let mut text = "\\".repeat(count / 2);
        if count % 2 == 1 {
            text.push_str(&after[..1]);
            self.at += 1;
        }
        text
    }

    fn after_hash(&mut self) -> Result<Piece> {
        let at = self.at;
        let rest = self.rest();
        if let Some((word, length)) = directive(rest) {
            if self.nesting.quoted {
                return Err(wrong(at, format!("`#{word}` is not supported in quotes")));
            }
            self.at += length;
            return self.directive(at, word);
        }
        if self.nesting.quoted || !["##", "#*", "#[["].iter().any(|start| rest.starts_with(start)) {
            self.at += 1;
            return Ok(Piece::Text("#".to_owned()));
        }
        if rest.starts_with("##") {
            self.at += rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        } else if rest.starts_with("#*") {
            let end = rest.find("*#").ok_or_else(|| wrong(at, "`#*` is never closed by `*#`"))?;
            self.at += end + 2;
        } else {
            return Err(wrong(at, "`#[[` is not supported"));
        }
        Ok(Piece::Text(String::new()))
    }

    fn directive(&mut self, at: usize, word: &str) -> Result<Piece> {
        let stop = |kind| Ok(Piece::Stop(Stop { at, kind }));
        match word {
            "set" => self.set().map(Piece::Node),
            "if" => self.condition(at).map(Piece::Node),
            "foreach" => self.foreach(at).map(Piece::Node),
            "elseif" => stop(StopKind::ElseIf),
            "else" => {
                self.line_end();
                stop(StopKind::Else)
            }
            "end" => {
                self.line_end();
                stop(StopKind::End)
            }
            _ => Err(wrong(at, format!("`#{word}` is not supported"))),
        }
    }

    fn set(&mut self) -> Result<Node> {
        self.open()?;
        let variable = self.new_variable()?;
        self.expect("=")?;
        let value = self.expression()?;
        self.close()?;
        Ok(Node::Set { variable, value })
    }

    fn condition(&mut self, at: usize) -> Result<Node> {
        let mut branches = Vec::new();
        loop {
            self.open()?;
            let condition = self.expression()?;
            self.close()?;
            let (body, stop) = self.nested(Self::nodes)?;
            branches.push((condition, body));
            let otherwise = match stop.kind {
                StopKind::ElseIf => continue,
                StopKind::End => Vec::new(),
                StopKind::Else => {
                    let (body, stop) = self.nested(Self::nodes)?;
                    ended(&stop, at, "if")?;
                    body
                }
                StopKind::Finish => return Err(wrong(at, "this `#if` has no `#end`")),
            };
            return Ok(Node::If { branches, otherwise });
        }
    }

    fn foreach(&mut self, at: usize) -> Result<Node> {
        self.open()?;
        let variable = self.new_variable()?;
        self.expect("in")?;
        let list: Expression = self.expression()?;
        self.close()?;
        self.nesting.loops += 1;
        let (body, stop) = self.nested(Self::nodes)?;
        self.nesting.loops -= 1;
        ended(&stop, at, "foreach")?;
        Ok(Node::Foreach { variable, list, body })
    }

    /// The `(` after a directive.
    fn open(&mut self) -> Result<()> {
        self.expect("(")
    }

    /// The `)` of a directive, and the rest of its line if that is empty.
    fn close(&mut self) -> Result<()> {
        self.expect(")")?;
        self.line_end();
        Ok(())
    }

    /// A directive alone on its line leaves no empty line behind.
    fn line_end(&mut self) {
        let rest = self.rest();
        let after = rest.trim_start_matches([' ', '\t']);
        let after = after.strip_prefix('\r').unwrap_or(after);
        if let Some(after) = after.strip_prefix('\n') {
            self.at += rest.len() - after.len();
        }
    }

    fn expect(&mut self, token: &'static str) -> Result<()> {
        self.skip_space();
        if self.eat(token) { Ok(()) } else { Err(wrong(self.at, format!("expected `{token}`"))) }
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting.depth == DEPTH_LIMIT {
            return Err(wrong(self.at, "nested too deeply"));
        }
        self.nesting.depth += 1;
        let result = read(self);
        self.nesting.depth -= 1;
        result
    }
}

fn ended(stop: &Stop, at: usize, directive: &str) -> Result<()> {
    match stop.kind {
        StopKind::End => Ok(()),
        StopKind::Finish => Err(wrong(at, format!("this `#{directive}` has no `#end`"))),
        StopKind::Else | StopKind::ElseIf => Err(wrong(stop.at, "expected `#end`")),
    }
}

fn wrong(at: usize, problem: impl Into<String>) -> Mistake {
    Mistake { at, problem: problem.into() }
}

/// The directive a text starts with, `#word` or `#{word}`, and its length.
fn directive(text: &str) -> Option<(&str, usize)> {
    let name = text.strip_prefix('#')?;
    let (name, braces) = match name.strip_prefix('{') {
        Some(inner) => (inner, true),
        None => (name, false),
    };
    let word = &name[..name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())];
    let known = ["set", "if", "elseif", "else", "end", "foreach"].contains(&word);
    let closed = !braces || name[word.len()..].starts_with('}');
    let length = 1 + word.len() + if braces { 2 } else { 0 };
    ((known || UNSUPPORTED.contains(&word)) && closed).then_some((word, length))
}
