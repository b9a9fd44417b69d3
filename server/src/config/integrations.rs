//! `[integrations.NAME]`: what answers routes.

mod http;
mod lambda;
mod mapping;
mod queue;

pub use http::Http;
pub use lambda::{Credentials, Invoke, Lambda};
pub use mapping::{Mapping, Mock, Passthrough, ResponseMapping};
pub use queue::{MissingGroup, Queueing};

/// What answers routes, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integration {
    /// `mock`: nothing is called.
    Mock(Mock),
    /// `lambda`: a function is called with the event (API Gateway's `AWS_PROXY`).
    Lambda(Lambda),
    /// `http`: a URL is called (`HTTP_PROXY`, or `HTTP` with a mapping).
    Http(Http),
    /// `queue`: the message waits in a queue.
    Queue(Queueing),
}

impl Integration {
    /// Its `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mock(_) => "mock",
            Self::Lambda(_) => "lambda",
            Self::Http(_) => "http",
            Self::Queue(_) => "queue",
        }
    }

    /// What it calls, for people: the function, the URL, the queue.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Mock(_) => String::new(),
            Self::Lambda(Lambda::Function { function, .. }) => function.value().clone(),
            Self::Lambda(Lambda::Invoke(invoke)) => invoke.uri.value().clone(),
            Self::Http(http) => format!("{} {}", http.method, http.url.value()),
            Self::Queue(queueing) => queueing.queue.value().clone(),
        }
    }
}
