//! The task of a hosted function: does what the pool orders, and tells it what happens.

use std::{collections::HashMap, io, sync::Arc, time::Instant};

use bytes::Bytes;
use futures_util::future::OptionFuture;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;

use super::{
    FunctionError, Invocation, InvokeError, Settings,
    hosted::{IDLE_TIMEOUT, WAITING},
    pool::{Exit, Failure, InvocationId, Order, Pool, ProcessId, Rules},
    process::Process,
    report::failed,
    runtime_api::{Event, Job, Reporter, RuntimeApi},
};
use crate::clock;

/// What the owner of a function asks of its task.
pub(super) enum Command {
    Invoke(InvocationId, Box<Call>),
    Leave(InvocationId),
    Drain { by: Instant, told: oneshot::Sender<bool> },
}

/// One invocation and who waits for it.
pub(super) struct Call {
    pub(super) event: Bytes,
    pub(super) invocation: Invocation,
    pub(super) answer: oneshot::Sender<Result<Bytes, InvokeError>>,
}

/// What a host keeps of a process.
struct Running {
    jobs: mpsc::UnboundedSender<Job>,
    end: CancellationToken,
}

/// The task of one function.
pub(super) struct Host {
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
    pub(super) fn new(settings: Settings) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        let pool = Pool::new(Rules {
            concurrency: settings.concurrency,
            waiting: WAITING,
            timeout: settings.timeout,
            start_timeout: settings.start_timeout,
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
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
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
                    tracing::debug!(function = self.settings.name, %error, "an invocation failed");
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
