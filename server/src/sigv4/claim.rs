//! What a request says of its signature: who, when, for what, over which headers.

use std::{borrow::Cow, time::Duration};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use jiff::{civil::DateTime, tz::TimeZone};
use percent_encoding::percent_decode_str;

use super::{Credential, Head, Keys, SERVICE, SignatureError, proof};

mod authorization;
mod presigned;

/// The algorithm, and the first word of an `Authorization` header of this kind.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What ends the scope of a signature.
const TERMINATOR: &str = "aws4_request";

/// How long a signature is in hexadecimal digits.
const SIGNATURE_LENGTH: usize = 64;

/// A signature and what the request says about it. Nothing of it is proved.
#[derive(Debug)]
pub struct Claim<'a> {
    pub(super) scope: Scope<'a>,
    /// In milliseconds since the Unix epoch, of whole seconds.
    pub(super) signed_at: u64,
    /// In the order of the alphabet, in small letters, `host` among them.
    pub(super) signed_headers: Vec<Cow<'a, str>>,
    pub(super) signature: Signature<'a>,
    pub(super) place: Place<'a>,
    pub(super) token: Option<Token<'a>>,
}

/// `AKIDEXAMPLE/20260102/us-east-1/execute-api/aws4_request`.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    access_key_id: Cow<'a, str>,
    day: Cow<'a, str>,
    pub(super) region: Cow<'a, str>,
    service: Cow<'a, str>,
}

/// Where the signature stands.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// In the `Authorization` header.
    Header,
    /// In the query of a presigned URL.
    Query {
        /// For how long it is good.
        expires: Duration,
        /// The pairs that the signer has not added, as they came.
        rest: Vec<&'a str>,
        /// The pair with the session token, as it came.
        token: Option<&'a str>,
    },
}

/// 64 hexadecimal digits, kept out of logs: with the request they could be sent again.
pub(super) struct Signature<'a>(pub(super) Cow<'a, str>);

impl std::fmt::Debug for Signature<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(…)")
    }
}

/// A session token, half of a temporary key's secret.
pub(super) struct Token<'a>(pub(super) Cow<'a, str>);

impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl<'a> Claim<'a> {
    /// Reads the claim of a request, wherever it stands.
    pub fn read(head: &Head<'a>) -> Result<Self, SignatureError> {
        let presigned = presigned::Parameters::find(head.query)?;
        let claim = match (head.headers.contains_key(AUTHORIZATION), presigned) {
            (false, None) => return Err(SignatureError::Unsigned),
            (true, Some(_)) => return malformed("it is in the header and in the query"),
            (true, None) => authorization::read(head.headers)?,
            (false, Some(parameters)) => parameters.read()?,
        };
        check_path(head.path)?;
        claim.check_headers(head.headers)?;
        Ok(claim)
    }

    /// The credential that the claim names, if the claim is for this region and for `now`, in
    /// milliseconds since the Unix epoch.
    pub fn credential<'k>(
        &self,
        region: &str,
        keys: &'k Keys,
        now: u64,
    ) -> Result<&'k Credential, SignatureError> {
        if self.scope.service != SERVICE {
            return Err(SignatureError::Scope("service"));
        }
        if self.scope.region != region {
            return Err(SignatureError::Scope("region"));
        }
        let credential = keys.get(&self.scope.access_key_id).ok_or(SignatureError::UnknownKey)?;
        let skew = keys.allowed_skew();
        if self.signed_at > now.saturating_add(skew) {
            return Err(SignatureError::Early);
        }
        let good_for = match self.place {
            Place::Header => skew,
            Place::Query { expires, .. } => expires.as_secs() * 1000,
        };
        if now > self.signed_at.saturating_add(good_for) {
            return Err(SignatureError::Expired);
        }
        Ok(credential)
    }

    /// Signs the request again and compares. A session token counts whether the signer added it
    /// before the signature was computed or after.
    pub fn prove(
        &self,
        head: &Head<'_>,
        body: &[u8],
        credential: &Credential,
    ) -> Result<(), SignatureError> {
        proof::prove(self, head, body, credential)
    }

    /// Puts a claim together from its parts, which are alike in both places.
    fn assemble(parts: Parts<'a>, place: Place<'a>) -> Result<Self, SignatureError> {
        let scope = Scope::parse(&parts.credential)?;
        let Some(signed_at) = parse_date(&parts.date) else {
            return malformed("the date is not of the form 20260102T030405Z");
        };
        if parts.date.get(..8) != Some(&scope.day) {
            return Err(SignatureError::Scope("day"));
        }
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let signature = parts.signature;
        if signature.len() != SIGNATURE_LENGTH || !signature.bytes().all(hexadecimal) {
            return malformed("the signature is not of 64 hexadecimal digits");
        }
        let signed_headers = split(&parts.signed_headers, ';');
        if !signed_headers.is_sorted_by(|one, next| one < next) {
            return malformed("the signed headers are not in the order of the alphabet");
        }
        let token = parts.token.map(Token);
        let signature = Signature(signature);
        Ok(Self { scope, signed_at, signed_headers, signature, place, token })
    }

    fn check_headers(&self, headers: &HeaderMap) -> Result<(), SignatureError> {
        let signs = |name| self.signed_headers.iter().any(|signed| signed == name);
        if !signs("host") {
            return malformed("the host is not signed");
        }
        if matches!(self.place, Place::Header) && !signs("x-amz-date") {
            return malformed("the date is not signed");
        }
        for name in &self.signed_headers {
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                return malformed("the name of a signed header has a capital");
            }
            let mut values = headers.get_all(name.as_ref()).iter().peekable();
            if values.peek().is_none() {
                return malformed("a signed header is not there");
            }
            if values.any(|value| value.to_str().is_err()) {
                return malformed("a signed header is not ASCII");
            }
        }
        Ok(())
    }
}

