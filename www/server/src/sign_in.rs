//! Sign-in for a chat without accounts: whoever names themselves gets a token for that name.
//!
//! It exists so that the page passes a real token on every connection. A product puts its own
//! identity provider here and changes nothing else.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewire::{Error, Result};
use jsonwebtoken::{EncodingKey, Header};
use serde::{Deserialize, Serialize};

/// Whom the tokens are for: the gateway accepts no others.
pub(crate) const AUDIENCE: &str = "chat";

/// How long a token is good, in seconds. Short, because the page gets a new one for each
/// connection and before this one ends.
const LIFETIME: u64 = 15 * 60;

/// The longest display name, in characters.
const LONGEST_NAME: usize = 40;

/// The key that signs and checks tokens. It is kept in the data folder, so that tokens outlive a
/// restart, and only its owner may read it.
pub(crate) struct Secret(String);

impl Secret {
    /// Reads the secret of this data folder, or makes one.
    pub(crate) fn of(data: &Path) -> io::Result<Self> {
        let path = data.join("token-secret");
        match fs::read_to_string(&path) {
            Ok(secret) => Ok(Self(secret)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(&path),
            Err(error) => Err(error),
        }
    }

    /// The secret as text, for whoever checks the tokens.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Written beside its place and renamed, so that a crash leaves all of it or none.
    fn create(path: &Path) -> io::Result<Self> {
        let draft = path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        Ok(Self(secret))
    }
}

/// What a visitor says to sign in.
#[derive(Debug, Deserialize)]
pub(crate) struct Visitor {
    /// The name to be shown to others.
    pub(crate) name: String,
}

/// What the visitor gets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token {
    /// A JWT whose subject is the name.
    pub(crate) token: String,
    /// When it expires, in milliseconds since the Unix epoch.
    pub(crate) expires_at: u64,
}

/// Signs a token for a visitor; `now` is in seconds since the Unix epoch.
pub(crate) fn issue(secret: &Secret, visitor: &Visitor, now: u64) -> Result<Token> {
    let name = visitor.name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        let message = format!("name: a name has 1 to {LONGEST_NAME} characters");
        return Err(Error::new(Error::INVALID, message));
    }
    let claims = Claims { sub: name, aud: AUDIENCE, iat: now, exp: now + LIFETIME };
    let key = EncodingKey::from_secret(secret.as_str().as_bytes());
    Ok(Token {
        token: jsonwebtoken::encode(&Header::default(), &claims, &key)?,
        expires_at: claims.exp * 1000,
    })
}

/// What a token says (RFC 7519 §4.1).
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use jsonwebtoken::{Algorithm, DecodingKey, Validation};

    use super::*;

    #[test]
    fn a_token_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let now = jsonwebtoken::get_current_timestamp();
        let visitor = visitor(" Ada ");
        let token = issue(&Secret::of(folder.path()).unwrap(), &visitor, now).unwrap();

        let secret = Secret::of(folder.path()).unwrap();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        let key = DecodingKey::from_secret(secret.as_str().as_bytes());
        let claims =
            jsonwebtoken::decode::<serde_json::Value>(&token.token, &key, &validation).unwrap();
        assert_eq!(claims.claims["sub"], "Ada");
    }

    #[test]
    fn only_its_owner_may_read_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        Secret::of(folder.path()).unwrap();
        let metadata = folder.path().join("token-secret").metadata().unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_name_is_short_and_not_empty() {
        let secret = Secret("0".repeat(64));
        for name in ["", "  ", "a\nb", &"é".repeat(41)] {
            let error = issue(&secret, &visitor(name), 0).unwrap_err();
            assert_eq!(error.code(), Error::INVALID, "{name}");
        }
        assert!(issue(&secret, &visitor(&"é".repeat(40)), 0).is_ok());
    }

    fn visitor(name: &str) -> Visitor {
        Visitor { name: name.to_owned() }
    }
}
