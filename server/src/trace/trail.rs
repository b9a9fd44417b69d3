//! The spans of one request: the gateway's own, from when it came to its end, and in it the call of
//! the integration.

use std::sync::Arc;

use gatewire::{Error, Result};
use serde_json::value::RawValue;

use super::{Kind, NewSpan, Parent, Span, Traced, Tracer};
use crate::{
    event::{Event, Message, Request},
    integration::{Call, Caller, Integration, Outcome},
    observe::status_of,
};

/// A request whose spans somebody records.
pub(crate) struct Trail {
    tracer: Arc<dyn Tracer>,
    // Dropped in this order: what is within another ends before it.
    integration: Option<Asked>,
    request: Box<dyn Span>,
    subject: Subject,
}

/// What a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// An HTTP request, which has a status.
    Handshake,
    /// A message, or the end of a connection.
    Message,
}

/// The call of an integration.
struct Asked {
    span: Box<dyn Span>,
    is_http: bool,
}

impl Trail {
    /// The gateway has taken the request. From here on the call is part of this span. `None` when
    /// nobody records; boxed, because it would live in every running action.
    pub(crate) fn begin(tracer: &Traced, call: &mut Call) -> Option<Box<Self>> {
        let tracer = tracer.clone()?;
        let parent = call.trace.as_deref().cloned().map(Parent::Remote);
        let request = tracer.begin(describe(call).child_of(parent));
        go_on(call, &*request);
        let subject = match &call.event {
            Event::Connect(_) => Subject::Handshake,
            Event::Message(_) | Event::Disconnect(_) => Subject::Message,
        };
        Some(Box::new(Self { tracer, integration: None, request, subject }))
    }

    /// The integration is asked now. From here on the call is part of that.
    pub(crate) fn ask(&mut self, integration: &dyn Integration, call: &mut Call) {
        let parent = call.trace.as_deref().cloned().map(Parent::Local);
        let span = integration.span(call).child_of(parent);
        let asked = Asked { is_http: span.is_http(), span: self.tracer.begin(span) };
        go_on(call, &*asked.span);
        self.integration = Some(asked);
    }

    /// This has come of it.
    pub(crate) fn end(mut self, result: &Result<Outcome>) {
        if let Some(asked) = &mut self.integration {
            asked.end(result);
        }
        let status = match result {
            Ok(Outcome::Response(response)) => response.status,
            Ok(_) => 200,
            Err(error) => status_of(error),
        };
        match (self.subject, result) {
            (Subject::Handshake, _) => self.end_handshake(status),
            (Subject::Message, Err(error)) => note(&mut *self.request, error, status),
            (Subject::Message, Ok(_)) => {}
        }
    }

    /// The handshake has ended with this status.
    pub(crate) fn end_handshake(&mut self, status: u16) {
        let status = if (200..300).contains(&status) { 101 } else { status };
        self.request.set("http.response.status_code", i64::from(status).into());
        if status >= 500 {
            self.request.set("error.type", status.to_string().into());
            self.request.fail("the handshake failed");
        }
    }
}

impl Asked {
    fn end(&mut self, result: &Result<Outcome>) {
        match result {
            Ok(Outcome::Response(response)) if self.is_http => {
                let status = response.status;
                self.span.set("http.response.status_code", i64::from(status).into());
                if status >= 400 {
                    self.span.set("error.type", status.to_string().into());
                    self.span.fail("the service answered by an error");
                }
            }
            Ok(Outcome::Accepted(accepted)) => {
                self.span.set("messaging.message.id", accepted.message_id.clone().into());
            }
            Ok(_) => {}
            Err(error) => note(&mut *self.span, error, status_of(error)),
        }
    }
}

/// Records a message that no route answers.
pub(crate) fn refused(tracer: &Traced, caller: &Caller, request: &Arc<Request>, error: &Error) {
    if tracer.is_none() {
        return;
    }
    let event = Event::Message(Message::data(RawValue::NULL.to_owned()));
    let mut call = Call::new("unknown route".into(), event, caller.clone(), request.clone());
    if let Some(trail) = Trail::begin(tracer, &mut call) {
        trail.end(&Err(error.clone()));
    }
}

/// What somebody else did wrong is no failure of ours.
fn note(span: &mut dyn Span, error: &Error, status: u16) {
    span.set("error.type", error.code().to_owned().into());
    if status >= 500 {
        span.fail(error.message());
    }
}

fn go_on(call: &mut Call, span: &dyn Span) {
    if let Some(context) = span.context() {
        call.trace = Some(Arc::new(context.clone()));
    }
}

/// The span of a request, by what is known when it comes. Of what a message says nothing is told.
fn describe(call: &Call) -> NewSpan {
    let (opened, stage) = (call.caller.opened(), call.caller.stage());
    let span = match &call.event {
        Event::Connect(_) => {
            NewSpan::new(Kind::Server, "GET $connect").with("http.request.method", "GET")
        }
        Event::Message(_) => NewSpan::messaging(Kind::Server, "receive", &call.route),
        Event::Disconnect(_) => NewSpan::new(Kind::Server, "$disconnect"),
    };
    let mut span = span
        .since(call.request.received())
        .with("network.protocol.name", "websocket")
        .with("network.transport", "tcp")
        .with("gatewire.stage", stage.name.clone())
        .with("gatewire.connection.id", call.caller.connection().to_string())
        .with("gatewire.request.id", call.request.id().to_string());
    if let Some(address) = opened.source_ip {
        span = span.with("client.address", address.to_string());
    }
    if !opened.domain_name.is_empty() {
        span = span.with("server.address", host(&opened.domain_name).to_owned());
    }
    if !opened.user_agent.is_empty() {
        span = span.with("user_agent.original", opened.user_agent.clone());
    }
    span
}

/// A domain name without its port.
fn host(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => domain,
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_has_no_port() {
        for (domain, expected) in [
            ("chat.example", "chat.example"),
            ("chat.example:8080", "chat.example"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(host(domain), expected);
        }
    }
}
