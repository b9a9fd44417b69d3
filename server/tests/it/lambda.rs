//! Lambda functions, hosted and called, and what they do behind a gateway.

mod hosted;
mod integration;
mod misbehaviour;
mod remote;

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use gatewire_server::lambda::{
    Function, FunctionError, HostedFunction, Invocation, InvokeError, Settings,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Far longer than anything takes that goes well.
const LONG: Duration = Duration::from_secs(20);

/// A function whose code is `fixtures/runtime.py`, in a folder of its own.
pub(crate) struct Hosted {
    function: Arc<HostedFunction>,
    folder: TempDir,
}

impl Hosted {
    pub(crate) fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/runtime.py");
        let mut settings = Settings::new("probe", vec!["python3".into(), script.into()]);
        settings.directory = folder.path().into();
        settings.timeout = LONG;
        change(&mut settings);
        Self { function: Arc::new(HostedFunction::start(settings).unwrap()), folder }
    }

    pub(crate) fn started(how: &str) -> Self {
        Self::start(|settings| {
            settings.environment.insert("START".into(), how.into());
        })
    }

    pub(crate) async fn invoke(&self, event: Value) -> Result<Value, InvokeError> {
        let event = Bytes::from(event.to_string());
        let answer = self.function.invoke(event, Invocation::new(LONG)).await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    pub(crate) async fn fails(&self, event: Value) -> FunctionError {
        match self.invoke(event).await {
            Err(InvokeError::Function(error)) => error,
            other => panic!("not a function's error: {other:?}"),
        }
    }

    /// The process id of the process that answers.
    pub(crate) async fn pid(&self) -> u64 {
        self.invoke(json!({"do": "ok"})).await.unwrap()["pid"].as_u64().unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

/// Waits until something is so.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    let waiting = async {
        let mut look = tokio::time::interval(Duration::from_millis(5));
        while !condition() {
            look.tick().await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.expect("it is so within the time");
}

/// Whether nothing is left of a process, not even a zombie.
pub(crate) fn is_gone(pid: u64) -> bool {
    !Path::new(&format!("/proc/{pid}")).exists()
}

/// Whether a process that is not ours has ended; who inherited it may not have noticed.
pub(crate) fn has_ended(pid: u64) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
    status.map_or(true, |status| status.lines().any(|line| line.starts_with("State:\tZ")))
}
