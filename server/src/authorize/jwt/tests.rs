use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;
use crate::authorize::conformance::{suite, with_query_token, with_subprotocol_token};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// 2100: far enough for a test.
const FAR: u64 = 4_102_444_800;

fn signed(claims: &Value, header: &Header, key: &EncodingKey) -> String {
    encode(header, claims, key).unwrap()
}

fn hs256(claims: &Value) -> String {
    signed(claims, &Header::new(Algorithm::HS256), &EncodingKey::from_secret(SECRET.as_bytes()))
}

fn good() -> Value {
    json!({"sub": "ada", "exp": FAR, "iss": "https://id.example", "aud": ["chat", "mail"], "role": "admin"})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn conforms_with_a_secret() {
    let jwt = Jwt::hs256(SECRET).unwrap().issuer("https://id.example").audience("chat");
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", hs256(&good()).split('.').nth(1).unwrap());
    let stranger = EncodingKey::from_secret(b"another secret of thirty-two byte");
    let bad = [
        hs256(&with("exp", json!(1))),
        hs256(&without("exp")),
        hs256(&without("sub")),
        hs256(&with("sub", json!(""))),
        hs256(&with("iss", json!("https://evil.example"))),
        hs256(&without("iss")),
        hs256(&with("aud", json!("mail"))),
        hs256(&with("nbf", json!(FAR))),
        signed(&good(), &Header::new(Algorithm::HS256), &stranger),
        unsigned,
        "not.a.jwt".to_owned(),
        "x".to_owned(),
    ];
    let bad = bad.iter().map(|token| with_subprotocol_token(token)).collect();
    suite(&jwt, with_subprotocol_token(&hs256(&good())), "ada", bad).await;
    suite(&jwt, with_query_token(&hs256(&good())), "ada", vec![with_query_token("")]).await;
}

#[tokio::test]
async fn only_the_configured_places_are_looked_at() {
    let token = hs256(&good());
    let jwt = Jwt::hs256(SECRET).unwrap().from([TokenSource::query("jwt")]);
    let mut elsewhere = with_query_token(&token);
    elsewhere.query[0].0 = "jwt".to_owned();
    let bad = vec![with_query_token(&token), with_subprotocol_token(&token)];
    suite(&jwt, elsewhere, "ada", bad).await;
    suite(&jwt, Handshake::in_band(&*token, None), "ada", vec![Handshake::in_band("x", None)])
        .await;
}

#[tokio::test]
async fn claims_and_expiry_go_along() {
    let jwt = Jwt::hs256(SECRET).unwrap();
    let grant = jwt.authorize(&with_query_token(&hs256(&good()))).await.unwrap();
    assert_eq!(grant.principal.claims["role"], "admin");
    assert_eq!(grant.expires, Some(FAR * 1000));
}

/// Keys are made for the test: a private key in a repository is somebody's alarm.
fn key_pair(algorithm: &'static rcgen::SignatureAlgorithm) -> (String, String) {
    let pair = rcgen::KeyPair::generate_for(algorithm).unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}

#[tokio::test]
async fn conforms_with_public_keys_and_is_not_confused_about_algorithms() {
    let (rsa, rsa_public) = key_pair(&rcgen::PKCS_RSA_SHA256);
    let (ec, ec_public) = key_pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    let rsa_key = EncodingKey::from_rsa_pem(rsa.as_bytes()).unwrap();
    let ec_key = EncodingKey::from_ec_pem(ec.as_bytes()).unwrap();
    let rs256 = signed(&good(), &Header::new(Algorithm::RS256), &rsa_key);
    let es256 = signed(&good(), &Header::new(Algorithm::ES256), &ec_key);
    // The classic attack: the public key, used as if it were a shared secret.
    let confused = EncodingKey::from_secret(rsa_public.as_bytes());
    let confused = signed(&good(), &Header::new(Algorithm::HS256), &confused);

    let refused =
        |tokens: &[&str]| tokens.iter().map(|token| with_subprotocol_token(token)).collect();
    let jwt = Jwt::rs256(&rsa_public).unwrap();
    suite(&jwt, with_subprotocol_token(&rs256), "ada", refused(&[&es256, &confused])).await;
    let jwt = Jwt::es256(&ec_public).unwrap();
    suite(&jwt, with_subprotocol_token(&es256), "ada", refused(&[&rs256, &confused])).await;

    // Two keys that change over, told apart by their ids.
    let config = JwtConfig {
        keys: vec![
            JwtKey::RS256 { id: Some("old".into()), public_key: rsa_public },
            JwtKey::ES256 { id: Some("new".into()), public_key: ec_public },
        ],
        issuer: None,
        audience: None,
        leeway: 0,
        sources: TokenSource::usual(),
    };
    let named = |kid: &str| Header { kid: Some(kid.into()), ..Header::new(Algorithm::ES256) };
    let good_kid = signed(&good(), &named("new"), &ec_key);
    let bad_kid = signed(&good(), &named("old"), &ec_key);
    let jwt = Jwt::from_config(&config).unwrap();
    suite(&jwt, with_subprotocol_token(&good_kid), "ada", refused(&[&bad_kid, &es256])).await;
}

#[test]
fn a_bad_key_is_named_by_its_place_and_not_shown() {
    let config: JwtConfig = serde_json::from_value(json!({"keys": [
        {"algorithm": "HS256", "secret": SECRET},
        {"algorithm": "RS256", "public_key": "hunter2"},
    ]}))
    .unwrap();
    let error = Jwt::from_config(&config).unwrap_err().to_string();
    assert_eq!(error, "key 2: not a RS256 public key in PEM");
    let error = Jwt::hs256("hunter2").unwrap_err().to_string();
    assert_eq!(error, "key 1: an HS256 secret has at least 32 bytes, this one has 7");
    assert!(!format!("{config:?}").contains(SECRET));
}
