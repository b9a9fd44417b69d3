//! What a handshake brings, and where in it a token may be.

use std::{fmt, net::IpAddr};

use axum::http::{HeaderMap, header};
use gatewire::frame;
use serde::{Deserialize, Serialize};

use super::{Origins, Refusal, Site};

/// What a handshake brings. Its `Debug` names the headers and parameters and keeps their values to
/// itself, because tokens are among them.
#[derive(Clone, Default)]
pub struct Handshake {
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The parameters of the URL, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The address of the peer.
    pub source_ip: Option<IpAddr>,
    /// Whether a page of an allowed origin sent it. Cookies are worth nothing otherwise.
    pub site: Site,
    /// The token that came by itself, on an open connection.
    in_band: Option<String>,
}

/// A place where a token may be.
///
/// A one-time ticket is no place but takes the token's part: see [`Tickets`](super::Tickets).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenSource {
    /// An entry `gatewire.token.…` among the subprotocols: what the browser client does unless
    /// told, because no log keeps it.
    Subprotocol,
    /// `Authorization: Bearer …`, for clients that can set headers. Browsers cannot.
    Header,
    /// A parameter of the URL, as on API Gateway. Proxies write URLs into their logs.
    Query(String),
    /// A cookie, taken from pages of an allowed origin alone; [`Origins`] says why. Name it
    /// `__Host-…`, so that no neighbouring subdomain can set it, and make it `HttpOnly`.
    Cookie(String),
}

impl TokenSource {
    /// A parameter of the URL.
    pub fn query(name: impl Into<String>) -> Self {
        Self::Query(name.into())
    }

    /// A cookie.
    pub fn cookie(name: impl Into<String>) -> Self {
        Self::Cookie(name.into())
    }

    /// Where a token is looked for unless told: what the page does knowingly goes before what its
    /// URL says. Cookies are not among them, for want of a name.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        vec![Self::Subprotocol, Self::Header, Self::query("token")]
    }
}

impl Handshake {
    /// A handshake with these headers and parameters, judged as if only pages of the same host
    /// were allowed.
    #[must_use]
    pub fn new(headers: HeaderMap, query: Vec<(String, String)>) -> Self {
        let site = Origins::same_host().judge(&headers);
        Self { headers, query, site, ..Self::default() }
    }

    /// A token that came on an open connection, without a handshake around it. Every place of a
    /// token stands for it.
    #[must_use]
    pub fn in_band(token: impl Into<String>, source_ip: Option<IpAddr>) -> Self {
        Self { in_band: Some(token.into()), source_ip, ..Self::default() }
    }

    /// The subprotocols the client offers.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        list(&self.headers, header::SEC_WEBSOCKET_PROTOCOL, ',')
    }

    /// The token in the first of these places that holds one. An empty one is none, and one that
    /// turns out to be bad is not made up for by the next place.
    pub fn token_from(&self, sources: &[TokenSource]) -> Result<&str, Refusal> {
        let mut places = sources.iter().filter_map(|source| self.find(source));
        let found = self.in_band.as_deref().or_else(|| places.find(|token| !token.is_empty()));
        found.ok_or_else(|| Refusal::Unauthorized(self.explain_none(sources).to_owned()))
    }

    /// The token in one of the [usual](TokenSource::usual) places, with this name for the
    /// parameter.
    #[must_use]
    pub fn token(&self, parameter: &str) -> Option<&str> {
        use TokenSource::{Header, Subprotocol};
        self.token_from(&[Subprotocol, Header, TokenSource::query(parameter)]).ok()
    }

    /// The last value of a parameter of the URL.
    #[must_use]
    pub fn query_parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The token of `Authorization: Bearer …`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    fn find(&self, source: &TokenSource) -> Option<&str> {
        match source {
            TokenSource::Subprotocol => {
                self.subprotocols().find_map(|entry| entry.strip_prefix(frame::TOKEN_SUBPROTOCOL))
            }
            TokenSource::Header => self.bearer(),
            TokenSource::Query(name) => self.query_parameter(name),
            TokenSource::Cookie(name) if self.site == Site::Ours => self.cookie(name),
            TokenSource::Cookie(_) => None,
        }
    }

    /// The first cookie of this name: browsers send the one with the longest path first (RFC 6265
    /// §5.4).
    fn cookie(&self, name: &str) -> Option<&str> {
        list(&self.headers, header::COOKIE, ';')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value.trim_matches('"')))
    }

    fn explain_none(&self, sources: &[TokenSource]) -> &'static str {
        let withheld = sources.iter().any(|source| match source {
            TokenSource::Cookie(name) => self.site != Site::Ours && self.cookie(name).is_some(),
            _ => false,
        });
        if withheld {
            "cookies are taken from pages of an allowed origin alone"
        } else {
            "a token is required"
        }
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<_> = self.query.iter().map(|(name, _)| name).collect();
        f.debug_struct("Handshake")
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("query", &parameters)
            .field("source_ip", &self.source_ip)
            .field("site", &self.site)
            .finish_non_exhaustive()
    }
}

