//! How a `DELETE` wants the socket to end: `?code=4001&reason=…`, which is ours. API Gateway's
//! callers cannot choose.

use std::borrow::Cow;

use gatewire::CloseCode;
use serde::Deserialize;

/// What the client reads when nothing is asked for, as on API Gateway.
const NORMAL: &str = "Connection Closed Normally";

/// How long the reason of a close frame may be, in bytes (RFC 6455 §5.5).
const LONGEST_REASON: usize = 123;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Closing {
    code: Option<u16>,
    reason: Option<String>,
}

impl Closing {
    /// What is wrong with a query that is none.
    pub(super) const FORM: &str = "the query is ?code=<number>&reason=<text>";

    /// The code and the reason, or what is wrong with them.
    pub(super) fn check(self) -> Result<(CloseCode, Cow<'static, str>), &'static str> {
        let code = self.code.map_or(CloseCode::NORMAL, CloseCode);
        let reason = match (self.reason, code) {
            (Some(reason), _) => Cow::Owned(reason),
            (None, CloseCode::NORMAL) => Cow::Borrowed(NORMAL),
            (None, _) => Cow::Borrowed(""),
        };
        // What is neither has a meaning of its own in RFC 6455, or none.
        if code != CloseCode::NORMAL && !(3000..=4999).contains(&code.0) {
            return Err("the close code is 1000, or from 3000 to 4999");
        }
        if reason.len() > LONGEST_REASON {
            return Err("the reason is over 123 bytes");
        }
        Ok((code, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Option<u16>, reason: Option<&str>) -> Result<(u16, String), &'static str> {
        let closing = Closing { code, reason: reason.map(str::to_owned) };
        closing.check().map(|(code, reason)| (code.0, reason.into_owned()))
    }

    #[test]
    fn nothing_asked_for_is_what_api_gateway_sends() {
        assert_eq!(check(None, None), Ok((1000, NORMAL.to_owned())));
        assert_eq!(check(Some(1000), None), Ok((1000, NORMAL.to_owned())));
        assert_eq!(check(None, Some("bye")), Ok((1000, "bye".to_owned())));
        assert_eq!(check(Some(4001), None), Ok((4001, String::new())));
    }

    #[test]
    fn a_frame_that_could_not_be_sent_is_refused() {
        for code in [0, 999, 1001, 1005, 1006, 2999, 5000, u16::MAX] {
            assert!(check(Some(code), None).is_err(), "{code}");
        }
        for code in [3000, 4999] {
            assert!(check(Some(code), None).is_ok(), "{code}");
        }
        assert!(check(None, Some(&"é".repeat(61))).is_ok());
        assert!(check(None, Some(&"é".repeat(62))).is_err());
    }
}
