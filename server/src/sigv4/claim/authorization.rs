//! A claim in the `Authorization` header:
//! `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, header::AUTHORIZATION};

use super::{ALGORITHM, Claim, Parts, Place, malformed};
use crate::sigv4::SignatureError;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

pub(super) fn read(headers: &HeaderMap) -> Result<Claim<'_>, SignatureError> {
    let Some(authorization) = only(headers, &AUTHORIZATION)? else {
        return Err(SignatureError::Unsigned);
    };
    let Some((ALGORITHM, fields)) = authorization.split_once(' ') else {
        return malformed("the authorization is not of AWS4-HMAC-SHA256");
    };
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for field in fields.split(',') {
        let field = match field.trim().split_once('=') {
            Some(("Credential", value)) => credential.replace(value),
            Some(("SignedHeaders", value)) => signed_headers.replace(value),
            Some(("Signature", value)) => signature.replace(value),
            _ => return malformed("the authorization has an unknown field"),
        };
        if field.is_some() {
            return malformed("the authorization has a field twice");
        }
    }
    let (Some(credential), Some(signed_headers), Some(signature)) =
        (credential, signed_headers, signature)
    else {
        return malformed("the authorization lacks a field");
    };
    let Some(date) = only(headers, &DATE)? else {
        return malformed("there is no x-amz-date");
    };
    let parts = Parts {
        credential: Cow::Borrowed(credential),
        date: Cow::Borrowed(date),
        signed_headers: Cow::Borrowed(signed_headers),
        signature: Cow::Borrowed(signature),
        token: only(headers, &TOKEN)?.map(Cow::Borrowed),
    };
    Claim::assemble(parts, Place::Header)
}

/// The value of a header that may be there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return malformed("a header of the signature is there twice");
    }
    match value.to_str() {
        Ok(value) => Ok(Some(value)),
        Err(_) => malformed("a header of the signature is not ASCII"),
    }
}
