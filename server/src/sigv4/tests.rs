//! Signatures of others, and what becomes of them when a request is changed.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

/// 2026-01-02T03:04:05Z.
const THEN: u64 = 1_767_323_045_000;
const REGION: &str = "us-east-1";
const HOST: &str = "abc123.execute-api.us-east-1.amazonaws.com";
const SCOPE: &str = "AKIDEXAMPLE/20260102/us-east-1/execute-api/aws4_request";

fn keys(session_token: Option<&str>) -> Keys {
    let credential = Credential {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: session_token.map(str::to_owned),
        arn: "arn:aws:iam::000000000000:user/local".to_owned(),
        policy: None,
    };
    Keys::new([credential]).unwrap()
}

/// A request that somebody else has signed.
#[derive(Clone, Debug)]
struct Signed {
    method: &'static str,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Signed {
    fn verify_at(&self, keys: &Keys, now: u64) -> Result<(), SignatureError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().unwrap();
            let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
                return Err(SignatureError::Malformed("no header has such a value"));
            };
            headers.append(name, value);
        }
        let head =
            Head { method: self.method, path: &self.path, query: &self.query, headers: &headers };
        verify(&head, &self.body, REGION, keys, now).map(drop)
    }

    fn verify(&self) -> Result<(), SignatureError> {
        self.verify_at(&keys(None), THEN)
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        let header = self.headers.iter_mut().find(|(known, _)| known == name).unwrap();
        value.clone_into(&mut header.1);
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn authorized(self, authorization: &str) -> Self {
        self.set("authorization", authorization)
    }
}

/// Vector A1 of botocore: a POST to a connection, by header.
fn post() -> Signed {
    let signature = "e39c6795a9fb6ae74acc9ef13b707d826a50413ac68c5564ab4e0706c6291800";
    Signed {
        method: "POST",
        path: "/prod/@connections/R0oXAdfD0kwCH6w%3D".to_owned(),
        query: String::new(),
        headers: vec![
            ("host".to_owned(), HOST.to_owned()),
            ("x-amz-date".to_owned(), "20260102T030405Z".to_owned()),
            (
                "authorization".to_owned(),
                format!(
                    "AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={signature}"
                ),
            ),
        ],
        body: b"hello".to_vec(),
    }
}

/// Vectors A2 and A3 of botocore: `$connect` by a presigned URL, without and with a session token.
fn presigned(token: &str, signature: &str) -> Signed {
    let scope = SCOPE.replace('/', "%2F");
    Signed {
        method: "GET",
        path: "/prod".to_owned(),
        query: format!(
            "room=a%20b&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}\
             &X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host{token}\
             &X-Amz-Signature={signature}"
        ),
        headers: vec![("host".to_owned(), HOST.to_owned())],
        body: Vec::new(),
    }
}

fn connect() -> Signed {
    presigned("", "5ce68979ff8499d43a62072f238062a227c1285cfac41af0a51fb58635f288c5")
}

fn connect_with_token() -> Signed {
    presigned(
        "&X-Amz-Security-Token=TOKEN%2B%2F%3D",
        "faab1fd4bd7b5b803fd00c0e5bea933271913ff01dfd43a4271ee4b57e4c9482",
    )
}

#[test]
fn the_vectors_of_botocore_are_accepted() {
    assert_eq!(post().verify(), Ok(()));
    assert_eq!(connect().verify(), Ok(()));
    assert_eq!(connect_with_token().verify_at(&keys(Some("TOKEN+/=")), THEN), Ok(()));
}

#[test]
fn several_slashes_are_signed_as_one() {
    let path = "/prod//@connections/R0oXAdfD0kwCH6w%3D".to_owned();
    assert_eq!(Signed { path, ..post() }.verify(), Ok(()));
}

#[test]
fn a_token_that_was_added_after_signing_counts_too() {
    let signature = "5ce68979ff8499d43a62072f238062a227c1285cfac41af0a51fb58635f288c5";
    let request = presigned("&X-Amz-Security-Token=TOKEN%2B%2F%3D", signature);
    assert_eq!(request.verify_at(&keys(Some("TOKEN+/=")), THEN), Ok(()));
}

#[test]
fn a_token_belongs_to_its_key() {
    let refused = Err(SignatureError::Token);
    assert_eq!(connect_with_token().verify_at(&keys(Some("other")), THEN), refused);
    assert_eq!(connect_with_token().verify_at(&keys(None), THEN), refused);
    assert_eq!(connect().verify_at(&keys(Some("TOKEN+/=")), THEN), refused);
    assert_eq!(post().with("x-amz-security-token", "TOKEN").verify(), refused);
    assert_eq!(
        post().with("x-amz-security-token", "TOKEN").verify_at(&keys(Some("TOKEN")), THEN),
        Ok(()),
        "added after signing"
    );
}

