//! Request parameter mappings: what of a request goes into the headers, the query and the path of
//! the integration's request.
//!
//! A mapping is a target and a source, as in API Gateway's `requestParameters`:
//! `integration.request.header.connectionId` from `context.connectionId`. Both are checked when
//! they are read; a source that is worth nothing in a request sets nothing.

use serde_json::Value;

use crate::expression::{Path, PathError, Scope, named, named_exactly, print};

/// The headers that say where a request ends and what becomes of its connection.
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The mappings of one integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mappings {
    mappings: Vec<(Target, Source)>,
}

/// What the mappings make of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// In the order of the mappings; a source of several values gives several.
    pub headers: Vec<(String, String)>,
    /// As [`headers`](Self::headers), not encoded.
    pub query: Vec<(String, String)>,
    /// What takes the place of `{name}` in the path, not encoded.
    pub path: Vec<(String, String)>,
}

/// A target or a source is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request parameter {name:?}: {problem}")]
pub struct MappingError {
    /// The text that is wrong.
    pub name: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Header(String),
    Query(String),
    Path(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// The last value of a query parameter.
    Query(String),
    /// All of them.
    Queries(String),
    /// The last value of a header.
    Header(String),
    /// All of them.
    Headers(String),
    /// The body, or a path into it.
    Body(Path),
    /// The path with its dots.
    Context(String),
    StageVariable(String),
    Static(String),
}

impl Mappings {
    /// Reads pairs of a target and a source, such as `integration.request.header.connectionId` and
    /// `context.connectionId`.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, MappingError> {
        let mappings = pairs.into_iter().map(|(target, source)| {
            let wrong = |name: &str, problem| MappingError { name: name.to_owned(), problem };
            let read = Target::parse(target).map_err(|problem| wrong(target, problem))?;
            let from = Source::parse(source).map_err(|problem| wrong(source, problem))?;
            Ok((read, from))
        });
        Ok(Self { mappings: mappings.collect::<Result<_, _>>()? })
    }

    /// Whether a source is there on `$connect` alone: headers and query parameters of the
    /// handshake.
    #[must_use]
    pub fn reads_handshake(&self) -> bool {
        self.mappings.iter().any(|(_, source)| {
            matches!(
                source,
                Source::Query(_) | Source::Queries(_) | Source::Header(_) | Source::Headers(_)
            )
        })
    }

    /// The names that are put into the path of the integration's address.
    pub fn path_names(&self) -> impl Iterator<Item = &str> {
        self.mappings.iter().filter_map(|(target, _)| match target {
            Target::Path(name) => Some(name.as_str()),
            Target::Header(_) | Target::Query(_) => None,
        })
    }

    /// What the mappings make of this request.
    #[must_use]
    pub fn apply(&self, scope: &dyn Scope) -> Mapped {
        let mut mapped = Mapped::default();
        for (target, source) in &self.mappings {
            let values = source.values(scope);
            match target {
                Target::Header(name) => {
                    mapped.headers.extend(values.into_iter().map(|value| (name.clone(), value)));
                }
                Target::Query(name) => {
                    mapped.query.extend(values.into_iter().map(|value| (name.clone(), value)));
                }
                Target::Path(name) => {
                    mapped
                        .path
                        .extend(values.into_iter().next_back().map(|value| (name.clone(), value)));
                }
            }
        }
        mapped
    }
}

/// What is wrong with a source, if anything is.
pub fn check_source(text: &str) -> Result<(), &'static str> {
    Source::parse(text).map(drop)
}

impl Target {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let kinds: [Kind<Self>; 3] = [
            ("integration.request.header.", Self::Header),
            ("integration.request.querystring.", Self::Query),
            ("integration.request.path.", Self::Path),
        ];
        let target = parse_name(text, kinds).unwrap_or(Err(
            "expected `integration.request.header.`, `.querystring.` or `.path.` and a name",
        ))?;
        match &target {
            Self::Header(name) if RESERVED.iter().any(|own| name.eq_ignore_ascii_case(own)) => {
                Err("this header is the connection's own and cannot be mapped")
            }
            _ => Ok(target),
        }
    }
}

impl Source {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(quoted) = text.strip_prefix('\'') {
            let value = quoted.strip_suffix('\'').ok_or("the closing `'` is missing")?;
            if value.contains(char::is_control) {
                return Err("a static value has no control characters");
            }
            return Ok(Self::Static(value.to_owned()));
        }
        if let Some(path) = text.strip_prefix("route.request.body") {
            return body(path).map(Self::Body);
        }
        let kinds: [Kind<Self>; 6] = [
            ("route.request.querystring.", Self::Query),
            ("route.request.multivaluequerystring.", Self::Queries),
            ("route.request.header.", Self::Header),
            ("route.request.multivalueheader.", Self::Headers),
            ("context.", Self::Context),
            ("stageVariables.", Self::StageVariable),
        ];
        parse_name(text, kinds).unwrap_or(Err(
            "expected `route.request.`, `context.` or `stageVariables.` and a name, or a text in \
             single quotes",
        ))
    }

    /// Nothing, one value, or the several of a multi-value source.
    fn values(&self, scope: &dyn Scope) -> Vec<String> {
        let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
        match self {
            Self::Query(name) => one(named_exactly(scope.query(), name).next_back()),
            Self::Queries(name) => named_exactly(scope.query(), name).map(str::to_owned).collect(),
            Self::Header(name) => one(named(scope.headers(), name).next_back()),
            Self::Headers(name) => named(scope.headers(), name).map(str::to_owned).collect(),
            Self::Body(path) if path.steps().is_empty() => one(scope.body()),
            Self::Body(path) => {
                let found = scope.body().and_then(|body| path.find(body));
                found
                    .filter(|value| value.get() != "null")
                    .map(|value| {
                        let mut text = String::new();
                        print(value, &mut text);
                        text
                    })
                    .into_iter()
                    .collect()
            }
            Self::Context(path) => match scope.context(path) {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::String(text)) => vec![text],
                Some(other) => vec![other.to_string()],
            },
            Self::StageVariable(name) => one(scope.stage_variable(name)),
            Self::Static(value) => vec![value.clone()],
        }
    }
}

