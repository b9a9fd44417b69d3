//! JSON Web Tokens, checked against keys from the configuration.

use std::{fmt, future::ready, sync::Arc};

use futures_util::future::BoxFuture;
use gatewire::Principal;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Authorizer, Grant, Handshake, Refusal, TokenSource};

/// How short an HS256 secret may be: the size of its hash (RFC 7518 §3.2).
const SHORTEST_SECRET: usize = 32;

/// Lets in who brings a valid token; its `sub` is the principal's name, its claims go along.
///
/// The algorithms are those of the configured keys, never what a token asks for. `exp` and `sub`
/// are required; `iss` and `aud` are compared when configured.
pub struct Jwt {
    keys: Vec<Key>,
    issuer: Option<String>,
    audience: Option<String>,
    leeway: u64,
    sources: Vec<TokenSource>,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// The same, as a configuration file has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtConfig {
    /// The keys; a token must be signed with one of them.
    pub keys: Vec<JwtKey>,
    /// What `iss` must be.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What `aud` must contain.
    #[serde(default)]
    pub audience: Option<String>,
    /// How many seconds the clocks may differ.
    #[serde(default)]
    pub leeway: u64,
    /// Where a token is looked for, the first place first.
    #[serde(default = "TokenSource::usual")]
    pub sources: Vec<TokenSource>,
}

/// One key of a [`JwtConfig`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "algorithm", deny_unknown_fields)]
pub enum JwtKey {
    /// A secret shared with the issuer, at least 32 bytes.
    HS256 {
        /// The `kid` of tokens signed with it; absent: any.
        #[serde(default)]
        id: Option<String>,
        /// The secret's bytes, as text.
        secret: String,
    },
    /// The issuer's RSA public key.
    RS256 {
        /// The `kid` of tokens signed with it; absent: any.
        #[serde(default)]
        id: Option<String>,
        /// PEM, `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`.
        public_key: String,
    },
    /// The issuer's P-256 public key.
    ES256 {
        /// The `kid` of tokens signed with it; absent: any.
        #[serde(default)]
        id: Option<String>,
        /// PEM, `BEGIN PUBLIC KEY`.
        public_key: String,
    },
}

/// A key that cannot be used. It names the key by its place, never by its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// A secret that could be guessed.
    #[error(
        "key {place}: an HS256 secret has at least {SHORTEST_SECRET} bytes, this one has {length}"
    )]
    ShortSecret {
        /// The key's place in the list, from 1.
        place: usize,
        /// How long it is.
        length: usize,
    },
    /// A public key that is not PEM of its kind.
    #[error("key {place}: not a {algorithm} public key in PEM")]
    BadKey {
        /// The key's place in the list, from 1.
        place: usize,
        /// What it should be for.
        algorithm: &'static str,
        /// What the parser says.
        source: jsonwebtoken::errors::Error,
    },
    /// Nothing to check a signature with.
    #[error("no keys are configured")]
    NoKeys,
}

impl Jwt {
    /// The authorizer that a configuration describes.
    pub fn from_config(config: &JwtConfig) -> Result<Self, JwtError> {
        if config.keys.is_empty() {
            return Err(JwtError::NoKeys);
        }
        let keys = config.keys.iter().enumerate().map(|(index, key)| Key::new(index + 1, key));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            leeway: config.leeway,
            sources: config.sources.clone(),
        })
    }

    /// Tokens signed with this shared secret.
    pub fn hs256(secret: &str) -> Result<Self, JwtError> {
        Self::with_key(JwtKey::HS256 { id: None, secret: secret.to_owned() })
    }

    /// Tokens signed with the private half of this RSA key.
    pub fn rs256(public_key: &str) -> Result<Self, JwtError> {
        Self::with_key(JwtKey::RS256 { id: None, public_key: public_key.to_owned() })
    }

    /// Tokens signed with the private half of this P-256 key.
    pub fn es256(public_key: &str) -> Result<Self, JwtError> {
        Self::with_key(JwtKey::ES256 { id: None, public_key: public_key.to_owned() })
    }

    fn with_key(key: JwtKey) -> Result<Self, JwtError> {
        let sources = TokenSource::usual();
        let (issuer, audience) = (None, None);
        Self::from_config(&JwtConfig { keys: vec![key], issuer, audience, leeway: 0, sources })
    }

    /// Requires this `iss`.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Requires `aud` to contain this.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Looks for a token in these places, the first first; in the [usual](TokenSource::usual) ones
    /// unless told. The first place that holds one decides.
    #[must_use]
    pub fn from(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.sources = sources.into_iter().collect();
        self
    }

    fn check(&self, handshake: &Handshake) -> Result<Grant, Refusal> {
        let token = handshake.token_from(&self.sources)?;
        let header = decode_header(token).map_err(|_| unauthorized("the token is not a JWT"))?;
        let mut verdict = unauthorized("no configured key matches the token");
        for key in self.keys.iter().filter(|key| key.fits(&header)) {
            match decode::<Map<String, Value>>(
                token,
                &key.decoding,
                &self.validation(key.algorithm),
            ) {
                Ok(data) => return grant(data.claims),
                Err(error) => verdict = unauthorized(explain(error.kind())),
            }
        }
        Err(verdict)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = self.leeway;
        validation.validate_nbf = true;
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        match &self.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                required.push("aud");
            }
            None => validation.validate_aud = false,
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

