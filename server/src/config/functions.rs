//! `[functions.NAME]`: Lambda functions that we host.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::Secret;

/// A Lambda function that we run and that fetches its events through the Runtime API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The program and its arguments; at least the program.
    pub command: Vec<String>,
    /// Where it runs. It exists.
    pub directory: PathBuf,
    /// What the function is told as `_HANDLER`.
    pub handler: Option<String>,
    /// Environment variables beside those that every Lambda function has. They may be secret.
    pub environment: BTreeMap<String, Secret>,
    /// How many processes at most; they are started as needed. Each runs one event at a time.
    pub concurrency: u32,
    /// MiB; only told to the function.
    pub memory: u32,
    /// How long one event may take before its process is ended.
    pub timeout: Duration,
}
