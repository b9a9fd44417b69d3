//! What a connection says, in either protocol: from a text to an action that answers itself.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use gatewire::{
    CloseCode, ConnectionId, Error, Result,
    frame::{
        self, ClientFrame, GoAway, GoAwayReason, Hello, Verdict, Welcome, plain, to_client,
        to_server::Token,
    },
};

use super::{Peer, Protocol, lane::Action};
use crate::{
    clock,
    departure::succeed,
    drain::goodbye,
    event::Request,
    integration::{Caller, Outcome, ReplyTo, Response},
    mailbox::{End, Mailbox},
    node::{Node, Settings},
    observe::plain_message,
    route::{self, Matched},
    session::{Arrival, Begin, Resumption, Session, SessionKey, Succession},
    trace::TraceContext,
};

/// How many heartbeats a gatewire client may miss before the server gives it up. Browsers slow the
/// timers of background pages down to one a minute, so it is several.
const MISSED_HEARTBEATS: u32 = 4;

mod refresh;

use refresh::Refresh;

/// One end of a conversation.
pub(super) struct Speech {
    node: Arc<Node>,
    settings: Arc<Settings>,
    peer: Peer,
    mailbox: Arc<Mailbox>,
    session: Attached,
    refresh: Refresh,
}

/// What has come of the hello.
enum Attached {
    /// Nothing was said yet.
    NotYet,
    /// The session continues here.
    To(Arc<Session>),
    /// It is refused: the socket closes, and what still comes is not heard.
    Refused,
}

impl Speech {
    pub(super) fn new(
        node: Arc<Node>,
        settings: Arc<Settings>,
        peer: Peer,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let (session, refresh) = (Attached::NotYet, Refresh::default());
        Self { node, settings, peer, mailbox, session, refresh }
    }

    /// Takes one text. What is left to run is returned; everything else is answered already.
    pub(super) fn hear(&mut self, text: &Utf8Bytes) -> Option<Action> {
        match self.peer.protocol {
            Protocol::V1 => self.hear_frame(text),
            Protocol::Plain => Some(self.run_message(self.node.routes.load().message(text))),
        }
    }

    /// Whether binary messages are heard at all: a plain client's, where the gateway is told so. The
    /// frames of `gatewire.v1` are texts.
    pub(super) fn takes_binary(&self) -> bool {
        self.peer.protocol == Protocol::Plain && self.settings.binary
    }

    /// Takes one binary message.
    pub(super) fn hear_binary(&self, bytes: Bytes) -> Action {
        self.run_message(self.node.routes.load().binary(bytes))
    }

    /// Who is at the other end, by what was granted last.
    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// After how much silence the peer is given up.
    pub(super) fn idle_limit(&self) -> Duration {
        match self.peer.protocol {
            Protocol::V1 => self.settings.heartbeat * MISSED_HEARTBEATS,
            Protocol::Plain => self.settings.idle,
        }
    }

    /// Asks a gatewire client to come back on another connection in this time. A plain client cannot
    /// be asked; then nothing is said, and `false` returned.
    pub(super) fn say_go_away(&self, reason: GoAwayReason, delay: Duration) -> bool {
        let asked = self.peer.protocol == Protocol::V1;
        if asked {
            let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            self.say(to_client::go_away(&GoAway { delay, reason }));
        }
        asked
    }

    /// The session that this connection has or had.
    pub(super) fn session(&self) -> Option<&Arc<Session>> {
        match &self.session {
            Attached::To(session) => Some(session),
            Attached::NotYet | Attached::Refused => None,
        }
    }

    /// Who an action of this connection comes from.
    pub(super) fn caller(&self, reply_to: ReplyTo) -> Caller {
        Caller {
            connection: self.peer.id,
            opened: self.peer.opened.clone(),
            stage: self.node.stage.load_full(),
            principal: self.peer.principal.clone(),
            outbox: self.node.clone(),
            reply_to,
            delivery: None,
        }
    }

