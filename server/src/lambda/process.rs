//! One process of a function, with its descendants.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::timeout,
};

use super::{environment, output, pool::Exit};

/// How long to wait, after a process has ended, for the last of what it printed. It is there at
/// once, unless a descendant left the process group and holds the pipe. Ours.
const LAST_WORDS: Duration = Duration::from_secs(1);

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
    /// `AWS_REGION`.
    pub region: String,
    /// The account in the function's ARN.
    pub account: String,
    /// `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`: where the function's SDK finds `@connections`
    /// when its code names no endpoint.
    pub management_endpoint: Option<String>,
    /// The certificates that the function's SDK trusts instead of its own (`AWS_CA_BUNDLE`,
    /// `NODE_EXTRA_CA_CERTS`).
    pub ca_bundle: Option<PathBuf>,
}

impl Settings {
    /// A function with Lambda's defaults: one process, 128 MB, 3 s; in the current directory and
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

/// A process that runs. It leads a process group; dropped, the whole group is killed.
///
/// When this process itself is killed by SIGKILL, nobody is left to do that. A runtime then finds
/// its Runtime API gone and ends; one that hangs in an invocation stays.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    output: JoinSet<()>,
}

impl Process {
    /// Starts a process that finds its Runtime API at this address.
    pub(super) fn start(settings: &Settings, api: SocketAddr) -> io::Result<Self> {
        let [program, arguments @ ..] = settings.command.as_slice() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"));
        };
        let directory = std::path::absolute(&settings.directory)?;
        let in_directory = directory.join(program); // `join` leaves an absolute path alone
        let mut command = Command::new(if program.contains('/') {
            in_directory.as_os_str()
        } else {
            program.as_ref()
        });
        command
            .args(arguments)
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        environment::apply(&mut command, settings, &directory, api);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let name: Arc<str> = settings.name.as_str().into();
        let mut output = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            output.spawn(output::log(stdout, "stdout", name.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            output.spawn(output::log(stderr, "stderr", name));
        }
        Ok(Self { child, output })
    }

    /// Waits until the process has ended, and ends what it left behind.
    pub(super) async fn ended(&mut self) -> io::Result<Exit> {
        let group = self.group();
        let status = self.child.wait().await?;
        // A group keeps its id while it has members, so this hits descendants or nobody, unless the
        // system has gone through all process ids since the line above.
        kill(group);
        let last_words = async { while self.output.join_next().await.is_some() {} };
        if timeout(LAST_WORDS, last_words).await.is_err() {
            tracing::debug!("a descendant of a function's process holds on to its output");
        }
        Ok(exit(status))
    }

    /// Ends the process by force. [`ended`](Self::ended) tells when it has.
    pub(super) fn kill(&self) {
        kill(self.group());
    }

    /// The group's id: that of the process, as long as it was not waited for.
    fn group(&self) -> Option<u32> {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
fn kill(group: Option<u32>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let id = group.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id
        && let Err(error) = kill_process_group(id, Signal::KILL)
        && error != rustix::io::Errno::SRCH
    {
        tracing::warn!(%error, group = id.as_raw_pid(), "a process group cannot be killed");
    }
}

/// Without process groups, `kill_on_drop` ends the process alone.
#[cfg(not(unix))]
fn kill(_group: Option<u32>) {}

fn exit(status: ExitStatus) -> Exit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Exit::Signal(signal);
    }
    Exit::Code(status.code().unwrap_or(-1))
}
