//! The requests to the server: with a time limit, over TLS alone, and no further than it says.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::{
    HeaderMap, Request, Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use bytes::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use jiff::fmt::rfc2822;

use crate::{reasons::reasons, tls::install_provider};

/// How long a connection may take, and how long a request with its answer. Ours.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// A client for a server that these authorities vouch for; without any, those that the machine
/// trusts.
#[derive(Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    asked: Arc<Mutex<Option<Duration>>>,
}

impl Http {
    pub(super) fn new(authorities: Option<&[u8]>) -> Result<Self, reqwest::Error> {
        install_provider();
        let mut builder = reqwest::Client::builder()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE);
        if let Some(pem) = authorities {
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        Ok(Self { client: builder.build()?, asked: Arc::default() })
    }

    /// For how long the server asked to be left alone (`Retry-After`), when it last refused.
    pub(super) fn asked(&self) -> Option<Duration> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let request = request.map(reqwest::Body::wrap).try_into();
        let request = request.map_err(|error| unanswered(&error))?;
        let response = self.client.execute(request).await;
        let response = response.map_err(|error| unanswered(&error))?;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            let asked = retry_after(response.headers(), jiff::Timestamp::now());
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
            if !is_json(response.headers()) {
                return Err(Error::Other(format!("the server answers {status}").into()));
            }
        }
        Ok(Response::from(response).into())
    }
}

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().send(request))
    }
}

fn unanswered(error: &reqwest::Error) -> Error {
    Error::Other(reasons(error).into())
}

/// A problem document is `application/problem+json` (RFC 8555, section 6.7).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: jiff::Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Duration::try_from(date.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait_is_said_in_seconds_or_as_a_date() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_mins(2)));
        assert_eq!(read("Mon, 23 Nov 2026 11:00:00 GMT"), Some(Duration::from_hours(1)));
        assert_eq!(read("Mon, 23 Nov 2026 09:00:00 GMT"), None, "it is over");
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn authorities_that_are_none_are_an_error() {
        assert!(Http::new(None).is_ok());
        let damaged = b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n";
        assert!(Http::new(Some(damaged)).is_err());
    }
}
