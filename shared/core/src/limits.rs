//! The numbers both ends keep to. The server tells a client its own in `welcome`.

/// What one connection may do. API Gateway's figures where it has one (§1.4 of its quotas page).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields, default))]
pub struct Limits {
    /// The largest message in either direction, in bytes of UTF-8. A larger one closes the socket
    /// with [`CloseCode::TOO_BIG`](crate::CloseCode::TOO_BIG); clients refuse to send it.
    pub message: usize,
    /// How many actions of one connection may wait for an answer at once. Above it the server
    /// stops reading, so the figure bounds memory and is never an error.
    pub in_flight: usize,
}

impl Limits {
    /// API Gateway's message limit: 128 KiB.
    pub const MESSAGE: usize = 128 * 1024;
    /// Ours; large enough that a browser never notices, small enough to bound a connection.
    pub const IN_FLIGHT: usize = 256;
}

impl Default for Limits {
    fn default() -> Self {
        Self { message: Self::MESSAGE, in_flight: Self::IN_FLIGHT }
    }
}
