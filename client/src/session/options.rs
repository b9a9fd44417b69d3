//! What an application may set.

/// What a session may be told when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many actions may wait for a socket, or for room on it.
    pub queue_length: usize,
    /// How many bytes they may have together.
    pub queue_bytes: usize,
    /// What to do with one more.
    pub overflow: Overflow,
    /// How many bytes may be left in a congested socket's buffer when it gets more to write.
    pub low_water: usize,
    /// What the server speaks.
    pub protocol: Protocol,
}

impl Default for Options {
    /// 1,000 actions, 1 MiB, and 256 KiB in the socket: generous for a page, small for a browser.
    fn default() -> Self {
        Self {
            queue_length: 1_000,
            queue_bytes: 1024 * 1024,
            overflow: Overflow::Reject,
            low_water: 256 * 1024,
            protocol: Protocol::Gatewire,
        }
    }
}

/// What becomes of an action when too much waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// It is rejected.
    Reject,
    /// It takes the place of the oldest ones that were never written.
    DropOldest,
}

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `gatewire.v1`.
    Gatewire,
    /// What an API Gateway WebSocket API speaks: any JSON, without hello, pings or answers. An open
    /// socket is welcome enough, an action is done when it is written, and a socket is replaced before
    /// the gateway closes it. Between two sockets events may be missed, so each but the first begins
    /// with [`Output::Gap`](super::Output::Gap).
    Plain,
}
