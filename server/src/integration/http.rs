//! An HTTP service as an integration: `HTTP_PROXY`, and `HTTP` with templates.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use gatewire::{Error, Result};
use reqwest::Method;

use super::{
    Call, Integration, IntegrationResponse, Outcome, Passthrough, Response, Templates,
    shape::{Answering, Asking, Failure, Reads, outcome},
};
use crate::{event::Event, mapping::Mappings, trace::NewSpan};

mod address;
mod client;
mod request;

use address::Address;
pub use address::AddressError;
pub use client::http_client;

/// How long an integration may take (API Gateway's quota).
pub const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_secs(29);

/// How large the body of an answer may be. Arbitrary: a message that large no client gets.
const RESPONSE_LIMIT: usize = 1 << 20;

/// Asks an HTTP service.
///
/// As it is created it is API Gateway's `HTTP_PROXY`: the text of a message is the body, the
/// headers and the query of a handshake go along, and the service's answer is the route's. A binary
/// message goes along in bytes, and its answer is a binary one. With templates or integration
/// responses it is `HTTP`: of the handshake only what is mapped goes along. Redirects are answers
/// like others, there are no cookies, and nothing is asked twice.
#[derive(Clone, Debug)]
pub struct HttpIntegration {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    client: reqwest::Client,
    address: Address,
    method: Method,
    timeout: Duration,
    mappings: Mappings,
    asking: Asking,
    answering: Answering,
    decodes: bool,
    response_limit: usize,
}

impl HttpIntegration {
    /// The service at this address, asked by `POST` through this client: `https://host/path`, with
    /// `{name}` in the path for path parameters and `${stageVariables.name}` anywhere.
    pub fn new(client: reqwest::Client, address: &str) -> Result<Self, AddressError> {
        let settings = Settings {
            client,
            address: Address::parse(address)?,
            method: Method::POST,
            timeout: *TIMEOUTS.end(),
            mappings: Mappings::default(),
            asking: Asking::default(),
            answering: Answering::default(),
            decodes: false,
            response_limit: RESPONSE_LIMIT,
        };
        Ok(Self { settings: Arc::new(settings) })
    }

    /// Asks by this method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.set().method = method;
        self
    }

    /// Waits no longer than this for the whole answer. What is outside of [`TIMEOUTS`] counts as
    /// the nearer end.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.set().timeout = timeout.clamp(*TIMEOUTS.start(), *TIMEOUTS.end());
        self
    }

    /// Puts these parts of the request into headers, query and path.
    #[must_use]
    pub fn request_parameters(mut self, mappings: Mappings) -> Self {
        self.set().mappings = mappings;
        self
    }

    /// Makes the body by these templates.
    #[must_use]
    pub fn request_templates(mut self, templates: Templates) -> Self {
        self.set().asking.templates = templates;
        self
    }

    /// Says what becomes of a message that no request template is for.
    #[must_use]
    pub fn passthrough(mut self, passthrough: Passthrough) -> Self {
        self.set().asking.passthrough = passthrough;
        self
    }

    /// Reads the body as base64, and sends the service the bytes that it stands for (API Gateway:
    /// `CONVERT_TO_BINARY`): clients send text there alone.
    #[must_use]
    pub fn convert_to_binary(mut self) -> Self {
        self.set().decodes = true;
        self
    }

    /// Adds an integration response. The first whose pattern matches the status is taken; an
    /// answer that none is for is an error. Without any, answers stay as they are.
    #[must_use]
    pub fn response(mut self, response: IntegrationResponse) -> Self {
        self.set().answering.push(response);
        self
    }

    /// Takes no answer whose body is larger than this many bytes.
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.set().response_limit = bytes;
        self
    }

    /// The names in the address that no request parameter gives a value: calls would fail.
    #[must_use]
    pub fn unmapped(&self) -> Vec<&str> {
        let Settings { address, mappings, .. } = &*self.settings;
        address.names().filter(|name| mappings.path_names().all(|mapped| mapped != *name)).collect()
    }

    fn set(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Integration for HttpIntegration {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let settings = self.settings.clone();
        Box::pin(async move {
            let answer = settings.answer(&call).await;
            outcome(&call, answer)
        })
    }

    fn span(&self, _: &Call) -> NewSpan {
        self.settings.span()
    }
}

impl Settings {
    /// Whether the handshake goes along, and the answer comes back, as it is.
    fn is_proxy(&self) -> bool {
        self.asking.templates.is_empty() && self.answering.is_empty()
    }

    async fn answer(&self, call: &Call) -> Result<Response, Failure> {
        let request = self.request(call)?;
        let sending = self.client.execute(request);
        let answer = async { self.read(call, sending.await.map_err(failed)?).await };
        let timed_out = |_| {
            let reason = format!("the integration took longer than {:?}", self.timeout);
            Error::new(Error::TIMED_OUT, reason).temporary()
        };
        let response = tokio::time::timeout(self.timeout, answer).await.map_err(timed_out)??;
        if self.answering.is_empty() {
            return Ok(response);
        }
        self.answering.shape(response, Reads::Answer, &call.scope())
    }

    async fn read(&self, call: &Call, mut answer: reqwest::Response) -> Result<Response> {
        let status = answer.status().as_u16();
        let header =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
        let headers = answer.headers().iter().map(header).collect();
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.response_limit {
                if matches!(call.event, Event::Connect(_)) {
                    // Nobody reads the body of this one; its status counts.
                    break;
                }
                let limit = self.response_limit;
                return Err(Error::internal(format!("the answer is larger than {limit} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        // Who speaks in bytes is answered in bytes.
        let binary = call.binary().is_some();
        Ok(Response { status, headers, body: Bytes::from(body), binary })
    }
}

/// A service that cannot be reached, or breaks off. The address may hold what a client sent, and
/// does not go into the log.
fn failed(error: reqwest::Error) -> Error {
    Error::internal(error.without_url())
}

#[cfg(test)]
mod tests;
