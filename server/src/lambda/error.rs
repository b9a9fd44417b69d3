//! How an invocation fails.

use std::{fmt, time::Duration};

use serde::Deserialize;
use thiserror::Error;

/// Why an invocation has no answer.
///
/// To a WebSocket client all are the frame "Internal server error", but for
/// [`TimedOut`](Self::TimedOut), which is "Endpoint request timed out". A refused handshake has
/// [`status`](Self::status).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The function failed: it threw, could not begin, ended, or ran into its own timeout.
    #[error("the function failed: {0}")]
    Function(FunctionError),
    /// The function had not answered when its caller's time was up.
    #[error("the function had not answered after {0:?}")]
    TimedOut(Duration),
    /// Too many invocations run or wait.
    #[error("the function is throttled: {0}")]
    Throttled(String),
    /// There is no such function or version.
    #[error("the function was not found: {0}")]
    NotFound(String),
    /// The caller may not invoke it.
    #[error("the function may not be invoked: {0}")]
    Denied(String),
    /// The event is larger than a synchronous invocation takes.
    #[error("the event is too large for a function: {0}")]
    TooLarge(String),
    /// The service that runs the function refused or failed in another way.
    #[error("the invocation was answered with status {status}: {message}")]
    Refused {
        /// The HTTP status of the Invoke API.
        status: u16,
        /// What it said.
        message: String,
    },
    /// Nobody answers at the endpoint, or the connection broke.
    #[error("the function cannot be reached: {0}")]
    Unreachable(String),
    /// The server stops and takes no more invocations.
    #[error("the function takes no more invocations, the server stops")]
    Stopped,
}

impl InvokeError {
    /// The status of a handshake whose `$connect` failed like this: 502 when the function's code is
    /// at fault, 504 when it took too long, 500 when it could not be invoked at all.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Function(_) => 502,
            Self::TimedOut(_) => 504,
            Self::Throttled(_)
            | Self::NotFound(_)
            | Self::Denied(_)
            | Self::TooLarge(_)
            | Self::Refused { .. }
            | Self::Unreachable(_)
            | Self::Stopped => 500,
        }
    }
}

/// What Lambda reports of a function that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The class of the error: an exception's name, or one of Lambda's own such as
    /// `Runtime.ExitError`.
    pub error_type: String,
    /// What the error says.
    pub message: String,
}

impl FunctionError {
    pub(crate) fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), message: message.into() }
    }

    /// Reads the JSON that runtimes report an error with. What is missing in it is taken from
    /// `error_type`; a body of any other form is its own message.
    pub(crate) fn from_json(body: &[u8], error_type: &str) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Report {
            error_type: Option<String>,
            error_message: Option<String>,
        }
        let report = serde_json::from_slice::<Report>(body).unwrap_or_else(|_| Report {
            error_type: None,
            error_message: Some(String::from_utf8_lossy(body).into_owned()),
        });
        Self {
            error_type: report.error_type.unwrap_or_else(|| error_type.to_owned()),
            message: report.error_message.unwrap_or_default(),
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read_as_runtimes_write_them() {
        let python =
            br#"{"errorMessage":"no","errorType":"ValueError","requestId":"x","stackTrace":["a"]}"#;
        assert_eq!(FunctionError::from_json(python, ""), FunctionError::new("ValueError", "no"));
        let untyped = br#"{"errorMessage":"no"}"#;
        assert_eq!(
            FunctionError::from_json(untyped, "Unhandled"),
            FunctionError::new("Unhandled", "no")
        );
        for (body, message) in
            [(&b"no json"[..], "no json"), (b"\xff", "\u{fffd}"), (b"[1]", "[1]")]
        {
            let expected = FunctionError::new("Runtime.Unknown", message);
            assert_eq!(FunctionError::from_json(body, "Runtime.Unknown"), expected);
        }
    }
}
