//! The text of a template as a tree that knows its lines. JSON is read as the YAML that it is.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::ImportError;

/// How deep a template may be nested; `CloudFormation` itself stops far earlier.
const MAX_DEPTH: usize = 64;

/// A part of the template as it is written, short tags (`!Ref x`) as what they are short for
/// (`Ref: x`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// From 1; of what a key says, the key's line.
    pub(super) line: usize,
    pub(super) form: Form,
}

/// What a part of a template looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Scalar(String, Style),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is: it may stand for a number or a truth value.
    Plain,
    /// In quotation marks or as a block: it is a text.
    Quoted,
}

impl Node {
    /// What a map says for a key.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The entries of a map; none of anything else.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        if let Form::Map(entries) = &self.form { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        if let Form::List(items) = &self.form { items } else { &[] }
    }

    pub(super) fn scalar(&self) -> Option<&str> {
        if let Form::Scalar(text, _) = &self.form { Some(text) } else { None }
    }
}

/// Reads the first document of a text.
pub(super) fn parse(text: &str) -> Result<Node, ImportError> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, span) => {
                return Err(wrong(span, "there is nothing in it"));
            }
            (event, span) => {
                let root = reader.node(event, span, 0)?;
                return root.ok_or_else(|| wrong(span, "there is nothing in it"));
            }
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), ImportError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(ImportError::Syntax {
                line: error.marker().line(),
                problem: error.info().to_owned(),
            }),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// A node and all that is in it; nothing for `null`.
    fn node(
        &mut self,
        event: Event<'a>,
        span: Span,
        depth: usize,
    ) -> Result<Option<Node>, ImportError> {
        if depth > MAX_DEPTH {
            return Err(wrong(span, "it is nested too deeply"));
        }
        let (form, tag) = match event {
            Event::Scalar(text, style, _, tag) => {
                let null = matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                if style == ScalarStyle::Plain && null && tag.is_none() {
                    return Ok(None);
                }
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let style = if plain { Style::Plain } else { Style::Quoted };
                (Form::Scalar(text.into_owned(), style), tag)
            }
            Event::SequenceStart(_, tag) => (self.list(depth)?, tag),
            Event::MappingStart(_, tag) => (self.map(depth)?, tag),
            Event::Alias(_) => return Err(wrong(span, "CloudFormation has no YAML aliases")),
            _ => return Err(wrong(span, "a value is missing")),
        };
        let node = Node { line: span.start.line(), form };
        Ok(Some(match tag {
            Some(tag) => tagged(&tag, node),
            None => node,
        }))
    }

    fn list(&mut self, depth: usize) -> Result<Form, ImportError> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Form::List(items));
            }
            items.extend(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Form, ImportError> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Form::Map(entries)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(wrong(at, "a key is not a text")),
            };
            if entries.iter().any(|(name, _)| *name == key) {
                return Err(wrong(at, &format!("the key {key} is there twice")));
            }
            let (event, span) = self.next()?;
            if let Some(node) = self.node(event, span, depth + 1)? {
                entries.push((key, Node { line: at.start.line(), ..node }));
            }
        }
    }
}

/// The long form of a short tag.
fn tagged(tag: &Tag, node: Node) -> Node {
    if tag.is_yaml_core_schema() {
        return node;
    }
    let name = match tag.suffix.as_str() {
        short @ ("Ref" | "Condition") => short.to_owned(),
        short => format!("Fn::{short}"),
    };
    Node { line: node.line, form: Form::Map(vec![(name, node)]) }
}

fn wrong(span: Span, problem: &str) -> ImportError {
    ImportError::Syntax { line: span.start.line(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_are_the_long_form_at_the_line_of_their_key() {
        let short = parse("A: 1\nB:\n  !GetAtt C.Arn\n").unwrap();
        let b = short.get("B").unwrap();
        assert_eq!(b.line, 2);
        assert_eq!(b.get("Fn::GetAtt").and_then(Node::scalar), Some("C.Arn"));
    }

    #[test]
    fn json_is_read_with_its_lines() {
        let json = parse("{\n\t\"A\": {\n\t\t\"Ref\": \"B\"\n\t}, \"N\": null\n}").unwrap();
        assert_eq!(json.get("A").map(|node| node.line), Some(2));
        assert_eq!(json.get("N"), None);
    }

    #[test]
    fn what_cloudformation_refuses_is_refused_with_its_line() {
        for (text, line) in [("A: &x 1\nB: *x\n", 2), ("A: 1\nA: 2\n", 2), ("A: [", 2), ("", 1)] {
            let Err(ImportError::Syntax { line: found, .. }) = parse(text) else {
                panic!("{text:?} was read")
            };
            assert!(found == line || text.is_empty(), "{text:?}: {found}");
        }
        assert!(parse(&"[".repeat(1000)).is_err());
    }
}