/// The path after `route.request.body`: a `JSONPath` without its `$`, or with it after a dot.
fn body(text: &str) -> Result<Path, &'static str> {
    let path = text.strip_prefix(".$").unwrap_or(text);
    Path::json(&format!("${path}")).map_err(|PathError(problem)| problem)
}

/// A prefix, and what is made of the name behind it.
type Kind<T> = (&'static str, fn(String) -> T);

/// What a text with one of these prefixes means; `None` if it has none of them.
fn parse_name<T, const N: usize>(
    text: &str,
    kinds: [Kind<T>; N],
) -> Option<Result<T, &'static str>> {
    kinds.into_iter().find_map(|(prefix, kind)| {
        let name = text.strip_prefix(prefix)?;
        let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$' | '-');
        Some(if !name.is_empty() && name.chars().all(valid) {
            Ok(kind(name.to_owned()))
        } else {
            Err("a name has letters, digits, `.`, `_`, `$` and `-`")
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    struct Request {
        pairs: Vec<(String, String)>,
    }

    impl Scope for Request {
        fn body(&self) -> Option<&str> {
            Some(r#"{"room":{"id":7},"none":null}"#)
        }

        fn headers(&self) -> &[(String, String)] {
            &self.pairs
        }

        fn query(&self) -> &[(String, String)] {
            &self.pairs
        }

        fn context(&self, path: &str) -> Option<Value> {
            (path == "identity.sourceIp").then(|| json!("203.0.113.9"))
        }

        fn stage_variable(&self, name: &str) -> Option<&str> {
            (name == "table").then_some("chat")
        }
    }

    fn request() -> Request {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Request { pairs: vec![pair("Room", "a"), pair("room", "b"), pair("Room", "c")] }
    }

    fn values(source: &str) -> Vec<String> {
        let mappings = Mappings::parse([("integration.request.header.x", source)]).unwrap();
        let mapped = mappings.apply(&request());
        mapped.headers.into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn every_source_has_its_value() {
        for (source, expected) in [
            ("route.request.querystring.Room", ["c"].as_slice()),
            ("route.request.multivaluequerystring.Room", &["a", "c"]),
            ("route.request.header.ROOM", &["c"]),
            ("route.request.multivalueheader.room", &["a", "b", "c"]),
            ("route.request.body.room.id", &["7"]),
            ("route.request.body.$.room", &[r#"{"id":7}"#]),
            ("route.request.body", &[r#"{"room":{"id":7},"none":null}"#]),
            ("route.request.body.none", &[]),
            ("context.identity.sourceIp", &["203.0.113.9"]),
            ("context.nope", &[]),
            ("stageVariables.table", &["chat"]),
            ("'it''s'", &["it''s"]),
            ("''", &[""]),
        ] {
            assert_eq!(values(source), expected, "{source}");
        }
    }

    #[test]
    fn every_target_gets_its_value() {
        let mappings = Mappings::parse([
            ("integration.request.header.connectionId", "'h'"),
            ("integration.request.querystring.q", "'q'"),
            ("integration.request.path.room", "route.request.querystring.room"),
        ])
        .unwrap();
        let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let expected = Mapped {
            headers: pair("connectionId", "h"),
            query: pair("q", "q"),
            path: pair("room", "b"),
        };
        assert_eq!(mappings.apply(&request()), expected);
        assert!(mappings.reads_handshake());
        assert_eq!(mappings.path_names().collect::<Vec<_>>(), ["room"]);
    }

    #[test]
    fn what_is_no_mapping_is_refused_by_name() {
        const TARGET: &str = "integration.request.header.x";
        for (target, source, name) in [
            ("integration.request.header.", "'a'", "integration.request.header."),
            ("integration.request.header.a b", "'a'", "integration.request.header.a b"),
            ("integration.request.body.x", "'a'", "integration.request.body.x"),
            ("x", "'a'", "x"),
            (
                "integration.request.header.Content-Length",
                "'1'",
                "integration.request.header.Content-Length",
            ),
            (TARGET, "'a", "'a"),
            (TARGET, "'a\nb'", "'a\nb'"),
            (TARGET, "a", "a"),
            (TARGET, "method.request.header.x", "method.request.header.x"),
            (TARGET, "context.a b", "context.a b"),
            (TARGET, "route.request.body..a", "route.request.body..a"),
            (TARGET, "route.request.bodyx", "route.request.bodyx"),
        ] {
            assert_eq!(Mappings::parse([(target, source)]).unwrap_err().name, name);
        }
    }

    proptest! {
        #[test]
        fn no_source_makes_it_panic(
            source in r"(route\.request\.|context|stageVariables|body|header|[.$\['\]0a']){0,6}",
        ) {
            if let Ok(mappings) = Mappings::parse([("integration.request.header.x", source.as_str())]) {
                let _ = mappings.apply(&request());
            }
        }
    }
}
