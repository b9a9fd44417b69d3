//! `[integrations.NAME]`: what answers routes.

mod http;
mod lambda;
mod mapping;
mod queue;

use std::{collections::BTreeMap, time::Duration};

use super::{
    names::Names,
    reader::{self, Choice, Table},
};

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

#[derive(Clone, Copy)]
enum Type {
    Mock,
    Lambda,
    Http,
    Queue,
}

/// All integrations of the file.
pub(super) fn read(root: &mut Table<'_>, names: &Names) -> BTreeMap<String, Integration> {
    let tables = root.section("integrations").tables().into_iter();
    let read = tables
        .filter_map(|(name, table)| Some((name.into_value(), Integration::read(table, names)?)));
    read.collect()
}

impl Integration {
    fn read(mut table: Table<'_>, names: &Names) -> Option<Self> {
        const TYPES: Choice<Type> = Choice(&[
            ("mock", Type::Mock),
            ("lambda", Type::Lambda),
            ("http", Type::Http),
            ("queue", Type::Queue),
        ]);
        let Some(kind) = table.required("type", TYPES) else {
            table.abandon();
            return None;
        };
        let integration = match kind.into_value() {
            Type::Mock => Some(Self::Mock(Mock::read(&mut table))),
            Type::Lambda => Lambda::read(&mut table, names).map(Self::Lambda),
            Type::Http => Http::read(&mut table).map(Self::Http),
            Type::Queue => Queueing::read(&mut table, names).map(Self::Queue),
        };
        table.finish();
        integration
    }
}

/// How long an integration may take; the bounds are API Gateway's.
fn timeout(table: &mut Table<'_>) -> Duration {
    let bounds = Duration::from_millis(50)..=Duration::from_secs(29);
    table.or("timeout", "29s", reader::Duration(bounds)).into_value()
}
