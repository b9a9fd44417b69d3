//! How a token is fetched, how it travels, and when it ends.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewire::frame::{SUBPROTOCOL, TOKEN_SUBPROTOCOL};
use serde::Deserialize;

use super::Driver;
use crate::{
    Problem, TokenBy,
    session::{Input, Millis, Protocol},
    sharing::TokenError,
    transport::{self, Dial},
};

/// How long a token lasts at least, in milliseconds, whatever the clock says. The npm package's, too.
const SHORTEST_LIFE: Millis = 20_000;

impl Driver {
    pub(super) fn fetch_token(&self) {
        let Some(fetch) = self.options.fetch() else {
            return self.tell(Input::TokenReady);
        };
        let me = self.me.clone();
        self.place.spawn(async move {
            let token = transport::attempt(async move { fetch().await }).await.flatten();
            if let Some(driver) = me.upgrade() {
                driver.fetched(token);
            }
        });
    }

    fn fetched(&self, token: Result<String, TokenError>) {
        match token {
            Ok(token) => {
                *self.token.lock() = Some(token);
                self.tell(Input::TokenReady);
            }
            Err(problem) => {
                self.options.report(&Problem::Token(problem));
                self.tell(Input::TokenFailed);
            }
        }
    }

    /// Where to, with the token at hand.
    pub(super) fn dial(&self) -> Result<Dial, String> {
        let protocol = self.options.session.protocol;
        let usual = match protocol {
            Protocol::Gatewire => TokenBy::Subprotocol,
            Protocol::Plain => TokenBy::Query,
        };
        let mut dial = Dial { url: self.url.clone(), ..Dial::default() };
        if protocol == Protocol::Gatewire {
            dial.protocols.push(SUBPROTOCOL.to_owned());
        }
        let token = self.token.lock();
        if let Some(token) = token.as_deref().filter(|token| !token.is_empty()) {
            match self.options.token_by.unwrap_or(usual) {
                TokenBy::Subprotocol => dial.protocols.push(subprotocol(token)?),
                TokenBy::Query => dial.url = with_parameter(&dial.url, "token", token),
                #[cfg(all(feature = "native", not(target_arch = "wasm32")))]
                TokenBy::Header => dial.bearer = Some(token.to_owned()),
            }
        }
        Ok(dial)
    }

    /// For how many milliseconds the token is good, by the server's word or else its own;
    /// [`Millis::MAX`] where nobody knows, or nobody could fetch another.
    pub(super) fn token_lasts(&self, expires: Option<u64>) -> Millis {
        if self.options.fetch().is_none() {
            return Millis::MAX;
        }
        let own = self.token.lock().as_deref().map(Claims::of).unwrap_or_default();
        lasts(expires, own, transport::unix_now())
    }
}

/// What a JWT says of its own life, in seconds since the Unix epoch (RFC 7519 §4.1.4 and §4.1.6).
#[derive(Clone, Copy, Default, Deserialize)]
struct Claims {
    iat: Option<f64>,
    exp: Option<f64>,
}

impl Claims {
    /// Nothing, for what is no JWT. Nobody is believed here: it says when to ask, and the server judges.
    fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let json = payload.and_then(|bytes| String::from_utf8(bytes).ok());
        let claims = json.and_then(|json| serde_json::from_str(&json).ok());
        claims.unwrap_or_default()
    }
}

/// By a clock that is ahead no token lasts, and a provider must not be asked without end; a clock that is
/// behind does not make a token last longer than it was made for.
fn lasts(expires: Option<u64>, own: Claims, unix_now: Millis) -> Millis {
    let Some(end) = expires.or(own.exp.map(millis)) else { return Millis::MAX };
    let left = end.saturating_sub(unix_now).max(SHORTEST_LIFE);
    own.iat.map_or(left, |made| left.min(end.saturating_sub(millis(made))))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole milliseconds are all that is needed, and what is no moment is the first or the last"
)]
fn millis(seconds: f64) -> Millis {
    (seconds * 1_000.0) as Millis
}

/// An entry of `Sec-WebSocket-Protocol`. The error does not repeat the token, as the browser's would.
fn subprotocol(token: &str) -> Result<String, String> {
    if token.bytes().all(is_token_character) {
        Ok(format!("{TOKEN_SUBPROTOCOL}{token}"))
    } else {
        Err("the token has characters that a WebSocket subprotocol cannot carry".to_owned())
    }
}

/// RFC 9110 §5.6.2, which RFC 6455 §4.1 asks of subprotocols.
fn is_token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// One more parameter, with everything escaped that RFC 3986 does not leave unreserved (§2.3).
fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let mut url = format!("{url}{}{name}=", if url.contains('?') { '&' } else { '?' });
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _infallible = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JWT with these claims and no signature to speak of.
    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_lasts_as_long_as_the_server_says_or_itself() {
        let own = |claims: &str| Claims::of(&jwt(claims));
        let now = 1_000_000_000;
        assert_eq!(lasts(None, own(r#"{"exp":1000060}"#), now), 60_000);
        assert_eq!(lasts(Some(now + 50_000), own(r#"{"exp":1000060}"#), now), 50_000);
        assert_eq!(lasts(None, own(r#"{"exp":999}"#), now), SHORTEST_LIFE, "by this clock");
        assert_eq!(lasts(None, own(r#"{"sub":"ada"}"#), now), Millis::MAX);
    }

    #[test]
    fn a_clock_that_is_behind_does_not_make_it_last_longer() {
        let own = Claims::of(&jwt(r#"{"iat":2000000,"exp":2000060.5}"#));
        assert_eq!(lasts(None, own, 1_000_000_000), 60_500);
    }

    #[test]
    fn what_is_no_jwt_says_nothing() {
        for token in ["", "opaque", "a.b.c", &jwt("[]"), &jwt(r#"{"exp":"soon"}"#)] {
            assert_eq!(lasts(None, Claims::of(token), 0), Millis::MAX, "{token}");
        }
    }

    #[test]
    fn a_parameter_is_escaped() {
        assert_eq!(with_parameter("ws://a/b", "token", "x"), "ws://a/b?token=x");
        assert_eq!(
            with_parameter("ws://a/b?c", "token", "x&=~ü"),
            "ws://a/b?c&token=x%26%3D~%C3%BC"
        );
    }
}
