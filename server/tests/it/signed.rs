//! `/@connections` for those who sign, with signatures made by the library that AWS signs with.

use std::{sync::Arc, time::Duration};

use gatewire_server::{
    management::Access,
    policy::Policy,
    sigv4::{Credential, Keys},
    stage::Stage,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

mod caller;

use caller::Caller;

use crate::{
    http::{Response, request},
    support::Server,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const ACCOUNT: &str = "123456789012";

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
            format!("/prod//@connections/{encoded}"),
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

const INVALID: &str = "InvalidSignatureException";
const UNRECOGNIZED: &str = "UnrecognizedClientException";
const MISMATCH: &str = "the signature does not match the request";
const PATH: &str = "/prod/@connections/Yk3nQcX9IAMCJ2g%3D";

/// Sends these requests with the body `hello` and expects 403 with this type and message.
async fn refused(server: &Server, requests: &[(&str, String, &str, &str)]) {
    for (what, head, error_type, message) in requests {
        let response = request(server, head, "hello").await;
        let expected = (403, *error_type, json!({ "message": message }));
        assert_eq!(refusal(&response), expected, "{what}");
    }
}

#[tokio::test]
async fn who_is_not_known_is_told_so() {
    let server = start().await;
    let ask = |caller: Caller| caller.sign(&server, "POST", PATH, b"hello");
    let unsigned = format!("POST {PATH} HTTP/1.1");
    let bearer = format!("{unsigned}\r\nauthorization: Bearer e30.e30.e30");
    let temporary = "ASIATEMPORARY";
    let other_token = Caller { key: temporary, token: Some("other"), ..Caller::default() };
    let missing = ("MissingAuthenticationTokenException", "Missing Authentication Token");
    let form = "the signature cannot be read: the authorization is not of AWS4-HMAC-SHA256";
    let token = "The security token included in the request is invalid.";
    let (region, service) =
        ("the signature is scoped to another region", "the signature is scoped to another service");
    let expired = ("ExpiredTokenException", "the signature has expired");
    let age = Duration::from_hours(1);
    refused(
        &server,
        &[
            ("unsigned", unsigned, missing.0, missing.1),
            ("a token of another kind", bearer, "IncompleteSignatureException", form),
            ("key", ask(Caller { key: "AKIDOTHER", ..Caller::default() }), UNRECOGNIZED, token),
            ("session token", ask(other_token), UNRECOGNIZED, token),
            ("none", ask(Caller { key: temporary, ..Caller::presigning() }), UNRECOGNIZED, token),
            ("secret", ask(Caller { secret: "other", ..Caller::default() }), INVALID, MISMATCH),
            ("region", ask(Caller { region: "eu-west-1", ..Caller::default() }), INVALID, region),
            ("service", ask(Caller { service: "s3", ..Caller::presigning() }), INVALID, service),
            ("old", ask(Caller { age, ..Caller::default() }), expired.0, expired.1),
            ("old presigned", ask(Caller { age, ..Caller::presigning() }), expired.0, expired.1),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_signature_is_for_one_request() {
    let server = start().await;
    let signed = Caller::default().sign(&server, "POST", PATH, b"hello");
    let presigned = Caller::presigning().sign(&server, "POST", PATH, b"hello");
    let longer = presigned.replace("Expires=300", "Expires=3000");
    refused(
        &server,
        &[
            ("another path", signed.replace("/prod", ""), INVALID, MISMATCH),
            ("another connection", signed.replace("Yk3n", "Yk3m"), INVALID, MISMATCH),
            ("another query", presigned.replace('?', "?code=4001&"), INVALID, MISMATCH),
            ("another method", presigned.replace("POST", "DELETE"), INVALID, MISMATCH),
            ("a longer life", longer, INVALID, MISMATCH),
        ],
    )
    .await;
    let response = request(&server, &signed, "hellO").await;
    assert_eq!(refusal(&response), (403, INVALID, json!({ "message": MISMATCH })), "another body");

    let response = request(&server, &signed, "hello").await;
    assert_eq!(response.status, 410, "the same, unchanged, gets as far as the connection");
}

#[tokio::test]
async fn what_a_policy_does_not_allow_is_denied_in_the_words_of_aws() {
    let server = start().await;
    let looking = Caller { key: "AKIDLOOKING", ..Caller::default() };
    assert_eq!(looking.ask(&server, "GET", PATH, "").await.status, 410);
    for method in ["POST", "DELETE"] {
        let response = looking.ask(&server, method, PATH, "").await;
        let message = format!(
            "User: arn:aws:iam::123456789012:user/local is not authorized to perform: \
             execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:\
             ********9012:abcdef1234/prod/{method}/@connections/{{connectionId}}"
        );
        let expected = (403, "AccessDeniedException", json!({ "Message": message }));
        assert_eq!(refusal(&response), expected);
    }

    let denied = Caller { key: "AKIDDENIED", ..Caller::default() };
    assert_eq!(denied.ask(&server, "POST", PATH, "").await.status, 410);
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

    let most = "x".repeat(131_072);
    assert_eq!(caller.ask(&server, "POST", PATH, &most).await.status, 410);
    let response = caller.ask(&server, "POST", PATH, &(most + "x")).await;
    let message = json!({"message": "the body is over the limit of 131072 bytes"});
    assert_eq!(refusal(&response), (413, "PayloadTooLargeException", message));

    let response = caller.ask(&server, "POST", "/test/@connections/Yk3nQcX9IAMCJ2g%3D", "x").await;
    let message = json!({"message": "Forbidden"});
    assert_eq!(refusal(&response), (403, "ForbiddenException", message), "another stage");
}
