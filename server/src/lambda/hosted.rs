//! A function whose processes we start ourselves.
//!
//! One task per function owns the pool and does what it orders; one task per process owns the
//! process and its Runtime API. They share nothing with other functions.

use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::HeaderValue;
use bytes::Bytes;
use futures_util::future::{BoxFuture, OptionFuture};
use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Function, FunctionError, Invocation, InvokeError, MAX_EVENT,
    pool::{Exit, Failure, InvocationId, Order, Pool, ProcessId, Rules},
    process::{Process, Settings},
    runtime_api::{Event, Job, Reporter, RuntimeApi},
};
use crate::clock;

/// How long a process may take until it asks for its first invocation: what Lambda gives its init
/// phase.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a process is kept that has nothing to do. Ours; Lambda keeps one for some minutes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);

/// Invocations of one function that may wait for a process. Ours: bounds memory, far above what
/// can be served within the 29 s that a caller waits.
const WAITING: usize = 1_000;

/// A Lambda function that runs in processes of this machine. Dropped, its processes are killed;
/// [`drain`](Self::drain) first lets them finish.
pub struct HostedFunction {
    name: String,
    arn: HeaderValue,
    next: AtomicU64,
    commands: mpsc::UnboundedSender<Command>,
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

enum Command {
    Invoke(InvocationId, Box<Call>),
    Leave(InvocationId),
    Drain { by: Instant, told: oneshot::Sender<bool> },
}

/// One invocation and who waits for it.
struct Call {
    event: Bytes,
    invocation: Invocation,
    answer: oneshot::Sender<Result<Bytes, InvokeError>>,
}

/// What a host keeps of a process.
struct Running {
    jobs: mpsc::UnboundedSender<Job>,
    end: CancellationToken,
}

/// The task of one function.
struct Host {
    settings: Arc<Settings>,
    pool: Pool,
    calls: HashMap<InvocationId, Call>,
    processes: HashMap<ProcessId, Running>,
    tasks: JoinSet<()>,
    report: mpsc::UnboundedSender<(ProcessId, Event)>,
    events: mpsc::UnboundedReceiver<(ProcessId, Event)>,
    drain: Option<Drain>,
}

struct Drain {
    by: Instant,
    in_time: bool,
    told: Vec<oneshot::Sender<bool>>,
}

impl Host {
    fn new(settings: Settings) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        let pool = Pool::new(Rules {
            concurrency: settings.concurrency,
            waiting: WAITING,
            timeout: settings.timeout,
            start_timeout: START_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
        });
        Self {
            settings: Arc::new(settings),
            pool,
            calls: HashMap::new(),
            processes: HashMap::new(),
            tasks: JoinSet::new(),
            report,
            events,
            drain: None,
        }
    }

    /// Works until the function's owner is gone. The tasks that own the processes end with it.
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        loop {
            let deadline = self.deadline(Instant::now());
            let wake = OptionFuture::from(deadline.map(|at| sleep_until(at.into())));
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command, Instant::now()),
                    None => return,
                },
                Some((process, event)) = self.events.recv() => {
                    self.note(process, event, Instant::now());
                }
                Some(()) = wake => self.wake(Instant::now()),
                Some(_) = self.tasks.join_next() => {}
            }
            while let Some(order) = self.pool.poll() {
                self.carry_out(order);
            }
            self.tell_drained();
        }
    }

    fn deadline(&self, now: Instant) -> Option<Instant> {
        let drain = self.drain.as_ref().filter(|drain| drain.in_time).map(|drain| drain.by);
        self.pool.deadline(now).into_iter().chain(drain).min()
    }

    fn obey(&mut self, command: Command, now: Instant) {
        match command {
            Command::Invoke(id, call) => {
                self.calls.insert(id, *call);
                self.pool.invoke(id, now);
            }
            Command::Leave(id) => {
                if self.pool.leave(id, now) {
                    self.calls.remove(&id);
                }
            }
            Command::Drain { by, told } => {
                self.pool.drain(now);
                let drain = self.drain.get_or_insert(Drain { by, in_time: true, told: Vec::new() });
                drain.by = drain.by.min(by);
                drain.told.push(told);
            }
        }
    }

    fn note(&mut self, process: ProcessId, event: Event, now: Instant) {
        match event {
            Event::Asked => self.pool.asked(process, now),
            Event::Answered(id, result) => {
                if self.pool.answered(process, id) {
                    self.answer(id, result.map_err(InvokeError::Function));
                }
            }
            Event::Refused(error) => {
                tracing::warn!(function = self.settings.name, %error, "a function cannot begin");
                self.pool.refused(process, error, now);
            }
            Event::Ended(failure) => {
                self.processes.remove(&process);
                self.pool.ended(process, failure, now);
            }
        }
    }

    fn wake(&mut self, now: Instant) {
        self.pool.tick(now);
        if let Some(drain) = &mut self.drain
            && drain.by <= now
            && !self.pool.is_empty()
        {
            drain.in_time = false;
            self.pool.stop();
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Start(process) => self.start(process),
            Order::Run(process, id) => self.give(process, id),
            Order::Fail(id, failure) => {
                if let Some(call) = self.calls.get(&id) {
                    let error = failed(failure, call.invocation.request_id(), &self.settings);
                    tracing::warn!(function = self.settings.name, %error, "an invocation failed");
                    self.answer(id, Err(error));
                }
            }
            Order::End(process) => {
                if let Some(running) = self.processes.get(&process) {
                    running.end.cancel();
                }
            }
        }
    }

    fn start(&mut self, process: ProcessId) {
        let (jobs, queue) = mpsc::unbounded_channel();
        let end = CancellationToken::new();
        let reporter = Reporter { process, events: self.report.clone() };
        self.tasks.spawn(live(self.settings.clone(), queue, end.clone(), reporter));
        self.processes.insert(process, Running { jobs, end });
    }

    fn give(&mut self, process: ProcessId, id: InvocationId) {
        let (Some(running), Some(call)) = (self.processes.get(&process), self.calls.get(&id))
        else {
            return; // the process has ended a moment ago, which the pool is about to hear
        };
        let time = u64::try_from(self.settings.timeout.as_millis()).unwrap_or(u64::MAX);
        let job = Job {
            id,
            invocation: call.invocation.clone(),
            event: call.event.clone(),
            deadline: clock::now().saturating_add(time),
        };
        let _ = running.jobs.send(job); // as above
    }

    fn answer(&mut self, id: InvocationId, result: Result<Bytes, InvokeError>) {
        if let Some(call) = self.calls.remove(&id) {
            let _ = call.answer.send(result); // or its caller has left
        }
    }

    fn tell_drained(&mut self) {
        if let Some(drain) = &mut self.drain
            && self.pool.is_empty()
        {
            for told in drain.told.drain(..) {
                let _ = told.send(drain.in_time); // or nobody waits for it
            }
        }
    }
}

