//! What an application may set.

/// Whether this is the build for the npm package's entry `gatewire/core`, whose shell has neither the
/// plain protocol nor dropping nor time limits for what waits, does not watch the page's life or the
/// socket's buffer, does not cancel, and tells nobody of gaps. Another token takes another socket.
pub(super) const IS_CORE: bool = cfg!(feature = "js-core");

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

impl Options {
    /// 1,000 actions, 1 MiB, and 256 KiB in the socket: generous for a page, small for a browser.
    pub const DEFAULT: Self = Self {
        queue_length: 1_000,
        queue_bytes: 1024 * 1024,
        overflow: Overflow::Reject,
        low_water: 256 * 1024,
        protocol: Protocol::Gatewire,
    };
}

impl Options {
    pub(super) fn is_plain(&self) -> bool {
        !IS_CORE && self.protocol == Protocol::Plain
    }

    /// Whether a socket gets another token when its own expires; otherwise another socket does.
    pub(super) fn refreshes_in_band(&self) -> bool {
        !IS_CORE && self.protocol == Protocol::Gatewire
    }

    pub(super) fn drops_oldest(&self) -> bool {
        !IS_CORE && self.overflow == Overflow::DropOldest
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
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
