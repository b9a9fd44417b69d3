//! AWS Signature Version 4, verified: who has signed a request to `execute-api`.
//!
//! A claim is read from the `Authorization` header or from the query of a presigned URL, then the
//! request is signed again with the secret of the key that it names, and the two signatures are
//! compared. Everything here is a function of the request, the keys and the time.
//!
//! The rules are AWS's ("Signing AWS API requests" in the IAM user guide), as `execute-api` has
//! them: the path of the wire is encoded once more, and the hash of the body counts although no
//! header need carry it. Where a claim can be read in two ways, it is refused.

use axum::http::HeaderMap;

mod claim;
mod error;
mod keys;
mod proof;

#[cfg(test)]
mod tests;

pub use claim::Claim;
pub use error::SignatureError;
pub use keys::{CLOCK_SKEW, Credential, Keys, KeysError};

/// The service name that a signature for API Gateway has in its scope.
pub const SERVICE: &str = "execute-api";

/// What a signature covers beside the body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path as it came over the wire, not decoded.
    pub path: &'a str,
    /// The query as it came over the wire, without its `?`; empty when there is none.
    pub query: &'a str,
    /// All headers of the request.
    pub headers: &'a HeaderMap,
}

/// Who has signed this request, at `now` in milliseconds since the Unix epoch, for this region.
///
/// Whoever does not want to read the body of a stranger takes the steps by hand:
/// [`Claim::read`], [`Claim::credential`], [`Claim::prove`].
pub fn verify<'k>(
    head: &Head<'_>,
    body: &[u8],
    region: &str,
    keys: &'k Keys,
    now: u64,
) -> Result<&'k Credential, SignatureError> {
    let claim = Claim::read(head)?;
    let credential = claim.credential(region, keys, now)?;
    claim.prove(head, body, credential)?;
    Ok(credential)
}