    fn hear_frame(&mut self, text: &str) -> Option<Action> {
        if let Attached::Refused = self.session {
            return None;
        }
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(problem) => return self.say(frame::error(problem.id, &problem.error)),
        };
        match (&self.session, frame) {
            (Attached::NotYet, ClientFrame::Hello(hello)) => self.greet(&hello),
            (Attached::NotYet, ClientFrame::Action { id, .. }) => self.miss_hello(id),
            (Attached::NotYet, ClientFrame::Token(_)) => self.miss_hello(None),
            (Attached::To(session), ClientFrame::Action { route, id, data, seen, trace }) => {
                acknowledge(session, seen);
                let matched = self.node.routes.load().action(&route, data);
                let request = Request::traced(trace.and_then(TraceContext::from_json));
                self.act(session, id, matched, request)
            }
            (Attached::To(_), ClientFrame::Hello(_)) => {
                let error = Error::new(Error::MALFORMED, "hello is said once");
                self.say(frame::error(None, &error))
            }
            (Attached::To(_), ClientFrame::Token(Token(token))) => {
                self.take_token(token.into_owned());
                None
            }
            (attached, ClientFrame::Ping { number, seen }) => {
                if let Attached::To(session) = attached {
                    acknowledge(session, seen);
                }
                self.say(to_client::pong(number))
            }
            (_, _) => None,
        }
    }

    fn miss_hello(&self, id: Option<u64>) -> Option<Action> {
        let error = Error::new(Error::MALFORMED, "the first frame is hello");
        self.say(frame::error(id, &error))
    }

    fn greet(&mut self, hello: &Hello) -> Option<Action> {
        let judge = |named| self.node.contracts.judge(named);
        let Ok(verdict) = hello.contract.as_deref().map_or(Ok(None), judge) else {
            tracing::warn!(connection = %self.peer.id, "the client's contract is refused");
            return self.refuse(End {
                code: CloseCode::CONTRACT_REFUSED,
                reason: "the client's contract differs from the server's; update the client".into(),
                drain: false,
            });
        };
        if verdict == Some(Verdict::Differs) {
            tracing::warn!(connection = %self.peer.id, "the client's contract differs");
        }
        self.welcome(hello, verdict)
    }

    fn refuse(&mut self, end: End) -> Option<Action> {
        self.session = Attached::Refused;
        self.mailbox.end(end);
        None
    }

    fn welcome(&mut self, hello: &Hello, contract: Option<Verdict>) -> Option<Action> {
        let key = SessionKey::new(&self.peer.principal.id, &hello.session);
        let arrival = Arrival {
            connection: self.peer.id,
            opened: self.peer.opened.clone(),
            principal: self.peer.principal.clone(),
            mailbox: self.mailbox.clone(),
            seen: hello.seen,
        };
        let welcome = |resumption| self.welcome_text(contract, resumption).into();
        let (node, now) = (&self.node, clock::now());
        let attached = node.sessions.attach(key, arrival, now, &node.relay, welcome);
        let Some((session, succession)) = attached else {
            return self.refuse(goodbye());
        };
        self.session = Attached::To(session.clone());
        self.inherit(session, succession)
    }

    fn welcome_text(&self, contract: Option<Verdict>, resumption: Resumption) -> String {
        let settings = &self.settings;
        to_client::welcome(&Welcome {
            connection_id: self.peer.id,
            resumed: resumption.resumed,
            contract,
            heartbeat: u64::try_from(settings.heartbeat.as_millis()).unwrap_or(u64::MAX),
            limits: settings.limits,
            expires: self.peer.expires,
            seen: resumption.seen,
            gap: resumption.gap,
            last_id: resumption.last_id,
        })
    }

    /// Takes over from the connections that the session had before. It goes through the lane, so
    /// that the first action finds everything in place.
    fn inherit(&self, session: Arc<Session>, succession: Succession) -> Option<Action> {
        let Succession { bequeathing, departed, unreachable } = succession;
        for former in unreachable {
            self.node.relay.forget(former);
        }
        if bequeathing.is_empty() && departed.is_none() {
            return None;
        }
        let (node, id) = (self.node.clone(), self.peer.id);
        Some(Action::ordered(async move {
            succeed(&node, &session, id, bequeathing, departed).await;
        }))
    }

    /// An action of `gatewire.v1`: run it, unless this session has sent it before.
    fn act(
        &self,
        session: &Arc<Session>,
        id: Option<u64>,
        matched: Result<Matched>,
        request: Arc<Request>,
    ) -> Option<Action> {
        let origin = id.map(|id| (session.clone(), id));
        if let Some((session, id)) = &origin {
            match session.begin(*id) {
                Begin::Run => {}
                Begin::Running(Some(accepted)) => return self.say(accepted),
                Begin::Running(None) => return None,
                Begin::Answered(answer) => return self.say(answer),
            }
        }
        let caller = self.caller(match &origin {
            Some((session, id)) => ReplyTo::Session { session: session.key.clone(), id: *id },
            None => ReplyTo::Nobody,
        });
        let (ordered, watchers) = (is_ordered(&matched), self.node.watchers.clone());
        let run = Box::pin(async move {
            let result = route::call(matched, caller, request, watchers).await;
            match origin {
                Some((session, id)) => answer(&session, id, result),
                None => log_unasked(&result),
            }
        });
        Some(Action { ordered, run })
    }

    /// A plain message: run it and answer with bare JSON, or with a gateway frame.
    fn run_message(&self, matched: Result<Matched>) -> Action {
        let caller = self.caller(ReplyTo::Connection);
        let (mailbox, connection) = (self.mailbox.clone(), self.peer.id);
        let (request, detail) = (Request::now(), self.settings.error_detail);
        let (ordered, watchers) = (is_ordered(&matched), self.node.watchers.clone());
        let takes_binary = self.takes_binary();
        let run = Box::pin(async move {
            let result = route::call(matched, caller, request.clone(), watchers).await;
            let frame = match result {
                Ok(Outcome::Reply(reply)) if reply.get() == "null" => return,
                Ok(Outcome::Reply(reply)) => String::from(Box::<str>::from(reply)).into(),
                Ok(Outcome::Response(response)) if response.body.is_empty() => return,
                Ok(Outcome::Response(Response { body, binary: true, .. })) if takes_binary => {
                    body.into()
                }
                Ok(Outcome::Response(response)) => plain_text(&response).into(),
                Ok(Outcome::Frame(frame)) => frame,
                Ok(Outcome::Accepted(_)) => return, // the worker answers
                Err(error) => plain_error(connection, &request, &error, detail).into(),
            };
            let _gone = mailbox.answer(frame);
        });
        Action { ordered, run }
    }

    fn say(&self, text: impl Into<Utf8Bytes>) -> Option<Action> {
        let _gone = self.mailbox.answer(text.into());
        None
    }
}

