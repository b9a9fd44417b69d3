//! What an application may set.

use std::{fmt, pin::Pin, rc::Rc, time::Duration};

use crate::{
    error::Problem,
    session::{self, Millis},
    transport,
};

/// What fetching a token may fail with: any error.
pub type TokenError = Box<dyn std::error::Error>;

pub(crate) type Fetching = Pin<Box<dyn Future<Output = Result<String, TokenError>>>>;

/// What a session may be told when it is made.
#[must_use]
#[derive(Clone)]
pub struct Options {
    token: Option<Rc<dyn Fn() -> Fetching>>,
    on_problem: Rc<dyn Fn(&Problem)>,
    pub(crate) timeout: Millis,
    pub(crate) queue: session::Options,
}

impl Options {
    /// Who this is: what fetches a token. It is asked before every attempt to connect, one call at a
    /// time. A failure is reported and the session tries again later.
    ///
    /// The token travels as a WebSocket subprotocol, so it is made of the characters that those may
    /// have; JWTs and base64url are.
    pub fn token<F, T>(mut self, fetch: F) -> Self
    where
        F: Fn() -> T + 'static,
        T: Future<Output = Result<String, TokenError>> + 'static,
    {
        self.token = Some(Rc::new(move || Box::pin(fetch())));
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

    /// Told what no [`Result`] can carry; by default it is written to the console.
    pub fn on_problem(mut self, listener: impl Fn(&Problem) + 'static) -> Self {
        self.on_problem = Rc::new(listener);
        self
    }

    pub(crate) fn fetch_token(&self) -> Option<Fetching> {
        self.token.as_ref().map(|fetch| fetch())
    }

    pub(crate) fn report(&self, problem: &Problem) {
        (self.on_problem)(problem);
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: None,
            on_problem: Rc::new(|problem| transport::complain(&problem.to_string())),
            timeout: session::TIMEOUT,
            queue: session::Options::default(),
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