impl Authorizer for Jwt {
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>> {
        Box::pin(ready(self.check(handshake)))
    }
}

impl Key {
    fn new(place: usize, key: &JwtKey) -> Result<Self, JwtError> {
        let bad = |algorithm| move |source| JwtError::BadKey { place, algorithm, source };
        let (id, algorithm, key) = match key {
            JwtKey::HS256 { id, secret } if secret.len() >= SHORTEST_SECRET => {
                (id, Algorithm::HS256, DecodingKey::from_secret(secret.as_bytes()))
            }
            JwtKey::HS256 { secret, .. } => {
                return Err(JwtError::ShortSecret { place, length: secret.len() });
            }
            JwtKey::RS256 { id, public_key } => {
                let key = DecodingKey::from_rsa_pem(public_key.as_bytes()).map_err(bad("RS256"))?;
                (id, Algorithm::RS256, key)
            }
            JwtKey::ES256 { id, public_key } => {
                let key = DecodingKey::from_ec_pem(public_key.as_bytes()).map_err(bad("ES256"))?;
                (id, Algorithm::ES256, key)
            }
        };
        Ok(Self { id: id.clone(), algorithm, decoding: key })
    }

    fn fits(&self, header: &jsonwebtoken::Header) -> bool {
        let named = match (&self.id, &header.kid) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (Some(_), None) => false,
            (None, _) => true,
        };
        named && self.algorithm == header.alg
    }
}

fn grant(claims: Map<String, Value>) -> Result<Grant, Refusal> {
    let name = claims.get("sub").and_then(Value::as_str).filter(|name| !name.is_empty());
    let id = name.ok_or_else(|| unauthorized("the token's sub is not a name"))?.to_owned();
    let expires = claims.get("exp").and_then(Value::as_u64).map(|exp| exp.saturating_mul(1000));
    Ok(Grant { principal: Arc::new(Principal { id, claims }), expires })
}

fn unauthorized(reason: impl Into<String>) -> Refusal {
    Refusal::Unauthorized(reason.into())
}

/// What a client may know; an attacker learns nothing from it that the token does not say.
fn explain(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::ExpiredSignature => "the token has expired".to_owned(),
        ErrorKind::ImmatureSignature => "the token is not valid yet".to_owned(),
        ErrorKind::InvalidIssuer => "the token is from another issuer".to_owned(),
        ErrorKind::InvalidAudience => "the token is for another audience".to_owned(),
        ErrorKind::InvalidSignature => "the token's signature is wrong".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("the token has no {claim}"),
        _ => "the token is not valid".to_owned(),
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.keys.iter().map(|key| key.algorithm).collect();
        f.debug_struct("Jwt")
            .field("keys", &algorithms)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (algorithm, id) = match self {
            Self::HS256 { id, .. } => ("HS256", id),
            Self::RS256 { id, .. } => ("RS256", id),
            Self::ES256 { id, .. } => ("ES256", id),
        };
        f.debug_struct(algorithm).field("id", id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
