//! `[stages.NAME]`: what a deployment of the API is called.

use std::{collections::BTreeMap, path::PathBuf};

use super::Located;

/// One stage, reached at `/NAME` and at its own domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The stage variables.
    pub variables: BTreeMap<String, String>,
    /// Hosts, in lower case and without a port, at which the path does not name the stage.
    pub domains: Vec<String>,
    /// The first segment of the path at these domains; absent: none. No slash in it.
    pub base_path: Option<String>,
    /// Absent: no access log.
    pub access_log: Option<AccessLog>,
}

/// `[stages.NAME.access_log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog {
    /// What a line looks like.
    pub format: AccessLogFormat,
    /// The file that lines are added to; absent: standard output.
    pub file: Option<PathBuf>,
}

/// What a line of the access log looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessLogFormat {
    /// One JSON object with everything there is.
    Json,
    /// A text with `$context` variables, on one line.
    Text(Located<String>),
}
