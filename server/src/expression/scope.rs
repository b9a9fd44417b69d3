//! What expressions, templates and mappings read a request through.

use serde_json::Value;

/// What the variables of one request are worth. Everything is nothing unless said otherwise, so
/// that each kind of request says only what it has.
pub trait Scope {
    /// The text of the message: `request.body`, `$input.body`.
    fn body(&self) -> Option<&str> {
        None
    }

    /// The headers of the handshake, in the order and case they came in. Names are looked up in
    /// any case; of several with one name, the last is its single value.
    fn headers(&self) -> &[(String, String)] {
        &[]
    }

    /// The query parameters of the handshake, decoded, in the order they came in.
    fn query(&self) -> &[(String, String)] {
        &[]
    }

    /// The first path segment of a custom domain: `request.basepath`.
    fn base_path(&self) -> Option<&str> {
        None
    }

    /// A context variable by its path without the root: `connectionId`, `identity.sourceIp`,
    /// `authorizer.role`.
    fn context(&self, path: &str) -> Option<Value> {
        let _ = path;
        None
    }

    /// A variable of the stage.
    fn stage_variable(&self, name: &str) -> Option<&str> {
        let _ = name;
        None
    }

    /// The status the integration answered with, once it has.
    fn response_status(&self) -> Option<u16> {
        None
    }

    /// The headers the integration answered with.
    fn response_headers(&self) -> &[(String, String)] {
        &[]
    }

    /// The text the integration answered with. `$input` reads it instead of the message.
    fn response_body(&self) -> Option<&str> {
        None
    }
}

/// A request and what its integration made of it.
#[cfg(feature = "serve")]
pub(crate) struct Responded<'a> {
    /// The request.
    pub(crate) request: &'a dyn Scope,
    /// The status of the response.
    pub(crate) status: u16,
    /// The headers of the response.
    pub(crate) headers: &'a [(String, String)],
    /// The text of the response; `None` if it has none and templates read the message.
    pub(crate) body: Option<&'a str>,
}

#[cfg(feature = "serve")]
impl Scope for Responded<'_> {
    fn body(&self) -> Option<&str> {
        self.request.body()
    }

    fn headers(&self) -> &[(String, String)] {
        self.request.headers()
    }

    fn query(&self) -> &[(String, String)] {
        self.request.query()
    }

    fn base_path(&self) -> Option<&str> {
        self.request.base_path()
    }

    fn context(&self, path: &str) -> Option<Value> {
        self.request.context(path)
    }

    fn stage_variable(&self, name: &str) -> Option<&str> {
        self.request.stage_variable(name)
    }

    fn response_status(&self) -> Option<u16> {
        Some(self.status)
    }

    fn response_headers(&self) -> &[(String, String)] {
        self.headers
    }

    fn response_body(&self) -> Option<&str> {
        self.body
    }
}

/// The values of a header, whose name has no case.
pub(crate) fn named<'a>(
    pairs: &'a [(String, String)],
    name: &str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    pairs
        .iter()
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// The values of a query parameter, whose name has.
pub(crate) fn named_exactly<'a>(
    pairs: &'a [(String, String)],
    name: &str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
}
