//! The Lambda Runtime API (2018-06-01) for one process of a function.
//!
//! Every process has a listener of its own on loopback, so that whoever asks is known. It lives as
//! long as the process: what an older one still says, nobody hears. Paths, headers and statuses are
//! those of the Lambda developer guide ("Using the Lambda runtime API").

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, Path, State,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use bytes::Bytes;
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    FunctionError, Invocation, MAX_ANSWER,
    pool::{Failure, InvocationId, ProcessId},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// An invocation on its way to a process.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: InvocationId,
    pub(super) invocation: Invocation,
    pub(super) event: Bytes,
    /// When the function's time is up, in milliseconds since the Unix epoch.
    pub(super) deadline: u64,
}

/// What happens in a process.
#[derive(Debug)]
pub(super) enum Event {
    /// It asks for an invocation.
    Asked,
    /// It has answered one.
    Answered(InvocationId, Result<Bytes, FunctionError>),
    /// It cannot begin.
    Refused(FunctionError),
    /// It has ended, or could not be started.
    Ended(Failure),
}

/// Reports what happens in one process.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    pub(super) process: ProcessId,
    pub(super) events: mpsc::UnboundedSender<(ProcessId, Event)>,
}

impl Reporter {
    pub(super) fn report(&self, event: Event) {
        // Nobody listens when the function's last owner is gone, and then its processes end.
        let _ = self.events.send((self.process, event));
    }
}

/// The Runtime API that one process speaks to; gone when dropped.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    address: SocketAddr,
    _stop: DropGuard,
}

impl RuntimeApi {
    /// Serves these jobs, in order, to whoever asks at its address.
    pub(super) async fn serve(
        jobs: mpsc::UnboundedReceiver<Job>,
        reporter: Reporter,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|socket| {
            // Else the client's delayed acknowledgement adds 40 ms or more to every invocation.
            if let Err(error) = socket.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY cannot be set");
            }
        });
        let stop = CancellationToken::new();
        let conversation = Arc::new(Conversation {
            jobs: tokio::sync::Mutex::new(jobs),
            turn: Mutex::new(Turn::Beginning),
            reporter,
            stop: stop.clone(),
        });
        let serving = axum::serve(listener, router(conversation))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(async move { serving.await });
        Ok(Self { address, _stop: stop.drop_guard() })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What a process and its host have said to each other.
struct Conversation {
    jobs: tokio::sync::Mutex<mpsc::UnboundedReceiver<Job>>,
    turn: Mutex<Turn>,
    reporter: Reporter,
    stop: CancellationToken,
}

enum Turn {
    /// The process has not asked for anything.
    Beginning,
    /// It has, and has nothing to do.
    Waiting,
    /// It runs an invocation.
    Running { id: InvocationId, request_id: String },
}

impl Conversation {
    fn turn(&self) -> std::sync::MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The invocation of this id, if it is the one that runs; from here on it does not.
    fn finish(&self, wanted: &str) -> Option<InvocationId> {
        let mut turn = self.turn();
        match &*turn {
            Turn::Running { id, request_id } if request_id == wanted => {
                let id = *id;
                *turn = Turn::Waiting;
                Some(id)
            }
            Turn::Beginning | Turn::Waiting | Turn::Running { .. } => None,
        }
    }

    fn answered(&self, request_id: &str, result: Result<Bytes, FunctionError>) -> bool {
        let finished = self.finish(request_id);
        if let Some(id) = finished {
            self.reporter.report(Event::Answered(id, result));
        }
        finished.is_some()
    }
}

fn router(conversation: Arc<Conversation>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(MAX_ANSWER))
        .with_state(conversation)
}

/// Waits for the next invocation. A job stays in its queue until somebody is there to take it, so a
/// client that gives up and asks again loses nothing.
async fn next(State(conversation): State<Arc<Conversation>>) -> Response {
    let mut jobs = conversation.jobs.lock().await; // one after another, should it ask twice
    {
        let mut turn = conversation.turn();
        if matches!(*turn, Turn::Running { .. }) {
            return refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", "answer first");
        }
        *turn = Turn::Waiting;
    }
    conversation.reporter.report(Event::Asked);
    let job = tokio::select! {
        job = jobs.recv() => job,
        () = conversation.stop.cancelled() => None,
    };
    let Some(job) = job else {
        return refuse(StatusCode::GONE, "Stopped", "there is nothing more to do");
    };
    let headers = headers(&job);
    let request_id = job.invocation.request_id;
    *conversation.turn() = Turn::Running { id: job.id, request_id };
    (headers, job.event).into_response()
}

async fn response(
    State(conversation): State<Arc<Conversation>>,
    Path(request_id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match body {
        Ok(answer) => accept(conversation.answered(&request_id, Ok(answer))),
        Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_ANSWER} bytes)."
            );
            let error = FunctionError::new("Function.ResponseSizeTooLarge", message.clone());
            conversation.answered(&request_id, Err(error));
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
        }
        Err(rejection) => rejection.into_response(), // the connection broke; the process may repeat
    }
}

async fn error(
    State(conversation): State<Arc<Conversation>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    accept(conversation.answered(&request_id, Err(reported(&headers, &body))))
}

async fn init_error(
    State(conversation): State<Arc<Conversation>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !matches!(*conversation.turn(), Turn::Beginning) {
        return refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", "it has begun already");
    }
    conversation.reporter.report(Event::Refused(reported(&headers, &body)));
    accept(true)
}

fn headers(job: &Job) -> HeaderMap {
    let id = HeaderValue::from_str(&job.invocation.request_id);
    let optional = [
        (REQUEST_ID, id.ok()), // always a UUID
        (FUNCTION_ARN, job.invocation.function_arn.clone()),
        (TRACE_ID, job.invocation.trace_id.clone()),
    ];
    let mut headers: HeaderMap =
        optional.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    headers.insert(DEADLINE, job.deadline.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

fn reported(headers: &HeaderMap, body: &[u8]) -> FunctionError {
    let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    FunctionError::from_json(body, error_type.unwrap_or("Runtime.Unknown"))
}

fn accept(known: bool) -> Response {
    if known {
        return (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response();
    }
    refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "no such invocation runs here")
}

fn refuse(status: StatusCode, error_type: &str, message: &str) -> Response {
    (status, Json(json!({ "errorType": error_type, "errorMessage": message }))).into_response()
}
