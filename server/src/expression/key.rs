//! The keys of integration responses: `$default`, or a pattern between slashes.

use std::str::FromStr;

use regex::{Regex, RegexBuilder};

/// Whether a pattern has to match the whole text. Unknown for WebSocket APIs; the selection
/// patterns of REST APIs have to.
const MATCHES_WHOLE_TEXT: bool = true;

/// A pattern that compiles to more bytes is refused.
const PATTERN_LIMIT: usize = 1 << 20;

/// The key of one integration response.
#[derive(Clone, Debug)]
pub enum ResponseKey {
    /// `$default`: taken if no pattern matches.
    Default,
    /// `/regex/`, matched with the response's status, or with a function's error message.
    Pattern(Regex),
}

/// The text is no key of an integration response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseKeyError {
    /// Neither `$default` nor between slashes.
    #[error("a response key is `$default` or a pattern between slashes such as `/4\\d\\d/`")]
    Form,
    /// The pattern is no regular expression.
    #[error("{key} is no regular expression: {reason}")]
    Pattern {
        /// The key with its slashes.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ResponseKey {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Default => false,
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl FromStr for ResponseKey {
    type Err = ResponseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let pattern = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .ok_or(ResponseKeyError::Form)?;
        // Alone first, so that its own mistakes are told in its own text, and so that none of it
        // reaches out of the group it is put into.
        let wrong = |error: regex::Error| ResponseKeyError::Pattern {
            key: text.to_owned(),
            reason: reason(&error),
        };
        let compiled = Regex::new(pattern).map_err(wrong)?;
        if !MATCHES_WHOLE_TEXT {
            return Ok(Self::Pattern(compiled));
        }
        let whole = format!(r"\A(?:{pattern})\z");
        let whole = RegexBuilder::new(&whole).size_limit(PATTERN_LIMIT).build().map_err(wrong)?;
        Ok(Self::Pattern(whole))
    }
}

/// What is wrong with a pattern, on one line: those before it draw an arrow.
pub(crate) fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// The response whose pattern is the first to match, else the one under `$default`.
pub fn select<'a, T>(
    responses: impl IntoIterator<Item = (&'a ResponseKey, T)>,
    text: &str,
) -> Option<T> {
    let mut default = None;
    for (key, response) in responses {
        if key.matches(text) {
            return Some(response);
        }
        if matches!(key, ResponseKey::Default) {
            default = Some(response);
        }
    }
    default
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn selected(keys: &[&str], text: &str) -> Option<usize> {
        let keys: Vec<ResponseKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
        select(keys.iter().zip(0..), text)
    }

    #[test]
    fn the_first_pattern_that_matches_wins_over_the_default() {
        let keys = ["$default", r"/4\d\d/", "/404/"];
        assert_eq!(selected(&keys, "404"), Some(1));
        assert_eq!(selected(&keys, "500"), Some(0));
        assert_eq!(selected(&[r"/4\d\d/"], "500"), None);
    }

    #[test]
    fn a_pattern_matches_the_whole_text() {
        assert_eq!(selected(&["/Bad/"], "Bad request"), None);
        assert_eq!(selected(&["/Bad.*/"], "Bad request"), Some(0));
        assert_eq!(selected(&["/a|b/"], "ab"), None);
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in ["", "/", "200", "default", "/4", "/(/", r"/(?=a)/"] {
            assert!(text.parse::<ResponseKey>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_key_makes_it_panic(key in "/?\\PC{0,20}/?", text in "\\PC{0,20}") {
            if let Ok(key) = key.parse::<ResponseKey>() {
                let _ = select([(&key, ())], &text);
            }
        }
    }
}
