//! One process of a function, with its descendants.

use std::{
    io,
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::timeout,
};

use super::{Settings, environment, output, pool::Exit};

/// How long to wait, after a process has ended, for the last of what it printed. It is there at
/// once, unless a descendant left the process group and holds the pipe. Ours.
const LAST_WORDS: Duration = Duration::from_secs(1);

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
