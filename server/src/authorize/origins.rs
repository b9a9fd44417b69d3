//! From which web pages a browser may use what it holds for this server.

use axum::http::{HeaderMap, header};

/// The origins whose pages may use the cookies of their visitors, and may ask for tickets.
///
/// A browser sends a cookie with every handshake to its server, whichever page opens the socket:
/// the same-origin policy does not hold for `WebSocket`, and no preflight asks first. A page of an
/// attacker could so open a socket in the name of its visitor (cross-site WebSocket hijacking). The
/// `Origin` header, which no page can forge, tells such a handshake from one of ours. The other
/// ways to pass a token need no such care: a page has to know the token to use them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Allowed);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Allowed {
    #[default]
    SameHost,
    Only(Vec<String>),
}

/// Where a request comes from, as its `Origin` header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Site {
    /// There is no such header: the client is no browser, and has no cookies but its own.
    #[default]
    Unknown,
    /// A page of an allowed origin.
    Ours,
    /// A page of another origin.
    Foreign,
}

impl Origins {
    /// The host that the request is for, with its port: what a page served beside the socket has.
    /// The scheme is not compared, because a server behind a TLS proxy does not know its own.
    #[must_use]
    pub fn same_host() -> Self {
        Self::default()
    }

    /// These and no others, each as a browser writes it: `https://app.example`, with the port when
    /// it is not the scheme's own. Needed where pages come from another host than the socket, or a
    /// proxy changes the `Host` header.
    pub fn only(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let normal = |origin: String| origin.trim_end_matches('/').to_ascii_lowercase();
        Self(Allowed::Only(origins.into_iter().map(Into::into).map(normal).collect()))
    }

    /// Judges a request.
    #[must_use]
    pub fn judge(&self, headers: &HeaderMap) -> Site {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Site::Unknown;
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match origin.to_str() {
            Ok(origin) if self.allows(origin, host) => Site::Ours,
            _ => Site::Foreign,
        }
    }

    /// A page in a sandbox has the origin `null`, which is nobody's, so it is never allowed.
    fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        let Some((_, authority)) = origin.split_once("://") else {
            return false;
        };
        match &self.0 {
            Allowed::SameHost => host.is_some_and(|host| host.eq_ignore_ascii_case(authority)),
            Allowed::Only(origins) => {
                origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>, host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn unless_told_a_page_comes_from_the_host_it_speaks_to() {
        for (origin, host, site) in [
            (Some("https://chat.example"), "chat.example", Site::Ours),
            (Some("http://localhost:8080"), "localhost:8080", Site::Ours),
            (Some("https://chat.example"), "CHAT.example", Site::Ours),
            (Some("http://localhost:3000"), "localhost:8080", Site::Foreign),
            (Some("https://chat.example.evil"), "chat.example", Site::Foreign),
            (Some("https://evil.example"), "chat.example", Site::Foreign),
            (Some("null"), "null", Site::Foreign),
            (None, "chat.example", Site::Unknown),
        ] {
            let judged = Origins::same_host().judge(&headers(origin, host));
            assert_eq!(judged, site, "{origin:?} at {host}");
        }
    }

    #[test]
    fn named_origins_are_the_only_ones() {
        let origins = Origins::only(["https://App.example/", "http://localhost:3000", "null"]);
        for (origin, site) in [
            ("https://app.example", Site::Ours),
            ("http://localhost:3000", Site::Ours),
            ("http://app.example", Site::Foreign),
            ("https://app.example:8443", Site::Foreign),
            ("https://chat.example", Site::Foreign),
            ("null", Site::Foreign),
        ] {
            assert_eq!(origins.judge(&headers(Some(origin), "chat.example")), site, "{origin}");
        }
    }
}
