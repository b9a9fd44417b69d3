//! A claim in the query of a presigned URL: `X-Amz-Algorithm=…&X-Amz-Credential=…` and so on.

use std::{borrow::Cow, time::Duration};

use super::{ALGORITHM, Claim, Parts, Place, decode, malformed};
use crate::sigv4::SignatureError;

/// How long a presigned URL may be good, in seconds: 7 days (IAM user guide).
const LONGEST: u64 = 604_800;

/// What a signer adds to a query.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    token: Option<(&'a str, Cow<'a, str>)>,
    rest: Vec<&'a str>,
}

impl<'a> Parameters<'a> {
    /// Takes a query apart; `None` when no signer has been there.
    pub(super) fn find(query: &'a str) -> Result<Option<Self>, SignatureError> {
        let mut found = Self::default();
        let mut twice = false;
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value)?;
            let slot = match decode(name)?.as_ref() {
                "X-Amz-Algorithm" => &mut found.algorithm,
                "X-Amz-Credential" => &mut found.credential,
                "X-Amz-Date" => &mut found.date,
                "X-Amz-Expires" => &mut found.expires,
                "X-Amz-SignedHeaders" => &mut found.signed_headers,
                "X-Amz-Signature" => &mut found.signature,
                "X-Amz-Security-Token" => {
                    twice |= found.token.replace((pair, value)).is_some();
                    continue;
                }
                _ => {
                    found.rest.push(pair);
                    continue;
                }
            };
            twice |= slot.replace(value).is_some();
        }
        if found.algorithm.is_none() && found.signature.is_none() {
            return Ok(None);
        }
        if twice {
            return malformed("a parameter of the signature is there twice");
        }
        Ok(Some(found))
    }

    /// The claim that the parameters make together.
    pub(super) fn read(self) -> Result<Claim<'a>, SignatureError> {
        if self.algorithm.as_deref() != Some(ALGORITHM) {
            return malformed("X-Amz-Algorithm is not AWS4-HMAC-SHA256");
        }
        let (Some(credential), Some(date), Some(expires), Some(signed_headers), Some(signature)) =
            (self.credential, self.date, self.expires, self.signed_headers, self.signature)
        else {
            return malformed("a parameter of the signature is not there");
        };
        let seconds = expires.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
        let Some(seconds) = seconds else {
            return malformed("X-Amz-Expires is not from 1 to 604800 seconds");
        };
        let (pair, token) = self.token.unzip();
        let parts = Parts { credential, date, signed_headers, signature, token };
        let expires = Duration::from_secs(seconds);
        Claim::assemble(parts, Place::Query { expires, rest: self.rest, token: pair })
    }
}
