//! From a call to an HTTP request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use gatewire::{Error, Result};
use reqwest::{
    Request,
    header::{self, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};

use super::{AddressError, Settings};
use crate::{
    event::Event,
    expression::Scope,
    integration::{Call, shape::Failure},
    mapping::Mapped,
    trace::{Kind, NewSpan},
};

/// Unknown on AWS: what a message is said to be. Messages mostly are, and templates too.
const MESSAGE_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// The same of bytes.
const BYTES_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Unknown on AWS: whether the query of a handshake goes along as its headers do.
const FORWARDS_QUERY: bool = true;

/// Headers about one connection (RFC 9110, §7.6.1), and what the request itself decides.
const NOT_FORWARDED: [HeaderName; 10] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl Settings {
    /// What asking is in a trace. The address without what a request puts into it: that may be private.
    pub(super) fn span(&self) -> NewSpan {
        let method = self.method.to_string();
        let span = NewSpan::new(Kind::Client, method.clone()).with("http.request.method", method);
        match self.address.server() {
            Some((host, port)) => {
                span.with("server.address", host.to_owned()).with("server.port", i64::from(port))
            }
            None => span,
        }
    }

    /// What is asked for this call.
    pub(super) fn request(&self, call: &Call) -> Result<Request, Failure> {
        let scope = call.scope();
        let (body, kind) = self.body(call, &scope)?;
        let Mapped { headers, query, path } = self.mappings.apply(&scope);
        let mut url = self.address.url(&scope, &path).map_err(unusable)?;
        let forwarded = if self.is_proxy() && FORWARDS_QUERY { scope.query() } else { &[] };
        let is_mapped = |name: &str| query.iter().any(|(key, _)| key == name);
        let forwarded = forwarded.iter().filter(|(name, _)| !is_mapped(name));
        let pairs: Vec<_> = forwarded.chain(&query).collect();
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let mut request = Request::new(self.method.clone(), url);
        let sent = request.headers_mut();
        if !body.is_empty() {
            sent.insert(CONTENT_TYPE, kind);
        }
        if self.is_proxy() {
            forward(call, &scope, sent);
        }
        if let Some(trace) = &call.trace {
            trace.write(sent); // what a handshake says of its own is the past by then
        }
        map(&headers, sent)?;
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }

    /// What is sent, and what it is said to be.
    fn body(&self, call: &Call, scope: &dyn Scope) -> Result<(Bytes, HeaderValue), Failure> {
        let text = match (self.asking.render(scope)?, call.binary()) {
            (None, Some(bytes)) => return Ok((bytes.clone(), BYTES_TYPE)),
            (Some(text), _) => text,
            (None, None) => call.body().into_owned(),
        };
        if !self.decodes {
            return Ok((text.into(), MESSAGE_TYPE));
        }
        // Unknown on AWS: what a client is told whose message is no base64.
        let wrong = |_| Error::new(Error::INVALID, "the message is no base64");
        Ok((STANDARD.decode(text.trim()).map_err(wrong)?.into(), BYTES_TYPE))
    }
}

/// The headers of the handshake, without those of its connection and of WebSockets.
fn forward(call: &Call, scope: &dyn Scope, sent: &mut HeaderMap) {
    let Event::Connect(handshake) = &call.event else { return };
    let named_by_connection = |name: &HeaderName| {
        let lists = handshake.headers.get_all(header::CONNECTION).iter();
        lists
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case(name.as_str()))
    };
    for (name, value) in scope.headers() {
        let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()))
        else {
            continue;
        };
        let of_web_socket =
            name.as_str().starts_with("sec-websocket-") && name != header::SEC_WEBSOCKET_PROTOCOL;
        if !of_web_socket && !NOT_FORWARDED.contains(&name) && !named_by_connection(&name) {
            sent.append(name, value);
        }
    }
}

/// Mapped headers take the place of those with their name.
fn map(headers: &[(String, String)], sent: &mut HeaderMap) -> Result<(), Error> {
    let mut mapped = HeaderMap::new();
    for (name, value) in headers {
        let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()))
        else {
            let reason = format!("what the header {name} is mapped from is no value of a header");
            return Err(Error::new(Error::INVALID, reason));
        };
        mapped.append(name, value);
    }
    for name in mapped.keys() {
        sent.remove(name);
    }
    for (name, value) in &mapped {
        sent.append(name, value.clone());
    }
    Ok(())
}

/// A parameter is the client's, the rest of an address ours.
fn unusable(error: AddressError) -> Error {
    match error {
        AddressError::Missing(_) | AddressError::Dots(..) => {
            Error::new(Error::INVALID, error.to_string())
        }
        other => Error::internal(other),
    }
}