#[test]
fn a_signature_is_good_for_a_while() {
    let minutes = |minutes: u64| minutes * 60 * 1000;
    let (post, connect, keys) = (post(), connect(), keys(None));
    assert_eq!(post.verify_at(&keys, THEN + minutes(15)), Ok(()));
    assert_eq!(post.verify_at(&keys, THEN + minutes(15) + 1), Err(SignatureError::Expired));
    assert_eq!(post.verify_at(&keys, THEN - minutes(15)), Ok(()));
    assert_eq!(post.verify_at(&keys, THEN - minutes(15) - 1), Err(SignatureError::Early));
    assert_eq!(connect.verify_at(&keys, THEN + minutes(5)), Ok(()));
    assert_eq!(connect.verify_at(&keys, THEN + minutes(5) + 1), Err(SignatureError::Expired));
    assert_eq!(connect.verify_at(&keys, THEN - minutes(16)), Err(SignatureError::Early));
    let strict = keys.skew(std::time::Duration::from_mins(5));
    assert_eq!(post.verify_at(&strict, THEN + minutes(6)), Err(SignatureError::Expired));
}

#[test]
fn the_scope_is_this_api() {
    let claim = |credential: &str| {
        let signed = "SignedHeaders=host;x-amz-date";
        let signature = "0".repeat(64);
        post()
            .authorized(&format!(
                "AWS4-HMAC-SHA256 Credential={credential},{signed},Signature={signature}"
            ))
            .verify()
            .unwrap_err()
    };
    assert_eq!(claim(SCOPE), SignatureError::Mismatch);
    assert_eq!(claim(&SCOPE.replace("execute-api", "s3")), SignatureError::Scope("service"));
    assert_eq!(claim(&SCOPE.replace("us-east-1", "eu-west-1")), SignatureError::Scope("region"));
    assert_eq!(claim(&SCOPE.replace("20260102", "20260103")), SignatureError::Scope("day"));
    assert_eq!(claim(&SCOPE.replace("AKIDEXAMPLE", "AKIDOTHER")), SignatureError::UnknownKey);
    for credential in ["AKIDEXAMPLE", "", &SCOPE.replace("aws4", "aws5"), &format!("{SCOPE}/")] {
        assert!(matches!(claim(credential), SignatureError::Malformed(_)), "{credential}");
    }
}

#[test]
fn what_is_not_signed_says_so_and_what_is_signed_badly_too() {
    let mut unsigned = post();
    unsigned.headers.pop();
    assert_eq!(unsigned.verify(), Err(SignatureError::Unsigned));

    let fields = |fields: &str| post().authorized(&format!("AWS4-HMAC-SHA256 {fields}"));
    let signature = "0".repeat(64);
    let (credential, signed) = (format!("Credential={SCOPE}"), "SignedHeaders=host;x-amz-date");
    let signature = format!("Signature={signature}");
    for request in [
        post().authorized("Bearer e30.e30.e30"),
        post().authorized("AWS4-HMAC-SHA256"),
        post().set("x-amz-date", "2026-01-02T03:04:05Z"),
        post().set("x-amz-date", "20261302T030405Z"),
        post().with("x-amz-date", "20260102T030405Z"),
        post().with("authorization", "AWS4-HMAC-SHA256"),
        fields(&format!("{credential}, {signed}")),
        fields(&format!("{credential}, {signed}, {signature}, {signature}")),
        fields(&format!("{credential}, {signed}, {signature}, Region=x")),
        fields(&format!("{credential}, {signed}, Signature=0")),
        fields(&format!("{credential}, {signed}, Signature={}", "F".repeat(64))),
        fields(&format!("{credential}, SignedHeaders=host, {signature}")),
        fields(&format!("{credential}, SignedHeaders=x-amz-date, {signature}")),
        fields(&format!("{credential}, SignedHeaders=x-amz-date;host, {signature}")),
        fields(&format!("{credential}, SignedHeaders=host;host;x-amz-date, {signature}")),
        fields(&format!("{credential}, SignedHeaders=Host;host;x-amz-date, {signature}")),
        fields(&format!("{credential}, SignedHeaders=host;x-amz-date;x-lost, {signature}")),
        fields(&format!("{credential}, SignedHeaders=;host;x-amz-date, {signature}")),
        Signed { query: connect().query, ..post() },
        Signed { path: "/prod/x/../@connections/R0oXAdfD0kwCH6w%3D".to_owned(), ..post() },
        Signed { path: "/prod/./@connections/R0oXAdfD0kwCH6w%3D".to_owned(), ..post() },
        Signed { path: "prod".to_owned(), ..post() },
        Signed { query: "room=%ff".to_owned(), ..post() },
        Signed { query: connect().query.replace("Expires=300", "Expires=604801"), ..connect() },
        Signed { query: connect().query.replace("Expires=300", "Expires=0"), ..connect() },
        Signed { query: connect().query.replace("-SHA256", "-SHA1"), ..connect() },
        Signed { query: connect().query.replace("&X-Amz-Expires=300", ""), ..connect() },
        Signed { query: format!("{}&X-Amz-Expires=300", connect().query), ..connect() },
    ] {
        let refused = request.verify();
        assert!(matches!(refused, Err(SignatureError::Malformed(_))), "{request:?} {refused:?}");
    }
}

