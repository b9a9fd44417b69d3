//! A Lambda function as an integration: the proxy integration of API Gateway (`AWS_PROXY`).

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use gatewire::{Error, Result};
use thiserror::Error as ThisError;

use super::{Call, Integration, Outcome, Response};
use crate::{
    event::{Event, json::EventStyle},
    lambda::{
        Function, Invocation, InvokeError,
        response::{self, NullAnswer},
    },
    trace::{Kind, NewSpan},
};

/// The shortest time that an integration may be given (API Gateway quotas).
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(50);

/// The longest, and what an integration has unless told (API Gateway quotas).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(29);

/// Answers a route with a Lambda function, which gets the event that API Gateway would give it.
#[derive(Clone)]
pub struct Lambda {
    function: Arc<dyn Function>,
    invoked: Option<String>,
    timeout: Duration,
    null: NullAnswer,
    style: EventStyle,
}

/// An integration takes between 50 ms and 29 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("an integration's timeout is between 50 ms and 29 s, not {0:?}")]
pub struct TimeoutError(pub Duration);

impl Lambda {
    /// Answers with this function, which has 29 s for it. It may answer nothing.
    #[must_use]
    pub fn new(function: Arc<dyn Function>) -> Self {
        Self {
            function,
            invoked: None,
            timeout: LONGEST_TIMEOUT,
            null: NullAnswer::Accept,
            style: EventStyle::default(),
        }
    }

    /// How long a client waits for the function: 50 ms to 29 s. The function is not stopped then.
    pub fn timeout(mut self, timeout: Duration) -> Result<Self, TimeoutError> {
        if !(SHORTEST_TIMEOUT..=LONGEST_TIMEOUT).contains(&timeout) {
            return Err(TimeoutError(timeout));
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// The ARN, with an alias perhaps, that the function is told to have been called by.
    #[must_use]
    pub fn invoked_as(mut self, arn: impl Into<String>) -> Self {
        self.invoked = Some(arn.into());
        self
    }

    /// What it means for a message when the function answers nothing. Whether AWS takes that is
    /// unknown. `$connect` never does: who forgets to answer there lets nobody in.
    #[must_use]
    pub fn null_answer(mut self, null: NullAnswer) -> Self {
        self.null = null;
        self
    }

    /// How events are spelled.
    #[must_use]
    pub fn style(mut self, style: EventStyle) -> Self {
        self.style = style;
        self
    }

    async fn run(self, call: Call) -> Result<Outcome> {
        let event = Bytes::from(call.to_json(self.style));
        let mut invocation = Invocation::new(self.timeout).trace_id(&call.x_ray());
        if let Some(arn) = &self.invoked {
            invocation = invocation.function_arn(arn);
        }
        let answer = match self.function.invoke(event, invocation).await {
            Ok(answer) => answer,
            Err(error) => return failed(&call.event, error),
        };
        match &call.event {
            Event::Connect(_) => Ok(Outcome::Response(read(&answer, NullAnswer::Refuse)?)),
            Event::Message(_) => Ok(Outcome::Response(read(&answer, self.null)?)),
            // What the function answers is ignored, whatever it is.
            Event::Disconnect(_) => Ok(Outcome::Response(Response::default())),
        }
    }
}

impl Integration for Lambda {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        Box::pin(self.clone().run(call))
    }

    fn span(&self, _: &Call) -> NewSpan {
        match self.function.name() {
            Some(name) => NewSpan::new(Kind::Client, format!("invoke {name}"))
                .with("faas.invoked_name", name.to_owned()),
            None => NewSpan::new(Kind::Client, "invoke"),
        }
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn read(answer: &[u8], null: NullAnswer) -> Result<Response> {
    response::parse(answer, null).map_err(Error::internal)
}

/// What an invocation that failed leads to. A handshake is refused with a status of its own where
/// the function itself is not at fault.
fn failed(event: &Event, error: InvokeError) -> Result<Outcome> {
    if let InvokeError::TimedOut(after) = error {
        let message = format!("the function had not answered after {after:?}");
        return Err(Error::new(Error::TIMED_OUT, message).temporary());
    }
    let status = error.status();
    match event {
        Event::Connect(_) if status != 502 => {
            tracing::error!(%error, "$connect cannot be invoked");
            Ok(Outcome::Response(Response { status, ..Response::default() }))
        }
        Event::Connect(_) | Event::Message(_) | Event::Disconnect(_) => Err(Error::internal(error)),
    }
}
