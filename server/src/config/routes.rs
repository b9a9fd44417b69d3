//! `[routes.KEY]`: what answers which message.

use std::{collections::BTreeMap, path::PathBuf};

use super::Located;

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name of one of the integrations.
    pub integration: Located<String>,
    /// Whether the client is sent what the integration answers: a two-way route.
    pub reply: bool,
    /// In which order the messages of one connection are handled.
    pub order: Order,
    /// What bodies have to look like.
    pub models: Option<Models>,
    /// What the handshake has to bring; empty except on `$connect`.
    pub request_parameters: Vec<RequestParameter>,
}

/// In which order the messages of one connection are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after another.
    Connection,
    /// At the same time, as on AWS.
    None,
}

/// Which JSON Schema a body has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// Its result names one of `schemas`, else `$default` is taken. The key `model` alone makes it
    /// `\$default`.
    pub selection: Located<String>,
    /// Files of JSON Schema, each an object.
    pub schemas: BTreeMap<String, Located<PathBuf>>,
}

/// One parameter of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestParameter {
    /// Where it is.
    pub source: ParameterSource,
    /// What it is called there.
    pub name: String,
    /// Whether a handshake without it is refused.
    pub required: bool,
}

/// Where a parameter of a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterSource {
    /// `route.request.querystring.NAME`
    Querystring,
    /// `route.request.header.NAME`
    Header,
}
