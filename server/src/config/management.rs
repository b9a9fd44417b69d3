//! `[management]`: who may use `/@connections`.

use std::time::Duration;

use serde_json::Value;

use super::{Located, Secret};

/// Who may use `/@connections`.
#[derive(Clone, Debug, PartialEq)]
pub struct Management {
    /// Who is let in.
    pub access: Access,
    /// How far the clock of a caller may be off.
    pub clock_skew: Duration,
    /// The keys that calls are signed with; at least one for [`Access::Signed`], else none.
    pub credentials: Vec<Credential>,
}

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody on this machine, unsigned.
    Loopback,
    /// Everybody whose signature is right and whose policy allows it.
    Signed,
}

/// A key that calls are signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// An IAM policy document; absent: everything is allowed.
    pub policy: Option<Located<Value>>,
    /// Who signs with it, as errors name them.
    pub arn: String,
}
