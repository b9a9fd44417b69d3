//! What an application may set.

use std::{fmt, time::Duration};

use gatewire::SessionId;

use crate::{
    error::Problem,
    listeners::contain,
    session::{self, Millis, Overflow, Protocol},
    sharing::{Call, Fetch, MaybeSend, MaybeSync, Shared, TokenError},
    transport,
};

/// At how many bytes a socket is congested unless the application says otherwise. Ours: enough to keep
/// a fast network busy, and not so much that what is sent last comes last by minutes.
const HIGH_WATER: usize = 1024 * 1024;

/// How a token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenBy {
    /// As a WebSocket subprotocol, which no log keeps. It is made of the characters that those may have;
    /// JWTs and base64url are.
    Subprotocol,
    /// As the parameter `token` of the URL, as API Gateway's authorizers commonly have it.
    Query,
    /// In the header `Authorization`, which a browser does not let a page set.
    #[cfg(all(feature = "native", not(target_arch = "wasm32")))]
    Header,
}

/// What a session may be told when it is made.
#[must_use]
#[derive(Clone)]
pub struct Options {
    token: Option<Shared<Fetch>>,
    on_problem: Shared<Call<Problem>>,
    pub(crate) timeout: Millis,
    pub(crate) ttl: Millis,
    pub(crate) high_water: usize,
    pub(crate) key: Option<SessionId>,
    pub(crate) token_by: Option<TokenBy>,
    pub(crate) session: session::Options,
    pub(crate) trust: transport::Trust,
}

impl Options {
    /// Who this is: what fetches a token. It is asked before every attempt to connect and before a token
    /// ends, one call at a time. A failure is reported and the session tries again later.
    ///
    /// When a token ends the server says, or the token itself, if it is a JWT.
    pub fn token<F, T>(mut self, fetch: F) -> Self
    where
        F: Fn() -> T + MaybeSync + 'static,
        T: Future<Output = Result<String, TokenError>> + MaybeSend + 'static,
    {
        self.token = Some(Shared::new(move || Box::pin(fetch())));
        self
    }

    /// How the token travels; as a subprotocol by default, in the plain protocol in the URL. A cookie
    /// needs neither this nor a token.
    pub fn token_by(mut self, way: TokenBy) -> Self {
        self.token_by = Some(way);
        self
    }

    /// The name of the session; one by chance by default. Kept by the application and given again, a
    /// session goes on after the page was loaded anew or the program started again: the events in
    /// between come, in order, if the server still has them. Who knows the name can be this session, so
    /// it is hard to guess. Two clients with one name are one session: the newer has it.
    pub fn session(mut self, key: SessionId) -> Self {
        self.key = Some(key);
        self
    }

    /// What the server speaks; `gatewire.v1` by default.
    ///
    /// An API Gateway, or whatever speaks what that does, has no replies: a send is answered with
    /// `null` when it is written. It has no resumption, and takes 32 KiB at most. A frame with
    /// `"event"` is an event and has its payload in `"data"`; one with `"action"` is an event, too, and
    /// is its payload. Where the gateway says what went wrong, that is a problem for
    /// [`on_problem`](Self::on_problem): [`Problem::Server`] with the code `forbidden`,
    /// `internalServerError` and so on, after its words.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.session.protocol = protocol;
        self
    }

    /// How long a send may wait for a connection; as long as for its reply by default.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = millis(ttl);
        self
    }

    /// How long a send waits for its reply; a minute by default, [`Duration::MAX`] for ever.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = millis(timeout);
        self
    }

    /// How many sends may wait for a connection; 1,000 by default.
    pub fn queue_length(mut self, length: usize) -> Self {
        self.session.queue_length = length;
        self
    }

    /// How many bytes they may have together; 1 MiB by default.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.session.queue_bytes = bytes;
        self
    }

    /// What becomes of one send too many; it is rejected by default.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.session.overflow = overflow;
        self
    }

    /// At how many bytes that the socket has not written yet the queue stops writing, and at how many
    /// it goes on; 1 MiB and 256 KiB by default.
    pub fn watermarks(mut self, high: usize, low: usize) -> Self {
        self.high_water = high;
        self.session.low_water = low.min(high);
        self
    }

    /// Told what no [`Result`] can carry; by default it is written to the console, natively to `tracing`.
    pub fn on_problem(mut self, listener: impl Fn(&Problem) + MaybeSync + 'static) -> Self {
        self.on_problem = Shared::new(listener);
        self
    }

    /// Trusts servers whose certificate one of these has signed, beside those that the platform
    /// trusts: one or more root certificates in PEM. For a server in development; a public one has a
    /// certificate that every platform trusts. What is no certificate ends the session as unusable.
    #[cfg(all(feature = "native", feature = "tls", not(target_arch = "wasm32")))]
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.add(pem.as_ref());
        self
    }

    pub(crate) fn fetch(&self) -> Option<Shared<Fetch>> {
        self.token.clone()
    }

    pub(crate) fn report(&self, problem: &Problem) {
        contain(|| (self.on_problem)(problem));
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: None,
            on_problem: Shared::new(|problem: &Problem| transport::complain(&problem.to_string())),
            timeout: session::TIMEOUT,
            ttl: Millis::MAX,
            high_water: HIGH_WATER,
            key: None,
            token_by: None,
            session: session::Options::default(),
            trust: transport::Trust::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("timeout", &self.timeout)
            .field("ttl", &self.ttl)
            .field("high_water", &self.high_water)
            .field("token_by", &self.token_by)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// What one send may be told; the rest is as in the [`Options`].
#[must_use]
#[derive(Clone, Debug, Default)]
pub struct SendOptions {
    timeout: Option<Millis>,
    ttl: Option<Millis>,
    key: Option<String>,
}

impl SendOptions {
    /// How long it waits for its reply; [`Duration::MAX`] for ever.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(millis(timeout));
        self
    }

    /// How long it may wait for a connection.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(millis(ttl));
        self
    }

    /// Takes the place of a send with the same key that was not written yet, which fails with
    /// [`Error::Replaced`](crate::Error::Replaced). Of where a cursor is, say, only the last counts.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    pub(crate) fn within(self, options: &Options) -> Sending {
        Sending {
            timeout: self.timeout.unwrap_or(options.timeout),
            ttl: self.ttl.unwrap_or(options.ttl),
            key: self.key,
        }
    }
}

/// What is set for one send.
pub(crate) struct Sending {
    pub(crate) timeout: Millis,
    pub(crate) ttl: Millis,
    pub(crate) key: Option<String>,
}

/// What is too long to count is for ever.
pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