/// The task of one process, from its start to its end.
async fn live(
    settings: Arc<Settings>,
    jobs: mpsc::UnboundedReceiver<Job>,
    end: CancellationToken,
    reporter: Reporter,
) {
    let failure = match run(&settings, jobs, &end, &reporter).await {
        Ok(exit) => {
            if !end.is_cancelled() {
                tracing::warn!(function = settings.name, ?exit, "a function's process ended");
            }
            Failure::Exited(exit)
        }
        Err(error) => {
            let command = settings.command.join(" ");
            let message = format!("`{command}` cannot be started: {error}");
            Failure::Start(FunctionError::new("Runtime.InvalidEntrypoint", message))
        }
    };
    reporter.report(Event::Ended(failure));
}

async fn run(
    settings: &Settings,
    jobs: mpsc::UnboundedReceiver<Job>,
    end: &CancellationToken,
    reporter: &Reporter,
) -> io::Result<Exit> {
    let api = RuntimeApi::serve(jobs, reporter.clone()).await?;
    let mut process = Process::start(settings, api.address())?;
    tokio::select! {
        exit = process.ended() => return exit,
        () = end.cancelled() => {}
    }
    process.kill();
    process.ended().await
}

/// What the caller of an invocation is told, in the words of Lambda.
fn failed(failure: Failure, request_id: &str, settings: &Settings) -> InvokeError {
    let report = |error_type: &str, message: String| {
        let message = format!("RequestId: {request_id} Error: {message}");
        InvokeError::Function(FunctionError::new(error_type, message))
    };
    let timed_out = |after: Duration| {
        report(
            "Sandbox.Timedout",
            format!("Task timed out after {:.2} seconds", after.as_secs_f64()),
        )
    };
    let exited = |how: String| report("Runtime.ExitError", how);
    match failure {
        Failure::Exited(Exit::Code(0)) => {
            exited("Runtime exited without providing a reason".into())
        }
        Failure::Exited(Exit::Code(code)) => {
            exited(format!("Runtime exited with error: exit status {code}"))
        }
        Failure::Exited(Exit::Signal(signal)) => {
            exited(format!("Runtime exited with error: signal: {}", signal_name(signal)))
        }
        Failure::Start(error) => InvokeError::Function(error),
        Failure::StartTimedOut => timed_out(START_TIMEOUT),
        Failure::TimedOut => timed_out(settings.timeout),
        Failure::Throttled => InvokeError::Throttled(format!("{WAITING} invocations wait")),
        Failure::Stopped => InvokeError::Stopped,
    }
}

/// Signals as Lambda's supervisor spells them, with the numbers that all Unix systems share.
fn signal_name(signal: i32) -> String {
    match signal {
        2 => "interrupt".into(),
        3 => "quit".into(),
        6 => "aborted".into(),
        9 => "killed".into(),
        11 => "segmentation fault".into(),
        15 => "terminated".into(),
        other => format!("signal {other}"),
    }
}

/// Returns the function's ARN if the function can be hosted.
fn check(settings: &Settings) -> Result<HeaderValue, SettingsError> {
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

    #[test]
    fn failures_read_as_on_lambda() {
        let told = |failure| failed(failure, "8f50", &settings("chat")).to_string();
        for (failure, expected) in [
            (
                Failure::TimedOut,
                "Sandbox.Timedout: RequestId: 8f50 Error: Task timed out after 3.00 seconds",
            ),
            (
                Failure::Exited(Exit::Code(0)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited without providing a reason",
            ),
            (
                Failure::Exited(Exit::Code(1)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited with error: exit status 1",
            ),
            (
                Failure::Exited(Exit::Signal(9)),
                "Runtime.ExitError: RequestId: 8f50 Error: Runtime exited with error: signal: killed",
            ),
        ] {
            assert_eq!(told(failure), format!("the function failed: {expected}"));
        }
        assert_eq!(failed(Failure::TimedOut, "", &settings("chat")).status(), 502);
    }
}
