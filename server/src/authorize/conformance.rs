//! What every authorizer must do.

use axum::http::HeaderMap;

use super::{
    Authorizer, Handshake,
    Refusal::{Forbidden, Stale, Unauthorized},
};

/// Runs every story: `good` is let in under `name`, each of `bad` is refused and the reason never
/// holds what it brought.
pub(crate) async fn suite(
    authorizer: &impl Authorizer,
    good: Handshake,
    name: &str,
    bad: Vec<Handshake>,
) {
    let grant = authorizer.authorize(&good).await.expect("the good handshake is let in");
    assert_eq!(grant.principal.id, name);
    let again = authorizer.authorize(&good).await.expect("and again");
    assert_eq!(again.principal, grant.principal, "the same handshake is the same principal");

    for handshake in bad {
        let refusal = authorizer.authorize(&handshake).await.expect_err("this one is refused");
        assert!(matches!(refusal, Unauthorized(_) | Forbidden(_) | Stale(_)), "{refusal}");
        let values = handshake.query.iter().map(|(_, value)| value.as_str());
        for secret in values.chain(handshake.token("token")).filter(|secret| secret.len() > 1) {
            assert!(!refusal.to_string().contains(secret), "{refusal}");
        }
    }
}

/// A handshake that brings nothing but this token, as a subprotocol.
pub(crate) fn with_subprotocol_token(token: &str) -> Handshake {
    let mut headers = HeaderMap::new();
    let offer = format!("gatewire.v1, gatewire.token.{token}");
    headers.insert("sec-websocket-protocol", offer.parse().expect("tokens are header text"));
    Handshake::new(headers, Vec::new())
}

/// A handshake that brings nothing but this token, in the URL.
pub(crate) fn with_query_token(token: &str) -> Handshake {
    let query = vec![("token".to_owned(), token.to_owned())];
    Handshake::new(HeaderMap::new(), query)
}
