//! What a gateway tells of its work: requests that have ended, connections, messages sent.
//!
//! A gateway has one [`Observer`] or none ([`Gateway::observer`](crate::Gateway::observer)); without
//! one nothing is measured or copied.
//!
//! | module | does |
//! |---|---|
//! | here | [`Observer`], and what a request that has ended is told as |
//! | `watch` | follows one request from its call to its end |
//! | `variables` | which variables an access log has (feature `serve`) |
//! | `scope` | what they are worth (feature `serve`) |
//! | `format`, `log` | the line of a request, and the thread that writes it (feature `serve`) |
//! | `metrics` | counters, gauges and histograms for Prometheus (feature `serve`) |

use std::{fmt, time::Duration};

use gatewire::{ConnectionId, Error, frame::plain};

use crate::{connection::Closed, integration::Call};

#[cfg(feature = "serve")]
pub(crate) mod format;
#[cfg(feature = "serve")]
pub(crate) mod log;
#[cfg(feature = "serve")]
pub(crate) mod metrics;
#[cfg(feature = "serve")]
mod scope;
#[cfg(feature = "serve")]
pub(crate) mod variables;
mod watch;

pub(crate) use watch::{Watch, Watchers, handshaken, refused};

/// Hears what a gateway does. The methods run on the tasks of its connections: they must not block.
pub trait Observer: Send + Sync + 'static {
    /// A request has ended, or was refused before any integration saw it.
    fn ended(&self, ended: &Ended<'_>) {
        let _ = ended;
    }

    /// A socket is open.
    fn opened(&self, connection: ConnectionId) {
        let _ = connection;
    }

    /// A socket has closed.
    fn closed(&self, connection: ConnectionId, closed: &Closed) {
        let _ = (connection, closed);
    }

    /// So many messages were handed to the socket of a connection with one write.
    fn sent(&self, connection: ConnectionId, messages: usize) {
        let _ = (connection, messages);
    }
}

/// A request that has ended.
#[derive(Debug)]
pub struct Ended<'a> {
    /// The request, without what the message says: that is nobody's business but the integration's.
    /// The route is empty where no route was found.
    pub call: &'a Call,
    /// The HTTP status that API Gateway would log. A client sees it of `$connect` alone.
    pub status: u16,
    /// Why the request has failed; `None` when it has not.
    pub failure: Option<Failure<'a>>,
    /// How its integration did; `None` when none was asked.
    pub integration: Option<Integrated<'a>>,
}

/// Why a request has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// API Gateway's name for it, such as `ACCESS_DENIED`.
    pub kind: &'static str,
    /// What the client is told.
    pub message: &'a str,
}

/// How an integration did.
#[derive(Clone, Debug)]
pub struct Integrated<'a> {
    /// What came of the call.
    pub answer: Answered<'a>,
    /// How long it took; `None` of a mock, which asks nobody.
    pub latency: Option<Duration>,
}

/// What came of the call of an integration.
#[derive(Clone, Copy, Debug)]
pub enum Answered<'a> {
    /// It answered, with this status; 200 where what answered knows no statuses.
    Status(u16),
    /// It answered by an error of its own.
    Error(&'a Error),
    /// It could not be asked, broke, or did not answer in time.
    Failed(&'a Error),
}

impl<'a> Answered<'a> {
    /// The status it answered with, if it did.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(*status),
            Self::Error(error) => Some(status_of(error)),
            Self::Failed(_) => None,
        }
    }

    /// What went wrong, if something did.
    #[must_use]
    pub fn error(&self) -> Option<&'a Error> {
        match self {
            Self::Status(_) => None,
            Self::Error(error) | Self::Failed(error) => Some(error),
        }
    }

    fn of_error(error: &'a Error) -> Self {
        match error.code() {
            Error::INTERNAL | Error::TIMED_OUT | Error::UNAVAILABLE | Error::LOST => {
                Self::Failed(error)
            }
            _ => Self::Error(error),
        }
    }
}

impl<'a> Failure<'a> {
    /// What a client is told of this error.
    fn of(error: &'a Error) -> Self {
        let message = plain_message(error);
        Self { kind: kind(status_of(error)), message }
    }

    /// What this status means as the end of a handshake.
    fn of_status(status: u16, message: &'a str) -> Self {
        let kind = if status == 400 { "BAD_REQUEST_PARAMETERS" } else { kind(status) };
        Self { kind, message }
    }
}

/// The words of API Gateway's error frames.
pub(crate) fn plain_message(error: &Error) -> &str {
    match error.code() {
        Error::UNKNOWN_ACTION | Error::MALFORMED => plain::FORBIDDEN,
        Error::INVALID => plain::INVALID_BODY,
        Error::THROTTLED => plain::TOO_MANY_REQUESTS,
        Error::TIMED_OUT => plain::TIMED_OUT,
        Error::INTERNAL => plain::INTERNAL,
        _ => error.message(),
    }
}

/// The status that stands for an error; the same as the handshake's.
pub(crate) fn status_of(error: &Error) -> u16 {
    match error.code() {
        Error::INVALID => 400,
        Error::UNAUTHORIZED => 401,
        Error::TOO_LARGE => 413,
        Error::THROTTLED => 429,
        Error::INTERNAL => 502,
        Error::UNAVAILABLE => 503,
        Error::TIMED_OUT => 504,
        _ => 403,
    }
}

/// API Gateway's types of gateway responses.
fn kind(status: u16) -> &'static str {
    match status {
        400 => "BAD_REQUEST_BODY",
        401 => "UNAUTHORIZED",
        403 => "ACCESS_DENIED",
        413 => "REQUEST_TOO_LARGE",
        429 => "THROTTLED",
        502 => "INTEGRATION_FAILURE",
        504 => "INTEGRATION_TIMEOUT",
        500.. => "DEFAULT_5XX",
        _ => "DEFAULT_4XX",
    }
}

impl fmt::Debug for dyn Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
