//! Integrations of type `http`.

use std::{collections::BTreeMap, time::Duration};

use super::{super::Located, Mapping};

/// A URL that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to; may have `${stageVariables.x}` in it.
    pub url: Located<String>,
    /// `POST`, or another method in upper case.
    pub method: String,
    /// How long it may take: 50 ms to 29 s.
    pub timeout: Duration,
    /// From `integration.request.…` to what it is made of.
    pub request_parameters: BTreeMap<String, Located<String>>,
    /// Absent: the body goes there and the answer back as they are (`HTTP_PROXY`).
    pub mapping: Option<Mapping>,
}
