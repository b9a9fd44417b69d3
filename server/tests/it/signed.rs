//! `/@connections` for those who sign, with signatures made by the library that AWS signs with.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4::SigningParams,
};
use gatewire_server::{
    management::Access,
    policy::Policy,
    sigv4::{Credential, Keys},
    stage::Stage,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::{
    http::{Response, request},
    support::Server,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const ACCOUNT: &str = "123456789012";

/// How the caller signs; what is right unless a test changes it.
struct Caller {
    key: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
    age: Duration,
    place: SignatureLocation,
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
    fn presigning() -> Self {
        Self { place: SignatureLocation::QueryParams, ..Self::default() }
    }

    /// The request line and headers of a signed request, but for those that [`request`] adds.
    fn sign(&self, server: &Server, method: &str, path: &str, body: &[u8]) -> String {
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
            let separator = if target.contains('?') { '&' } else { '?' };
            target += &format!("{separator}{name}={}", encode(&value));
        }
        let mut head = format!("{method} {target} HTTP/1.1");
        for header in headers {
            head += &format!("\r\n{}: {}", header.name(), header.value());
        }
        head
    }

    async fn ask(&self, server: &Server, method: &str, path: &str, body: &str) -> Response {
        request(server, &self.sign(server, method, path, body.as_bytes()), body).await
    }
}

fn credential(key: &str, token: Option<&str>, policy: Option<Value>) -> Credential {
    Credential {
        access_key_id: key.to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: token.map(str::to_owned),
        arn: "arn:aws:iam::123456789012:user/local".to_owned(),
        policy: policy.map(|policy| Policy::from_json(&policy).unwrap()),
    }
}

async fn start() -> Server {
    let looking = json!({"Statement": [{
        "Effect": "Allow",
        "Action": "execute-api:ManageConnections",
        "Resource": "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/@connections/*",
    }]});
    let denied = json!({"Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:execute-api:*:*:*/@groups/*",
         "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}},
    ]});
    let keys = Keys::new([
        credential("AKIDEXAMPLE", None, None),
        credential("ASIATEMPORARY", Some("TOKEN+/="), None),
        credential("AKIDLOOKING", None, Some(looking)),
        credential("AKIDDENIED", None, Some(denied)),
    ])
    .unwrap();
    let stage = Stage {
        api_id: "abcdef1234".to_owned(),
        name: "prod".to_owned(),
        account: ACCOUNT.to_owned(),
        ..Stage::default()
    };
    Server::start_with(|gateway| {
        gateway.stage(stage).management_access(Access::Signed(Arc::new(keys)))
    })
    .await
}

fn refusal(response: &Response) -> (u16, &str, Value) {
    let error_type = response.header("x-amzn-errortype").unwrap_or_default();
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(response.header("x-amzn-requestid").is_some());
    (response.status, error_type, response.json())
}

#[tokio::test]
async fn who_signs_posts_looks_and_closes_by_every_form_of_the_url() {
    let server = start().await;
    for caller in [
        Caller::default(),
        Caller::presigning(),
        Caller { key: "ASIATEMPORARY", token: Some("TOKEN+/="), ..Caller::default() },
        Caller { key: "ASIATEMPORARY", token: Some("TOKEN+/="), ..Caller::presigning() },
    ] {
        let mut client = server.plain().await;
        let id = server.app.connected().to_string();
        let encoded = id.replace('=', "%3D");
        while caller.ask(&server, "GET", &format!("/@connections/{id}"), "").await.status == 410 {
            tokio::task::yield_now().await; // the socket opens once the handshake is answered
        }
        for path in [
            format!("/@connections/{id}"),
            format!("/@connections/{encoded}"),
            format!("/prod/@connections/{encoded}"),
            format!("/prod/%40connections/{encoded}"),
        ] {
            let body = format!("{{\"path\":\"{path}\"}}");
            let response = caller.ask(&server, "POST", &path, &body).await;
            assert_eq!((response.status, response.body.as_str()), (200, ""), "{path}");
            assert_eq!(client.next().await["path"], path);
        }
        let path = format!("/prod/@connections/{encoded}");
        assert_eq!(caller.ask(&server, "GET", &path, "").await.status, 200);
        let path = format!("{path}?code=4001&reason=signed%20out");
        assert_eq!(caller.ask(&server, "DELETE", &path, "").await.status, 204);
        let closed = client.closed().await;
        assert_eq!((closed.code, closed.reason.as_str()), (CloseCode::from(4001), "signed out"));
        server.app.closing.notified().await;
        let gone = caller.ask(&server, "GET", &format!("/@connections/{id}"), "").await;
        let error_type = gone.header("x-amzn-errortype");
        assert_eq!((gone.status, error_type, gone.body.as_str()), (410, Some("GoneException"), ""));
    }
}

