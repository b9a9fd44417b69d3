//! A function whose processes we start ourselves.
//!
//! One task per function owns the pool and does what it orders; one task per process owns the
//! process and its Runtime API. They share nothing with other functions.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use axum::http::HeaderValue;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    Function, Invocation, InvokeError, MAX_EVENT, Settings, SettingsError,
    host::{Call, Command, Host},
    pool::InvocationId,
    settings::check,
};

/// How long a process is kept that has nothing to do. Ours; Lambda keeps one for some minutes.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// Invocations of one function that may wait for a process. Ours: bounds memory, far above what
/// can be served within the 29 s that a caller waits.
pub(super) const WAITING: usize = 1_000;

/// A Lambda function that runs in processes of this machine. Dropped, its processes are killed;
/// [`drain`](Self::drain) first lets them finish.
pub struct HostedFunction {
    name: String,
    arn: HeaderValue,
    next: AtomicU64,
    commands: mpsc::UnboundedSender<Command>,
}

impl HostedFunction {
    /// Hosts a function from here on, on the current Tokio runtime. Its processes are started when
    /// they are needed.
    pub fn start(settings: Settings) -> Result<Self, SettingsError> {
        let arn = check(&settings)?;
        let (commands, received) = mpsc::unbounded_channel();
        let name = settings.name.clone();
        tokio::spawn(Host::new(settings).run(received));
        Ok(Self { name, arn, next: AtomicU64::new(0), commands })
    }

    /// Takes no more invocations, lets those finish that run or wait, and ends the processes.
    /// Whatever is left after this time is killed. Returns, when no process is left, whether all
    /// could finish.
    pub async fn drain(&self, within: Duration) -> bool {
        let (told, drained) = oneshot::channel();
        let by = Instant::now() + within;
        if self.commands.send(Command::Drain { by, told }).is_err() {
            return true;
        }
        drained.await.unwrap_or(true)
    }
}

impl Function for HostedFunction {
    fn invoke(
        &self,
        event: Bytes,
        mut invocation: Invocation,
    ) -> BoxFuture<'_, Result<Bytes, InvokeError>> {
        Box::pin(async move {
            if event.len() > MAX_EVENT {
                return Err(InvokeError::TooLarge(format!("{} bytes", event.len())));
            }
            invocation.function_arn.get_or_insert_with(|| self.arn.clone());
            let within = invocation.timeout;
            let id = InvocationId(self.next.fetch_add(1, Ordering::Relaxed));
            let (answer, answered) = oneshot::channel();
            let call = Box::new(Call { event, invocation, answer });
            self.commands.send(Command::Invoke(id, call)).map_err(|_| InvokeError::Stopped)?;
            let _departure = Departure { id, commands: &self.commands };
            match timeout(within, answered).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(InvokeError::Stopped),
                Err(_) => Err(InvokeError::TimedOut(within)),
            }
        })
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl fmt::Debug for HostedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedFunction").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Tells the host, when dropped, that the caller of an invocation does not wait any longer.
struct Departure<'a> {
    id: InvocationId,
    commands: &'a mpsc::UnboundedSender<Command>,
}

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Leave(self.id)); // or there is no host to tell
    }
}
