//! The address of a service: stage variables anywhere, path parameters behind the host.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::expression::{Expression, ExpressionError, Scope, Use};

/// What is escaped in a path parameter: everything that is not unreserved (RFC 3986, §2.3), so that
/// a value is always one segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An address, compiled.
#[derive(Clone, Debug)]
pub(super) struct Address {
    text: Expression,
    names: Vec<String>,
    /// Host and port, where they are the same in every request.
    server: Option<(String, u16)>,
}

/// The text is no address of an HTTP service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// A variable is wrong.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// It is no URL, or one of another kind.
    #[error("{0:?} is no address that starts with http:// or https://")]
    Url(String),
    /// `{name}` stands where no path parameter may be.
    #[error("the path parameter {{{0}}} stands before the path")]
    BeforePath(String),
    /// A path parameter has no value in this request.
    #[error("the path parameter {{{0}}} has no value")]
    Missing(String),
    /// A path parameter would lead to another place.
    #[error("the path parameter {{{0}}} cannot be {1:?}")]
    Dots(String, String),
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        let expression = Expression::parse(text, Use::Uri)?;
        let sample = expression.resolve(&Sample);
        let names: Vec<String> = placeholders(&sample).map(|(_, name)| name.to_owned()).collect();
        // What a stage variable will be is not known yet; without one the address is.
        let mut server = None;
        if !text.contains("stageVariables") {
            let values: Vec<_> = names.iter().map(|name| (name.clone(), "x".to_owned())).collect();
            let url = to_url(&sample, &values)?;
            server = url.host_str().map(str::to_owned).zip(url.port_or_known_default());
        }
        Ok(Self { text: expression, names, server })
    }

    /// Host and port, where they are the same in every request.
    pub(super) fn server(&self) -> Option<(&str, u16)> {
        self.server.as_ref().map(|(host, port)| (&**host, *port))
    }

    /// The names of the path parameters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The address for this request, with these path parameters.
    pub(super) fn url(
        &self,
        scope: &dyn Scope,
        values: &[(String, String)],
    ) -> Result<Url, AddressError> {
        to_url(&self.text.resolve(scope), values)
    }
}

/// Every stage variable is an `x`.
struct Sample;

impl Scope for Sample {
    fn stage_variable(&self, _name: &str) -> Option<&str> {
        Some("x")
    }
}

fn to_url(text: &str, values: &[(String, String)]) -> Result<Url, AddressError> {
    let mut filled = String::with_capacity(text.len());
    let mut end = 0;
    let path = path_start(text);
    for (at, name) in placeholders(text) {
        let owned = || name.to_owned();
        if at < path {
            return Err(AddressError::BeforePath(owned()));
        }
        let value = values.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
        let value = value.filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| AddressError::Missing(owned()))?;
        // A URL takes them for steps, however they are escaped.
        if value == "." || value == ".." {
            return Err(AddressError::Dots(owned(), value.clone()));
        }
        filled.push_str(&text[end..at]);
        filled.extend(utf8_percent_encode(value, SEGMENT));
        end = at + name.len() + 2;
    }
    filled.push_str(&text[end..]);
    Url::parse(&filled)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| AddressError::Url(text.to_owned()))
}

/// Where the scheme and the host end.
fn path_start(text: &str) -> usize {
    let host = text.find("://").map_or(0, |scheme| scheme + 3);
    text[host..].find('/').map_or(text.len(), |slash| host + slash)
}

/// The `{name}`s of a text with their places.
fn placeholders(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let open = at + text[at..].find('{')?;
        let name = &text[open + 1..];
        let name = &name[..name.find('}')?];
        at = open + name.len() + 2;
        Some((open, name))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str, value: &str) -> Result<String, AddressError> {
        let values = [("room".to_owned(), value.to_owned())];
        Ok(Address::parse(text)?.url(&Sample, &values)?.to_string())
    }

    #[test]
    fn variables_and_parameters_are_filled_in() {
        let filled =
            url("http://${stageVariables.host}.example/a/{room}/b?q={room}", "r 1/ü").unwrap();
        assert_eq!(filled, "http://x.example/a/r%201%2F%C3%BC/b?q=r%201%2F%C3%BC");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "example.com/x",
            "ftp://example.com",
            "/x",
            "http://",
            "http://{room}/",
            "http://a$b/",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_parameter_never_leaves_its_segment() {
        for dots in [".", "..", ""] {
            assert!(url("http://a.example/x/{room}/y", dots).is_err(), "{dots}");
        }
        assert!(url("http://${stageVariables.host}{room}/", ":80@evil.example").is_err());
    }

    proptest! {
        #[test]
        fn whatever_a_parameter_is_the_place_stays(value in "[\\PC./]{1,10}") {
            if let Ok(url) = url("http://a.example/x/{room}/y", &value) {
                let url = Url::parse(&url).unwrap();
                prop_assert_eq!(url.host_str(), Some("a.example"));
                prop_assert_eq!(url.query(), None);
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!((segments.len(), segments[0], segments[2]), (3, "x", "y"));
            }
        }
    }
}
