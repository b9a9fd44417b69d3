//! What runs of a file: what `gatewire serve` is beside its command line.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use gatewire_server::{app::Process, config::Config};
use tokio::{sync::oneshot, task::JoinHandle};

/// The configuration that this text is, in this folder.
pub(crate) fn read(folder: &Path, text: &str) -> Config {
    let path = folder.join("gateway.toml");
    Config::from_toml(text, &path, &BTreeMap::new()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// A running process. It ends when it is told to, and when the test does.
pub(crate) struct Served {
    pub(crate) process: Arc<Process>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    pub(crate) async fn start(folder: &Path, text: &str) -> Self {
        let process = Arc::new(Process::start(read(folder, text)).await.unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn({
            let process = process.clone();
            async move { process.serve(async { drop(stopped.await) }).await.unwrap() }
        });
        Self { process, stop, serving }
    }

    /// An address that the process tells: of its `clients`, of its `metrics`.
    pub(crate) fn address(&self, of: &str) -> String {
        let summary = self.process.to_string();
        let told = summary.lines().find_map(|line| line.trim_start().strip_prefix(of));
        told.unwrap_or_else(|| panic!("no {of} in {summary}")).trim().to_owned()
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}
