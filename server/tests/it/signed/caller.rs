//! Somebody who signs, with the library that AWS signs with.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4::SigningParams,
};

use super::SECRET;
use crate::{
    http::{Response, request},
    support::Server,
};

/// How the caller signs; what is right unless a test changes it.
pub(super) struct Caller {
    pub(super) key: &'static str,
    pub(super) secret: &'static str,
    pub(super) token: Option<&'static str>,
    pub(super) region: &'static str,
    pub(super) service: &'static str,
    pub(super) age: Duration,
    pub(super) place: SignatureLocation,
}

impl Default for Caller {
    fn default() -> Self {
        Self {
            key: "AKIDEXAMPLE",
            secret: SECRET,
            token: None,
            region: "us-east-1",
            service: "execute-api",
            age: Duration::ZERO,
            place: SignatureLocation::Headers,
        }
    }
}

impl Caller {
    pub(super) fn presigning() -> Self {
        Self { place: SignatureLocation::QueryParams, ..Self::default() }
    }

    /// The request line and headers of a signed request, but for those that [`request`] adds.
    pub(super) fn sign(&self, server: &Server, method: &str, path: &str, body: &[u8]) -> String {
        let token = self.token.map(str::to_owned);
        let identity = Credentials::new(self.key, self.secret, token, None, "test").into();
        let mut settings = SigningSettings::default();
        settings.signature_location = self.place;
        settings.expires_in = Some(Duration::from_mins(5));
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::now() - self.age)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let host = server.address.to_string();
        let headers = [("host", host.as_str())];
        let body = SignableBody::Bytes(body);
        let signable = SignableRequest::new(method, path, headers.into_iter(), body).unwrap();
        let (signed, _) = sign(signable, &parameters).unwrap().into_parts();
        let (headers, query) = signed.into_parts();
        let encode = |text: &str| {
            let encoded = text.bytes().map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            });
            encoded.collect::<String>()
        };
        let mut target = path.to_owned();
        for (name, value) in query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.extend([name, "=", &encode(&value)]);
        }
        let mut head = format!("{method} {target} HTTP/1.1");
        for header in headers {
            head.extend(["\r\n", header.name(), ": ", header.value()]);
        }
        head
    }

    pub(super) async fn ask(
        &self,
        server: &Server,
        method: &str,
        path: &str,
        body: &str,
    ) -> Response {
        request(server, &self.sign(server, method, path, body.as_bytes()), body).await
    }
}
