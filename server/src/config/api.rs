//! `[api]`: what is the same for all stages.

use std::time::Duration;

use super::Located;

/// What the API is called, and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// 10 lower-case letters and digits.
    pub id: String,
    /// The AWS region that events and ARNs name.
    pub region: String,
    /// The AWS account that events and ARNs name: 12 digits.
    pub account: String,
    /// Which route a message takes. It compiles.
    pub route_selection_expression: Located<String>,
    /// A connection without messages for so long is closed.
    pub idle_timeout: Duration,
    /// A connection of this age is closed.
    pub lifetime: Duration,
    /// The largest message in either direction, in bytes.
    pub max_message: usize,
    /// The largest frame of a message, in bytes; absent: as large as the message.
    pub max_frame: Option<usize>,
    /// Whether the gateway's error frames have a member `detail` that says what went wrong.
    pub error_detail: bool,
    /// What a function means that returns nothing.
    pub lambda_null_response: NullResponse,
    /// Whether absent members of events are `null`, as they were until 2021.
    pub legacy_nulls: bool,
}

/// What a function means that returns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullResponse {
    /// Success, and nothing to say.
    Accept,
    /// A malformed response, so an error frame.
    Strict,
}