/// What no route answers is answered in its turn.
fn is_ordered(matched: &Result<Matched>) -> bool {
    matched.as_ref().map_or(true, Matched::is_ordered)
}

fn acknowledge(session: &Session, seen: u64) {
    if seen > 0 {
        session.acknowledge(seen);
    }
}

/// Answers an action, on the socket its session has by then. Without one nothing is lost: the
/// session has the answer, and its client asks again.
fn answer(session: &Session, id: u64, result: Result<Outcome>) {
    match result {
        Ok(Outcome::Reply(reply)) => session.answered(id, to_client::reply(id, &reply).into()),
        Ok(Outcome::Response(response)) => {
            session.answered(id, to_client::reply(id, &response.into_reply()).into());
        }
        Ok(Outcome::Frame(frame)) => {
            session.answered(id, to_client::reply(id, &frame.into_reply()).into());
        }
        Ok(Outcome::Accepted(accepted)) => {
            session.accepted(id, to_client::accepted(id, &accepted).into());
        }
        Err(error) => {
            log_failure(&error);
            session.answered(id, frame::error(Some(id), &error).into());
        }
    }
}

/// What a service answered, as a text frame, whatever it is.
fn plain_text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// The frame API Gateway would send. With `detail`, what the gateway knows better is beside it.
pub(crate) fn plain_error(
    connection: ConnectionId,
    request: &Request,
    error: &Error,
    detail: bool,
) -> String {
    log_failure(error);
    let detail = (detail && error.code() != Error::INTERNAL).then(|| error.message());
    plain::gateway_error(plain_message(error), connection, request.id().as_str(), detail)
}

fn log_unasked(result: &Result<Outcome>) {
    if let Err(error) = result {
        tracing::debug!(%error, "an action that wants no answer failed");
        log_failure(error);
    }
}

/// What the client may not know, the log does.
fn log_failure(error: &Error) {
    if let Some(source) = error.source() {
        tracing::error!(error = source, "an action failed");
    }
}
