//! A function that the Lambda Invoke API runs: on AWS, or at any endpoint that speaks it.

use std::{error::Error, fmt, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningError, SigningSettings, sign},
    sign::v4,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;

use super::{
    Function, FunctionError, Invocation, InvokeError, MAX_ANSWER, MAX_EVENT, name::FunctionName,
};
use crate::reasons::reasons;

/// What stays as it is in a path, as the SDKs write it (RFC 3986, unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How much of what a service says of an error is kept, in characters. Ours.
const LONGEST_MESSAGE: usize = 500;

/// Which function is called, where, and in whose name.
#[derive(Clone, Debug)]
pub struct RemoteSettings {
    /// The function.
    pub function: FunctionName,
    /// Where the Invoke API is, for example `http://127.0.0.1:3001`; on AWS in the function's
    /// region unless told.
    pub endpoint: Option<String>,
    /// The region, where the function's ARN does not say it.
    pub region: String,
    /// Who calls. An endpoint of one's own is called without too: then the signature is a made-up
    /// one, which local emulators take.
    pub credentials: Option<Credentials>,
}

/// Why a function cannot be called at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RemoteSettingsError {
    /// It is no `http` or `https` URL.
    #[error("the endpoint `{0}` is no http or https URL")]
    Endpoint(String),
    /// AWS takes no unsigned call.
    #[error("the function `{0}` is called on AWS, which takes credentials")]
    Credentials(String),
}

/// A function that the Invoke API runs. Calls are made once: API Gateway does not repeat them.
pub struct RemoteFunction {
    name: String,
    url: Url,
    region: String,
    credentials: Credentials,
    client: reqwest::Client,
}

/// The credentials in the variables that every AWS SDK reads, `AWS_ACCESS_KEY_ID` and so on.
#[must_use]
pub fn credentials_from(variable: impl Fn(&str) -> Option<String>) -> Option<Credentials> {
    let found = |name: &str| variable(name).filter(|value| !value.is_empty());
    let (key, secret) = (found("AWS_ACCESS_KEY_ID")?, found("AWS_SECRET_ACCESS_KEY")?);
    Some(Credentials::new(key, secret, found("AWS_SESSION_TOKEN"), None, "environment"))
}

impl RemoteFunction {
    /// A function called through this client, whose pool of connections it shares.
    pub fn new(
        settings: RemoteSettings,
        client: reqwest::Client,
    ) -> Result<Self, RemoteSettingsError> {
        let function = &settings.function;
        // Of an ARN without a qualifier it is the last part.
        let name = function.name().rsplit(':').next().unwrap_or_default().to_owned();
        let region = function.region().unwrap_or(&settings.region).to_owned();
        let credentials = settings.credentials.or_else(|| {
            settings.endpoint.as_ref()?;
            Some(Credentials::new("local", "local", None, None, "none"))
        });
        let credentials =
            credentials.ok_or_else(|| RemoteSettingsError::Credentials(function.to_string()))?;
        let endpoint =
            settings.endpoint.unwrap_or_else(|| format!("https://lambda.{region}.amazonaws.com"));
        let url = url(&endpoint, function).ok_or(RemoteSettingsError::Endpoint(endpoint))?;
        Ok(Self { name, url, region, credentials, client })
    }

    async fn call(&self, event: Bytes, invocation: &Invocation) -> Result<Bytes, InvokeError> {
        let request = self
            .request(event, invocation)
            .map_err(|error| InvokeError::Unreachable(reasons(error.as_ref())))?;
        let response = self.client.execute(request).await.map_err(unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response).await?;
        outcome(status, &headers, body)
    }

    fn request(
        &self,
        event: Bytes,
        invocation: &Invocation,
    ) -> Result<reqwest::Request, Box<dyn Error + Send + Sync>> {
        let mut request = Request::post(self.url.as_str())
            .header("content-type", "application/json")
            .header("x-amz-invocation-type", "RequestResponse")
            .body(event)?;
        if let Some(id) = &invocation.trace_id {
            request.headers_mut().insert("x-amzn-trace-id", id.clone());
        }
        self.sign(&mut request, SystemTime::now())?;
        Ok(request.try_into()?)
    }