#[test]
fn another_request_has_another_signature() {
    let refused = Err(SignatureError::Mismatch);
    let longer = Signed { query: format!("{}&room=c", connect().query), ..connect() };
    assert_eq!(longer.verify(), refused);
    let query = connect().query.replace("a%20b", "a%20c");
    assert_eq!(Signed { query, ..connect() }.verify(), refused);
    let query = connect().query.replace("=300", "=301");
    assert_eq!(Signed { query, ..connect() }.verify(), refused);
    assert_eq!(Signed { query: "code=4001".to_owned(), ..post() }.verify(), refused);
    assert_eq!(Signed { method: "DELETE", ..post() }.verify(), refused);
    assert_eq!(post().with("host", "evil.example").verify(), refused);
    assert_eq!(
        Signed { path: "/prod/@connections/R0oXAdfD0kwCH6w=".into(), ..post() }.verify(),
        refused
    );
}

/// The request with one byte of one of its texts changed.
fn flip(text: &mut [u8], at: prop::sample::Index, to: u8) -> bool {
    if text.is_empty() {
        return false;
    }
    let byte = &mut text[at.index(text.len())];
    let changes = *byte != to;
    *byte = to;
    changes
}

proptest! {
    #[test]
    fn a_byte_of_the_body_counts(at: prop::sample::Index, to: u8) {
        let mut request = post();
        prop_assume!(flip(&mut request.body, at, to));
        prop_assert_eq!(request.verify(), Err(SignatureError::Mismatch));
    }

    #[test]
    fn a_byte_of_the_path_counts(at: prop::sample::Index, to in b'!'..=b'~') {
        for request in [post(), connect()] {
            let mut path = request.path.clone().into_bytes();
            prop_assume!(flip(&mut path, at, to));
            let path = String::from_utf8(path).unwrap();
            let request = Signed { path, ..request };
            prop_assert!(request.verify().is_err(), "{:?}", request);
        }
    }

    #[test]
    fn a_byte_of_a_header_counts(header in 0..3_usize, at: prop::sample::Index, to in b' '..=b'~') {
        let mut request = post();
        let mut value = request.headers[header].1.clone().into_bytes();
        prop_assume!(flip(&mut value, at, to));
        request.headers[header].1 = String::from_utf8(value).unwrap();
        prop_assert!(request.verify().is_err(), "{:?}", request);
    }

    #[test]
    fn a_byte_of_the_signature_counts(at: prop::sample::Index, to: u8) {
        let mut query = connect().query.into_bytes();
        let start = query.len() - 64;
        prop_assume!(flip(&mut query[start..], at, to));
        let Ok(query) = String::from_utf8(query) else { return Ok(()) };
        let request = Signed { query, ..connect() };
        prop_assert!(request.verify().is_err(), "{:?}", request);
    }

    #[test]
    fn nothing_panics(
        path in "\\PC{0,20}",
        query in "(&?(X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)|\\PC{0,4})(=|%|\\+|AWS4-HMAC-SHA256|\\PC{0,6})){0,8}",
        authorization in prop::option::of("AWS4-HMAC-SHA256 (,? ?(Credential|SignedHeaders|Signature|[!-~]{0,3})=?(host|[!-~]{0,70})){0,5}"),
        date in "[0-9TZ]{0,17}",
        body: Vec<u8>,
    ) {
        let mut headers = vec![("host".to_owned(), HOST.to_owned()), ("x-amz-date".to_owned(), date)];
        headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
        let request = Signed { method: "POST", path, query, headers, body };
        prop_assert!(request.verify().is_err());
    }

    #[test]
    fn no_path_panics_when_the_claim_is_good(path in "/\\PC{0,20}", query in "\\PC{0,20}") {
        let request = Signed { path, query, ..post() };
        prop_assert!(request.verify().is_err());
    }
}
