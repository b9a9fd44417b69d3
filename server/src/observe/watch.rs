//! Follows one request from its call to its end.

use std::{sync::Arc, time::Instant};

use gatewire::{Error, Result};
use serde_json::value::RawValue;

use super::{Answered, Ended, Failure, Integrated, Observer};
use crate::{
    authorize::Refusal,
    event::{Event, Message, Request},
    integration::{Call, Caller, Outcome},
    trace::{self, Traced, Trail},
};

/// Who hears of a gateway's work, and who records its spans, if anybody does.
#[derive(Clone, Default)]
pub(crate) struct Watchers {
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) tracer: Traced,
}

/// A request whose end somebody wants to hear of.
pub(crate) struct Watch {
    observer: Arc<dyn Observer>,
    call: Call,
    asked: Asked,
}

/// Whether the integration was asked.
enum Asked {
    No,
    /// Then.
    At(Instant),
    /// It was, and how long it takes says nothing.
    Mock,
}

impl Watch {
    /// `None` when nobody listens. It is boxed because it would live in every running action.
    pub(crate) fn begin(watchers: &Watchers, call: &Call) -> Option<Box<Self>> {
        let observer = watchers.observer.clone()?;
        let call = Call {
            route: call.route.clone(),
            event: without_text(&call.event),
            caller: call.caller.clone(),
            request: call.request.clone(),
            trace: call.trace.clone(),
        };
        Some(Box::new(Self { observer, call, asked: Asked::No }))
    }

    /// The integration is asked now.
    pub(crate) fn ask(&mut self, has_latency: bool) {
        self.asked = if has_latency { Asked::At(Instant::now()) } else { Asked::Mock };
    }

    /// This has come of it.
    pub(crate) fn end(&self, result: &Result<Outcome>) {
        let answer = match result {
            Ok(Outcome::Response(response)) => Answered::Status(response.status),
            Ok(_) => Answered::Status(200),
            Err(error) => Answered::of_error(error),
        };
        let (status, failure) = match (result, &self.call.event) {
            (Err(error), Event::Connect(_)) => connected(super::status_of(error)),
            (Err(error), _) => (super::status_of(error), Some(Failure::of(error))),
            (Ok(Outcome::Response(response)), Event::Connect(_)) => connected(response.status),
            (Ok(_), _) => (200, None),
        };
        let integration = match self.asked {
            Asked::No => None,
            Asked::At(asked) => Some(Integrated { answer, latency: Some(asked.elapsed()) }),
            Asked::Mock => Some(Integrated { answer, latency: None }),
        };
        self.observer.ended(&Ended { call: &self.call, status, failure, integration });
    }
}

/// What the status of `$connect` makes of the handshake.
fn connected(status: u16) -> (u16, Option<Failure<'static>>) {
    if (200..300).contains(&status) {
        return (200, None);
    }
    let refusal = Refusal::by_status(status);
    let status = refusal.status().as_u16();
    (status, Some(Failure::of_status(status, refusal.public_message())))
}

/// Tells of a message that no route answers.
pub(crate) fn refused(watchers: &Watchers, caller: Caller, request: Arc<Request>, error: &Error) {
    trace::refused(&watchers.tracer, &caller, &request, error);
    let Some(observer) = &watchers.observer else { return };
    let event = Event::Message(Message::data(RawValue::NULL.to_owned()));
    let call = Call::new("".into(), event, caller, request);
    let (status, failure) = (super::status_of(error), Some(Failure::of(error)));
    observer.ended(&Ended { call: &call, status, failure, integration: None });
}

/// Tells of a handshake that needed no integration: without a refusal, the client is in.
pub(crate) fn handshaken(watchers: &Watchers, mut call: Call, refusal: Option<&Refusal>) {
    let status = refusal.map_or(200, |refusal| refusal.status().as_u16());
    if let Some(mut trail) = Trail::begin(&watchers.tracer, &mut call) {
        trail.end_handshake(status);
    }
    let Some(observer) = &watchers.observer else { return };
    let failure = refusal.map(|refusal| Failure::of_status(status, refusal.public_message()));
    observer.ended(&Ended { call: &call, status, failure, integration: None });
}

fn without_text(event: &Event) -> Event {
    match event {
        Event::Message(_) => Event::Message(Message::data(RawValue::NULL.to_owned())),
        event => event.clone(),
    }
}