    fn sign(&self, request: &mut Request<Bytes>, now: SystemTime) -> Result<(), SigningError> {
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .expect("every parameter is given")
            .into();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: Vec<(String, String)> =
            request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let signable = SignableRequest::new(
            request.method().as_str(),
            self.url.as_str(),
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(request.body()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

impl Function for RemoteFunction {
    fn invoke(
        &self,
        event: Bytes,
        invocation: Invocation,
    ) -> BoxFuture<'_, Result<Bytes, InvokeError>> {
        Box::pin(async move {
            if event.len() > MAX_EVENT {
                return Err(InvokeError::TooLarge(format!("{} bytes", event.len())));
            }
            let within = invocation.timeout;
            match timeout(within, self.call(event, &invocation)).await {
                Ok(result) => result,
                Err(_) => Err(InvokeError::TimedOut(within)),
            }
        })
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl fmt::Debug for RemoteFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteFunction").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

fn url(endpoint: &str, function: &FunctionName) -> Option<Url> {
    let mut url = Url::parse(endpoint).ok()?;
    let name = utf8_percent_encode(function.name(), UNRESERVED);
    let base = url.path().trim_end_matches('/');
    url.set_path(&format!("{base}/2015-03-31/functions/{name}/invocations"));
    if let Some(qualifier) = function.qualifier() {
        url.query_pairs_mut().append_pair("Qualifier", qualifier);
    }
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Reads the whole answer, unless it is larger than any function's.
async fn read(mut response: reqwest::Response) -> Result<Bytes, InvokeError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            let message = format!("the answer is larger than {MAX_ANSWER} bytes");
            let error = FunctionError::new("Function.ResponseSizeTooLarge", message);
            return Err(InvokeError::Function(error));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// What an answer of the Invoke API means.
fn outcome(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Result<Bytes, InvokeError> {
    if status.is_success() {
        return match headers.get("x-amz-function-error") {
            Some(kind) => {
                let kind = kind.to_str().unwrap_or("Unhandled");
                Err(InvokeError::Function(FunctionError::from_json(&body, kind)))
            }
            None => Ok(body),
        };
    }
    let message = message(headers, &body);
    Err(match status {
        StatusCode::FORBIDDEN => InvokeError::Denied(message),
        StatusCode::NOT_FOUND => InvokeError::NotFound(message),
        StatusCode::PAYLOAD_TOO_LARGE => InvokeError::TooLarge(message),
        StatusCode::TOO_MANY_REQUESTS => InvokeError::Throttled(message),
        _ => InvokeError::Refused { status: status.as_u16(), message },
    })
}

/// What a service says of an error: its type in a header, the rest in JSON.
fn message(headers: &HeaderMap, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Told {
        #[serde(alias = "Message")]
        message: String,
    }
    let kind = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(':').next()).unwrap_or("no error type");
    let told = serde_json::from_slice::<Told>(body).map(|told| told.message);
    let told = told.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
    format!("{kind}: {}", told.chars().take(LONGEST_MESSAGE).collect::<String>())
}

fn unreachable(error: reqwest::Error) -> InvokeError {
    InvokeError::Unreachable(reasons(&error.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FunctionName {
        text.parse().unwrap()
    }

    #[test]
    fn urls_are_those_that_sdks_call() {
        let call = |endpoint, function| url(endpoint, &name(function)).map(String::from);
        assert_eq!(
            call("http://127.0.0.1:3001/", "chat:live").as_deref(),
            Some("http://127.0.0.1:3001/2015-03-31/functions/chat/invocations?Qualifier=live")
        );
        assert_eq!(
            call("https://lambda.us-east-1.amazonaws.com", "123456789012:function:chat").as_deref(),
            Some(
                "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/123456789012%3Afunction%3Achat/invocations"
            )
        );
        for endpoint in ["", "ftp://host", "127.0.0.1:3001", "http://"] {
            assert_eq!(call(endpoint, "chat"), None, "{endpoint}");
        }
    }

    #[test]
    fn answers_mean_what_the_invoke_api_says() {
        let mut failed = HeaderMap::new();
        failed.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
        let body = Bytes::from_static(br#"{"errorMessage":"no","errorType":"ValueError"}"#);
        let error = outcome(StatusCode::OK, &failed, body.clone()).unwrap_err();
        assert_eq!(error, InvokeError::Function(FunctionError::new("ValueError", "no")));
        assert_eq!(outcome(StatusCode::OK, &HeaderMap::new(), body.clone()), Ok(body));

        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-errortype", HeaderValue::from_static("SomeException:http://x"));
        let told = "SomeException: why".to_owned();
        for (status, expected) in [
            (403, InvokeError::Denied(told.clone())),
            (404, InvokeError::NotFound(told.clone())),
            (413, InvokeError::TooLarge(told.clone())),
            (429, InvokeError::Throttled(told.clone())),
            (502, InvokeError::Refused { status: 502, message: told }),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            for body in [r#"{"Message":"why"}"#, r#"{"message":"why"}"#, "why"] {
                assert_eq!(outcome(status, &headers, body.into()), Err(expected.clone()));
            }
        }
    }

    #[test]
    fn credentials_are_taken_from_the_variables_of_the_sdks() {
        let given = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
            _ => Some(String::new()),
        };
        let credentials = credentials_from(given).unwrap();
        assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(credentials.session_token(), None);
        assert!(credentials_from(|_| None).is_none());
    }
}
