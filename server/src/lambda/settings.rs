//! What it takes to host a function.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use axum::http::HeaderValue;
use thiserror::Error;

/// What Lambda gives its init phase.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A function that this process hosts: what to start, and what to tell it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The function's name: 1 to 64 letters, digits, `-` and `_`.
    pub name: String,
    /// The program and its arguments, for example `python3 -m awslambdaric app.handler`. A relative
    /// path of a program is looked for from the directory.
    pub command: Vec<String>,
    /// Where it is started; `LAMBDA_TASK_ROOT`.
    pub directory: PathBuf,
    /// `_HANDLER`.
    pub handler: Option<String>,
    /// What else it finds in its environment. Stronger than everything that is there otherwise.
    pub environment: BTreeMap<String, String>,
    /// Processes at most, at least one; each runs one invocation at a time.
    pub concurrency: usize,
    /// How much memory the function is told that it has, in MB. Nothing enforces it.
    pub memory: u32,
    /// How long one invocation may take. Lambda allows 1 s to 15 min.
    pub timeout: Duration,
    /// How long a process may take until it asks for its first invocation.
    pub start_timeout: Duration,
    /// `AWS_REGION`.
    pub region: String,
    /// The account in the function's ARN.
    pub account: String,
    /// `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`: where the function's SDK finds `@connections`
    /// when its code names no endpoint.
    pub management_endpoint: Option<String>,
    /// The certificates that the function trusts, in PEM: for boto3 and other Python and for Rust
    /// instead of the machine's (`AWS_CA_BUNDLE`, `SSL_CERT_FILE`), for Node beside its own
    /// (`NODE_EXTRA_CA_CERTS`). So it holds the machine's too if the function calls others.
    pub ca_bundle: Option<PathBuf>,
}

impl Settings {
    /// A function with Lambda's defaults: one process, 128 MB, 3 s for an invocation and
    /// 10 s for a start; in the current directory and
    /// the region `us-east-1`.
    #[must_use]
    pub fn new(name: impl Into<String>, command: Vec<String>) -> Self {
        Self {
            name: name.into(),
            command,
            directory: PathBuf::from("."),
            handler: None,
            environment: BTreeMap::new(),
            concurrency: 1,
            memory: 128,
            timeout: Duration::from_secs(3),
            start_timeout: START_TIMEOUT,
            region: "us-east-1".into(),
            account: "000000000000".into(),
            management_endpoint: None,
            ca_bundle: None,
        }
    }

    /// The function's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.name)
    }
}

/// Why a function cannot be hosted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Lambda's own rule.
    #[error("the function's name `{0}` is not 1 to 64 letters, digits, `-` and `_`")]
    Name(String),
    /// There is nothing to start.
    #[error("the function `{0}` has no command")]
    Command(String),
    /// No process could ever be started.
    #[error("the function `{0}` has a concurrency of 0")]
    Concurrency(String),
    /// The region or the account cannot be told to a function.
    #[error("the function `{0}` has a region or account that cannot stand in an ARN")]
    Arn(String),
}

/// Returns the function's ARN if the function can be hosted.
pub(super) fn check(settings: &Settings) -> Result<HeaderValue, SettingsError> {
    let name = &settings.name;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(SettingsError::Name(name.clone()));
    }
    if settings.command.is_empty() {
        return Err(SettingsError::Command(name.clone()));
    }
    if settings.concurrency == 0 {
        return Err(SettingsError::Concurrency(name.clone()));
    }
    HeaderValue::from_str(&settings.arn()).map_err(|_| SettingsError::Arn(name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &str) -> Settings {
        Settings::new(name, vec!["true".into()])
    }

    #[test]
    fn what_could_never_run_is_refused() {
        assert!(check(&settings("chat-1_b")).is_ok());
        for name in ["", "a b", "a.b", "é", &"a".repeat(65)] {
            assert_eq!(check(&settings(name)), Err(SettingsError::Name(name.into())));
        }
        let mut empty = settings("chat");
        empty.command.clear();
        assert_eq!(check(&empty), Err(SettingsError::Command("chat".into())));
        let mut none = settings("chat");
        none.concurrency = 0;
        assert_eq!(check(&none), Err(SettingsError::Concurrency("chat".into())));
        let mut broken = settings("chat");
        broken.region = "eu\n".into();
        assert_eq!(check(&broken), Err(SettingsError::Arn("chat".into())));
    }
}