#[tokio::test]
async fn a_signature_that_does_not_count_is_told_why() {
    let server = start().await;
    let path = "/prod/@connections/Yk3nQcX9IAMCJ2g%3D";
    let invalid = "the signature does not match the request";
    let token = "The security token included in the request is invalid.";
    let hour = Duration::from_hours(1);
    let ask = |caller: Caller| caller.sign(&server, "POST", path, b"hello");
    let presigned = ask(Caller::presigning());
    for (what, head, error_type, message) in [
        (
            "unsigned",
            format!("POST {path} HTTP/1.1"),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            "a token of another kind",
            format!("POST {path} HTTP/1.1\r\nauthorization: Bearer e30.e30.e30"),
            "IncompleteSignatureException",
            "the signature cannot be read: the authorization is not of AWS4-HMAC-SHA256",
        ),
        (
            "unknown key",
            ask(Caller { key: "AKIDOTHER", ..Caller::default() }),
            "UnrecognizedClientException",
            token,
        ),
        (
            "wrong session token",
            ask(Caller { key: "ASIATEMPORARY", token: Some("other"), ..Caller::default() }),
            "UnrecognizedClientException",
            token,
        ),
        (
            "no session token",
            ask(Caller { key: "ASIATEMPORARY", ..Caller::presigning() }),
            "UnrecognizedClientException",
            token,
        ),
        (
            "wrong secret",
            ask(Caller { secret: "other", ..Caller::default() }),
            "InvalidSignatureException",
            invalid,
        ),
        (
            "wrong region",
            ask(Caller { region: "eu-west-1", ..Caller::default() }),
            "InvalidSignatureException",
            "the signature is scoped to another region",
        ),
        (
            "wrong service",
            ask(Caller { service: "apigateway", ..Caller::presigning() }),
            "InvalidSignatureException",
            "the signature is scoped to another service",
        ),
        (
            "expired",
            ask(Caller { age: hour, ..Caller::default() }),
            "ExpiredTokenException",
            "the signature has expired",
        ),
        (
            "expired in the query",
            ask(Caller { age: hour, ..Caller::presigning() }),
            "ExpiredTokenException",
            "the signature has expired",
        ),
        (
            "another path",
            ask(Caller::default()).replace("/prod", ""),
            "InvalidSignatureException",
            invalid,
        ),
        (
            "another connection",
            ask(Caller::default()).replace("Yk3n", "Yk3m"),
            "InvalidSignatureException",
            invalid,
        ),
        (
            "another query",
            presigned.replace("?", "?code=4001&"),
            "InvalidSignatureException",
            invalid,
        ),
        (
            "another method",
            presigned.replace("POST", "DELETE"),
            "InvalidSignatureException",
            invalid,
        ),
        (
            "a longer life",
            presigned.replace("Expires=300", "Expires=3000"),
            "InvalidSignatureException",
            invalid,
        ),
    ] {
        let response = request(&server, &head, "hello").await;
        let expected = (403, error_type, json!({ "message": message }));
        assert_eq!(refusal(&response), expected, "{what}");
    }
    let response = request(&server, &ask(Caller::default()), "hellO").await;
    let expected = (403, "InvalidSignatureException", json!({ "message": invalid }));
    assert_eq!(refusal(&response), expected, "another body");

    let response = request(&server, &ask(Caller::default()), "hello").await;
    assert_eq!(response.status, 410, "the same, unchanged, gets as far as the connection");
}

