//! What an application may set.

use std::{fmt, time::Duration};

use crate::{
    error::Problem,
    listeners::contain,
    session::{self, Millis},
    sharing::{Call, Fetch, MaybeSend, MaybeSync, Shared, TokenError},
    transport,
};

/// What a session may be told when it is made.
#[must_use]
#[derive(Clone)]
pub struct Options {
    token: Option<Shared<Fetch>>,
    on_problem: Shared<Call<Problem>>,
    pub(crate) timeout: Millis,
    pub(crate) queue: session::Options,
    pub(crate) trust: transport::Trust,
}

impl Options {
    /// Who this is: what fetches a token. It is asked before every attempt to connect, one call at a
    /// time. A failure is reported and the session tries again later.
    ///
    /// The token travels as a WebSocket subprotocol, so it is made of the characters that those may
    /// have; JWTs and base64url are.
    pub fn token<F, T>(mut self, fetch: F) -> Self
    where
        F: Fn() -> T + MaybeSync + 'static,
        T: Future<Output = Result<String, TokenError>> + MaybeSend + 'static,
    {
        self.token = Some(Shared::new(move || Box::pin(fetch())));
        self
    }

    /// How long a send waits for its reply; a minute by default, [`Duration::MAX`] for ever.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = millis(timeout);
        self
    }

    /// How many sends may wait for a connection; 1,000 by default.
    pub fn queue_length(mut self, length: usize) -> Self {
        self.queue.queue_length = length;
        self
    }

    /// How many bytes they may have together; 1 MiB by default.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue.queue_bytes = bytes;
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
            queue: session::Options::default(),
            trust: transport::Trust::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("timeout", &self.timeout)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

/// What is too long to count is for ever.
pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