/// The parts of a claim, as they are spelled.
struct Parts<'a> {
    credential: Cow<'a, str>,
    date: Cow<'a, str>,
    signed_headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    token: Option<Cow<'a, str>>,
}

impl<'a> Scope<'a> {
    fn parse(credential: &Cow<'a, str>) -> Result<Self, SignatureError> {
        let parts: Result<[_; 5], _> = split(credential, '/').try_into();
        match parts {
            Ok([access_key_id, day, region, service, last]) if last == TERMINATOR => {
                Ok(Self { access_key_id, day, region, service })
            }
            _ => malformed("the credential is not of the form key/day/region/service/aws4_request"),
        }
    }
}

/// In milliseconds since the Unix epoch.
fn parse_date(text: &str) -> Option<u64> {
    // The form is fixed, and `strptime` would take others, such as a day of one digit.
    let form = |(at, byte): (usize, u8)| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 16 || !text.bytes().enumerate().all(form) {
        return None;
    }
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let time = TimeZone::UTC.to_timestamp(date).ok()?;
    u64::try_from(time.as_millisecond()).ok()
}

/// The canonical path of a signature goes without dotted segments, so two paths that lead to
/// different places could have one signature. (It has one slash for several, too; those lead to one
/// place.)
fn check_path(path: &str) -> Result<(), SignatureError> {
    let Some(path) = path.strip_prefix('/') else {
        return malformed("the path does not begin with a slash");
    };
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return malformed("the path has dotted segments");
    }
    Ok(())
}

/// The name or the value of a query, decoded. What is not UTF-8 would be replaced when it is signed
/// again, so two queries could have one signature.
fn decode(text: &str) -> Result<Cow<'_, str>, SignatureError> {
    let text = if text.contains('+') {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map(|text| Cow::Owned(text.into_owned()))
    } else {
        percent_decode_str(text).decode_utf8()
    };
    text.map_err(|_| SignatureError::Malformed("the query is not UTF-8"))
}

fn split<'a>(text: &Cow<'a, str>, at: char) -> Vec<Cow<'a, str>> {
    match text {
        Cow::Borrowed(text) => text.split(at).map(Cow::Borrowed).collect(),
        Cow::Owned(text) => text.split(at).map(|part| Cow::Owned(part.to_owned())).collect(),
    }
}

fn malformed<T>(why: &'static str) -> Result<T, SignatureError> {
    Err(SignatureError::Malformed(why))
}
