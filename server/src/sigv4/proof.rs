//! Signing a request again, with the library that AWS signs with.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
        SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use subtle::ConstantTimeEq as _;

use super::{
    Credential, Head, SERVICE, SignatureError,
    claim::{Claim, Place},
};

/// Holds the claim against the signature that the request should have.
pub(super) fn prove(
    claim: &Claim<'_>,
    head: &Head<'_>,
    body: &[u8],
    credential: &Credential,
) -> Result<(), SignatureError> {
    let matches = |query: &str| {
        let expected = signature(claim, head, query, body, credential)?;
        let same = claim.signature.0.as_bytes().ct_eq(expected.as_bytes());
        if same.into() { Ok(()) } else { Err(SignatureError::Mismatch) }
    };
    match &claim.place {
        Place::Header => matches(head.query)?,
        Place::Query { rest, token: None, .. } => matches(&rest.join("&"))?,
        // Signers differ in whether the token is part of what they sign.
        Place::Query { rest, token: Some(token), .. } => {
            let with_token = [rest.as_slice(), &[token]].concat();
            matches(&with_token.join("&")).or_else(|_| matches(&rest.join("&")))?;
        }
    }
    check_token(claim, credential)
}

/// Last, so that nobody learns of a token who does not have the secret.
fn check_token(claim: &Claim<'_>, credential: &Credential) -> Result<(), SignatureError> {
    let belongs = match (&claim.token, &credential.session_token) {
        (None, None) => true,
        (Some(given), Some(expected)) => given.0.as_bytes().ct_eq(expected.as_bytes()).into(),
        (None, Some(_)) | (Some(_), None) => false,
    };
    if belongs { Ok(()) } else { Err(SignatureError::Token) }
}

fn signature(
    claim: &Claim<'_>,
    head: &Head<'_>,
    query: &str,
    body: &[u8],
    credential: &Credential,
) -> Result<String, SignatureError> {
    // Without the session token: where it is signed, it is a header or a parameter like others.
    let (id, secret) = (&credential.access_key_id, &credential.secret_access_key);
    let identity = Credentials::new(id, secret, None, None, "gatewire").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&claim.scope.region)
        .name(SERVICE)
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(claim.signed_at))
        .settings(settings(&claim.place))
        .build()
        .expect("every parameter is set");
    let headers = claim.signed_headers.iter().flat_map(|name| {
        let values = head.headers.get_all(name.as_ref()).iter();
        values.filter_map(move |value| Some((name.as_ref(), value.to_str().ok()?)))
    });
    let uri = match query {
        "" => Cow::Borrowed(head.path),
        query => Cow::Owned(format!("{}?{query}", head.path)),
    };
    let unreadable = |_| SignatureError::Malformed("the request cannot be signed");
    let request = SignableRequest::new(head.method, uri, headers, SignableBody::Bytes(body))
        .map_err(unreadable)?;
    let signed = sign(request, &parameters.into()).map_err(unreadable)?;
    Ok(signed.into_parts().1)
}

/// How clients of `execute-api` sign. Exactly the headers that the claim lists are signed, so none
/// is excluded, and no checksum is added.
fn settings(place: &Place<'_>) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Double;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Enabled;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.session_token_mode = SessionTokenMode::Include;
    settings.excluded_headers = None;
    match place {
        Place::Header => settings.signature_location = SignatureLocation::Headers,
        Place::Query { expires, .. } => {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(*expires);
        }
    }
    settings
}
