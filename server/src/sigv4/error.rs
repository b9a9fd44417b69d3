//! Why a signature is not accepted.

/// Why a signature is not accepted. No variant holds a part of a secret or of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is none.
    #[error("the request is not signed")]
    Unsigned,
    /// It does not have the form that it should have.
    #[error("the signature cannot be read: {0}")]
    Malformed(&'static str),
    /// It is for another service, region or day.
    #[error("the signature is scoped to another {0}")]
    Scope(&'static str),
    /// Nobody knows this access key.
    #[error("the access key is not known")]
    UnknownKey,
    /// The session token is missing, wrong, or for a key that has none.
    #[error("the session token does not belong to the access key")]
    Token,
    /// It was made too long ago.
    #[error("the signature has expired")]
    Expired,
    /// It was made too far in the future.
    #[error("the signature is not valid yet")]
    Early,
    /// It was made of another request, or with another secret.
    #[error("the signature does not match the request")]
    Mismatch,
}
