//! The access keys whose signatures count.

use std::{collections::HashMap, fmt, time::Duration};

use crate::{clock, policy::Policy, queue::Clock};

/// How far the clock of a signer may be off. What `execute-api` allows is unknown: AWS's texts name
/// 5 minutes for signatures in general and 15 for some services.
pub const CLOCK_SKEW: Duration = Duration::from_mins(15);

/// An access key, and what it may do.
#[derive(Clone)]
pub struct Credential {
    /// The public half, such as `AKIDEXAMPLE`.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// The session token that has to come with it, where the key is a temporary one.
    pub session_token: Option<String>,
    /// Who the caller is: what an error names, and what a policy calls `aws:PrincipalArn`.
    pub arn: String,
    /// What the caller may do; everything, where there is none.
    pub policy: Option<Policy>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("access_key_id", &self.access_key_id)
            .field("arn", &self.arn)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The access keys of a gateway, and the clock that signatures are held against.
#[derive(Clone)]
pub struct Keys {
    credentials: HashMap<String, Credential>,
    skew: Duration,
    clock: Clock,
}

/// Why credentials cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// An access key id is empty, or has a character that would end it in a signature.
    #[error("{0:?} is no access key id")]
    AccessKeyId(String),
    /// An empty secret is one that everybody knows.
    #[error("the access key {0:?} has an empty secret")]
    EmptySecret(String),
    /// Two credentials have the same access key id.
    #[error("the access key {0:?} is there twice")]
    Duplicate(String),
}

impl Keys {
    /// These credentials, with a skew of [`CLOCK_SKEW`] and the machine's clock.
    pub fn new(credentials: impl IntoIterator<Item = Credential>) -> Result<Self, KeysError> {
        let mut known = HashMap::new();
        for credential in credentials {
            let id = credential.access_key_id.clone();
            if !is_access_key_id(&id) {
                return Err(KeysError::AccessKeyId(id));
            }
            if credential.secret_access_key.is_empty() {
                return Err(KeysError::EmptySecret(id));
            }
            if known.insert(id.clone(), credential).is_some() {
                return Err(KeysError::Duplicate(id));
            }
        }
        Ok(Self { credentials: known, skew: CLOCK_SKEW, clock: std::sync::Arc::new(clock::now) })
    }

    /// How far the clock of a signer may be off.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Another clock, in milliseconds since the Unix epoch, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The time by the clock of these keys, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn get(&self, access_key_id: &str) -> Option<&Credential> {
        self.credentials.get(access_key_id)
    }

    pub(super) fn allowed_skew(&self) -> u64 {
        u64::try_from(self.skew.as_millis()).unwrap_or(u64::MAX)
    }
}

/// An id stands between `=`, `/` and `,` in a claim, so it has none of them.
fn is_access_key_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("credentials", &self.credentials.values())
            .field("skew", &self.skew)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(id: &str, secret: &str) -> Credential {
        Credential {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: Some("the-token".to_owned()),
            arn: "arn:aws:iam::000000000000:user/local".to_owned(),
            policy: None,
        }
    }

    #[test]
    fn keys_that_nobody_or_everybody_could_use_are_refused() {
        let error = |credentials| Keys::new(credentials).unwrap_err();
        assert_eq!(error(vec![credential("", "s")]), KeysError::AccessKeyId(String::new()));
        assert_eq!(error(vec![credential("A/B", "s")]), KeysError::AccessKeyId("A/B".to_owned()));
        assert_eq!(error(vec![credential("A", "")]), KeysError::EmptySecret("A".to_owned()));
        let twice = vec![credential("A", "s"), credential("A", "t")];
        assert_eq!(error(twice), KeysError::Duplicate("A".to_owned()));
    }

    #[test]
    fn no_secret_is_in_a_debug_text() {
        let keys = Keys::new([credential("AKIDEXAMPLE", "the-secret")]).unwrap();
        let text = format!("{keys:?}");
        assert!(text.contains("AKIDEXAMPLE"), "{text}");
        assert!(!text.contains("the-secret") && !text.contains("the-token"), "{text}");
    }
}
