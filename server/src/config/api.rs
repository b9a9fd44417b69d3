//! `[api]`: what is the same for all stages.

use std::time::Duration;

use super::{
    Located,
    reader::{self, Choice, Flag, Size, Table, TextLike},
    texts::Compiled,
};

/// The longest time that a limit can be lifted to.
const YEAR: Duration = Duration::from_hours(365 * 24);
/// The largest message that can be allowed: it is held in memory whole.
const LARGEST_MESSAGE: usize = 64 << 20;

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
    /// Whether clients may send binary messages.
    pub binary: bool,
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

impl Api {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        const NULL_RESPONSES: Choice<NullResponse> =
            Choice(&[("accept", NullResponse::Accept), ("strict", NullResponse::Strict)]);
        let limit = || reader::Duration(Duration::from_secs(1)..=YEAR);
        let max_message = table.or("max_message", "128KiB", Size(1024..=LARGEST_MESSAGE));
        let max_frame = table.optional("max_frame", Size(1024..=LARGEST_MESSAGE));
        if let Some(frame) = max_frame.as_ref().filter(|frame| frame.value() > max_message.value())
        {
            table.mistake_at(frame, "a frame cannot be larger than max_message");
        }
        let selection = "$request.body.action";
        let api = Self {
            id: table.or("id", "local00000", ID).into_value(),
            region: table.or("region", "us-east-1", REGION).into_value(),
            account: table.or("account", "000000000000", ACCOUNT).into_value(),
            route_selection_expression: table.or(
                "route_selection_expression",
                selection,
                Compiled::RouteSelection,
            ),
            idle_timeout: table.or("idle_timeout", "10m", limit()).into_value(),
            lifetime: table.or("lifetime", "2h", limit()).into_value(),
            max_message: max_message.into_value(),
            max_frame: max_frame.map(Located::into_value),
            binary: table.or("binary", "false", Flag).into_value(),
            error_detail: table.or("error_detail", "false", Flag).into_value(),
            lambda_null_response: table
                .or("lambda_null_response", "accept", NULL_RESPONSES)
                .into_value(),
            legacy_nulls: table.or("legacy_nulls", "false", Flag).into_value(),
        };
        table.finish();
        api
    }
}

const ID: TextLike = TextLike {
    form: "10 lower-case letters and digits",
    fits: |text| {
        text.len() == 10
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    },
};

const REGION: TextLike = TextLike {
    form: "a region such as \"us-east-1\"",
    fits: |text| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !text.is_empty() && text.bytes().all(known)
    },
};

const ACCOUNT: TextLike = TextLike {
    form: "12 digits",
    fits: |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
};