fn list(headers: &HeaderMap, name: header::HeaderName, by: char) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(move |list| list.split(by))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everywhere() -> Handshake {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("sec-websocket-protocol", "gatewire.v1, gatewire.token.by-subprotocol"),
            ("authorization", "bearer by-header"),
            ("cookie", "theme=dark; session=\"by-cookie\"; session=later"),
            ("host", "chat.example"),
            ("origin", "https://chat.example"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        Handshake::new(headers, vec![("token".to_owned(), "by-query".to_owned())])
    }

    fn all() -> [TokenSource; 4] {
        let (query, cookie) = (TokenSource::query("token"), TokenSource::cookie("session"));
        [TokenSource::Subprotocol, TokenSource::Header, query, cookie]
    }

    #[test]
    fn the_first_place_that_holds_a_token_is_taken() {
        let handshake = everywhere();
        let names = ["by-subprotocol", "by-header", "by-query", "by-cookie"];
        for (first, name) in names.into_iter().enumerate() {
            assert_eq!(handshake.token_from(&all()[first..]).unwrap(), name);
        }
        assert_eq!(handshake.token("token"), Some("by-subprotocol"));
        let mut empty = everywhere();
        empty.headers.insert("sec-websocket-protocol", "gatewire.token.".parse().unwrap());
        assert_eq!(empty.token("token"), Some("by-header"), "an empty token is none");
        let bare = Handshake::default().token_from(&all()).unwrap_err();
        assert_eq!(bare.to_string(), "unauthorized: a token is required");
    }

    #[test]
    fn a_cookie_is_no_use_to_a_page_of_another_origin() {
        for origin in [None, Some("https://evil.example"), Some("null")] {
            let mut headers = everywhere().headers;
            headers.remove("origin");
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            let handshake = Handshake::new(headers, Vec::new());
            let refusal = handshake.token_from(&all()[3..]).unwrap_err();
            assert!(refusal.to_string().contains("an allowed origin"), "{origin:?}: {refusal}");
        }
    }

    #[test]
    fn a_token_in_band_is_found_wherever_one_is_looked_for() {
        let handshake = Handshake::in_band("fresh", None);
        for source in all() {
            assert_eq!(handshake.token_from(&[source]).unwrap(), "fresh");
        }
    }

    #[test]
    fn a_logged_handshake_shows_no_token() {
        let shown = format!("{:?} {:?}", everywhere(), Handshake::in_band("by-frame", None));
        assert!(shown.contains("sec-websocket-protocol") && shown.contains("token"), "{shown}");
        assert!(!shown.contains("by-"), "{shown}");
    }

    #[test]
    fn a_configuration_names_the_places() {
        let text = r#"["subprotocol", "header", {"query": "token"}, {"cookie": "session"}]"#;
        assert_eq!(serde_json::from_str::<Vec<TokenSource>>(text).unwrap(), all());
    }
}
