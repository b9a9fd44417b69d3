//! Lambda functions: code that was written for API Gateway and runs unchanged.
//!
//! One trait, [`Function`], and two ways to run one: [`HostedFunction`] starts the function's own
//! command and speaks the Lambda Runtime API to it; [`RemoteFunction`] calls the Lambda Invoke API
//! of AWS or of any endpoint that speaks it.
//!
//! | module | does |
//! |---|---|
//! | `pool` | which process gets which invocation, when one is started or ended; a plain value |
//! | `settings` | what it takes to host a function |
//! | `hosted` | a function that we host, as its callers see it |
//! | `host` | its task: binds the pool to processes and callers |
//! | `report` | what callers are told of failures |
//! | `process` | one process of a function, with its descendants |
//! | `environment` | what a process finds in its environment |
//! | `output` | what a process prints, line by line into the log |
//! | `runtime_api` | the Lambda Runtime API for one process |
//! | `remote` | the client of the Invoke API |
//! | [`name`] | functions as configuration names them: names, ARNs, integration URIs |
//! | [`response`] | what a function's answer means to API Gateway |
//! | `error` | how an invocation fails |

mod environment;
mod error;
mod host;
mod hosted;
pub mod name;
mod output;
mod pool;
mod process;
mod remote;
mod report;
pub mod response;
mod runtime_api;
mod settings;

use std::time::Duration;

use axum::http::HeaderValue;
use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use error::{FunctionError, InvokeError};
pub use hosted::HostedFunction;
pub use remote::{RemoteFunction, RemoteSettings, RemoteSettingsError, credentials_from};
pub use settings::{Settings, SettingsError};

/// The largest event of a synchronous invocation, in bytes (Lambda quotas: 6 MB).
pub const MAX_EVENT: usize = 6 * 1024 * 1024;

/// The largest answer of a synchronous invocation, in bytes; Lambda allows a hundred more than for
/// the event, as its error message says.
pub const MAX_ANSWER: usize = MAX_EVENT + 100;

/// Something that answers events: a Lambda function, wherever it runs.
pub trait Function: Send + Sync + 'static {
    /// Runs the function once with this event, JSON, and returns what it answered, JSON too.
    ///
    /// A caller that drops the future takes back an invocation that has not begun; one that runs
    /// goes on to its end, as on Lambda.
    fn invoke(
        &self,
        event: Bytes,
        invocation: Invocation,
    ) -> BoxFuture<'_, Result<Bytes, InvokeError>>;

    /// What the function is called, for traces.
    fn name(&self) -> Option<&str> {
        None
    }
}

/// What an invocation carries beside its event.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(crate) request_id: String,
    pub(crate) timeout: Duration,
    pub(crate) function_arn: Option<HeaderValue>,
    pub(crate) trace_id: Option<HeaderValue>,
}

impl Invocation {
    /// An invocation with a new request id, whose caller waits this long. The function has a
    /// timeout of its own beside it.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { request_id: request_id(), timeout, function_arn: None, trace_id: None }
    }

    /// The ARN the function is told to have been called by, for instance with an alias; without it
    /// the function's own. A text that is no header value is not told.
    #[must_use]
    pub fn function_arn(mut self, arn: &str) -> Self {
        self.function_arn = HeaderValue::from_str(arn).ok();
        self
    }

    /// The `X-Amzn-Trace-Id` of the request. A text that is no header value is not told.
    #[must_use]
    pub fn trace_id(mut self, id: &str) -> Self {
        self.trace_id = HeaderValue::from_str(id).ok();
        self
    }

    /// The id of this invocation, which a hosted function sees as its `aws_request_id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// How long the caller waits.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// A random UUID (RFC 9562, version 4), as Lambda names its requests.
fn request_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness to give");
    let mut number = u128::from_be_bytes(bytes);
    number = number & !(0xf << 76) | (4 << 76); // the version
    number = number & !(0b11 << 62) | (0b10 << 62); // the variant
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_random_uuids() {
        let ids: Vec<String> = (0..100).map(|_| request_id()).collect();
        for id in &ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn what_is_no_header_value_is_not_told() {
        let invocation =
            Invocation::new(Duration::from_secs(1)).trace_id("a\nb").function_arn("é\0");
        assert!(invocation.trace_id.is_none() && invocation.function_arn.is_none());
    }
}