#[tokio::test]
async fn what_a_policy_does_not_allow_is_denied_in_the_words_of_aws() {
    let server = start().await;
    let path = "/prod/@connections/Yk3nQcX9IAMCJ2g%3D";
    let looking = Caller { key: "AKIDLOOKING", ..Caller::default() };
    assert_eq!(looking.ask(&server, "GET", path, "").await.status, 410);
    for method in ["POST", "DELETE"] {
        let response = looking.ask(&server, method, path, "").await;
        let message = format!(
            "User: arn:aws:iam::123456789012:user/local is not authorized to perform: \
             execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:\
             ********9012:abcdef1234/prod/{method}/@connections/{{connectionId}}"
        );
        let expected = (403, "AccessDeniedException", json!({ "Message": message }));
        assert_eq!(refusal(&response), expected);
    }

    let denied = Caller { key: "AKIDDENIED", ..Caller::default() };
    assert_eq!(denied.ask(&server, "POST", path, "").await.status, 410);
    let response = denied.ask(&server, "POST", "/prod/@groups/lobby", "hello").await;
    let message = "User: arn:aws:iam::123456789012:user/local is not authorized to perform: \
                   execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:\
                   ********9012:abcdef1234/prod/POST/@groups/{group} with an explicit deny";
    assert_eq!(refusal(&response), (403, "AccessDeniedException", json!({ "Message": message })));
}

#[tokio::test]
async fn who_signs_may_post_to_a_group_from_anywhere() {
    let server = start().await;
    let mut client = server.session("0123456789abcdef").await;
    client.ask(json!({"action": "join", "id": 1, "data": {"room": "lobby"}})).await;
    let body = r#"{"event":"shouted"}"#;
    let head = Caller::default().sign(&server, "POST", "/prod/@groups/lobby", body.as_bytes());
    let response = request(&server, &format!("{head}\r\nx-forwarded-for: 203.0.113.9"), body).await;
    assert_eq!((response.status, response.json()), (200, json!({"delivered": 1})));
    assert_eq!(client.next().await["event"], "shouted");
    let response = request(&server, "POST /prod/@groups/lobby HTTP/1.1", body).await;
    assert_eq!(refusal(&response).1, "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn what_is_wrong_beside_the_signature_is_told_after_it() {
    let server = start().await;
    let caller = Caller::default();
    let response = caller.ask(&server, "POST", "/prod/@connections/non%20sense", "x").await;
    let message = json!({"message": "Invalid connectionId: non sense"});
    assert_eq!(refusal(&response), (400, "BadRequestException", message));
    let response = request(&server, "POST /prod/@connections/nonsense HTTP/1.1", "x").await;
    assert_eq!(refusal(&response).1, "MissingAuthenticationTokenException");

    let path = "/prod/@connections/Yk3nQcX9IAMCJ2g%3D";
    let most = "x".repeat(131_072);
    assert_eq!(caller.ask(&server, "POST", path, &most).await.status, 410);
    let response = caller.ask(&server, "POST", path, &(most + "x")).await;
    let message = json!({"message": "the body is over the limit of 131072 bytes"});
    assert_eq!(refusal(&response), (413, "PayloadTooLargeException", message));

    let response = caller.ask(&server, "POST", "/test/@connections/Yk3nQcX9IAMCJ2g%3D", "x").await;
    let message = json!({"message": "Forbidden"});
    assert_eq!(refusal(&response), (403, "ForbiddenException", message), "another stage");
}
