//! One task per socket: read, route, write.
//!
//! The task owns the socket. Whoever has something for the peer puts it into the `Mailbox`; the
//! task writes all that waits with one flush. Actions run one after another in the `Lane`, on
//! this same task, so that an action which answers at once costs no wake-up.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{FutureExt, SinkExt, StreamExt};
use gatewire::{CloseCode, ConnectionId, Principal, frame::GoAwayReason};
use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    clock,
    departure::{Departed, depart},
    drain::goodbye,
    event::Opened,
    id,
    mailbox::{End, Mailbox, Waiting},
    node::{Node, Settings},
};

mod age;
mod closed;
mod lane;
mod speech;

use age::{Age, Due};
pub use closed::Closed;
pub(crate) use closed::close_reason;
use closed::{TIME_IS_UP, abnormal, by_peer};
use lane::Lane;
use speech::Speech;
pub(crate) use speech::plain_error;

/// How many frames that are already there are read before their answers are written. Bounds how
/// long the first of them waits; the figure is ours.
const BATCH: usize = 64;

/// How long a close handshake may take before the socket is dropped.
const CLOSING: Duration = Duration::from_millis(500);

/// Who opened a connection, and how it speaks.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: ConnectionId,
    pub(crate) opened: Arc<Opened>,
    pub(crate) principal: Arc<Principal>,
    pub(crate) protocol: Protocol,
    pub(crate) expires: Option<u64>,
}

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The subprotocol `gatewire.v1`.
    V1,
    /// API Gateway's: any JSON, no envelope.
    Plain,
}

/// Runs a connection from its first frame to the last effect of its last action.
pub(crate) async fn run(socket: WebSocket, node: Arc<Node>, peer: Peer) {
    let settings = node.settings.load_full();
    let mailbox = open_mailbox(&node, &settings, &peer);
    if node.stop.is_cancelled() {
        mailbox.leave(Duration::ZERO); // the drain began while this socket was being opened
    }
    let mut connection = Connection {
        speech: Speech::new(node.clone(), settings.clone(), peer.clone(), mailbox.clone()),
        lane: Lane::default(),
        socket,
        mailbox,
        age: Age::new(Instant::now(), settings.lifetime),
        in_flight: settings.limits.in_flight,
        node,
    };
    let observer = connection.node.watchers.observer.clone();
    if let Some(observer) = &observer {
        observer.opened(peer.id);
    }
    let closed = connection.converse().await;
    if let Some(observer) = &observer {
        observer.closed(peer.id, &closed);
    }
    let Connection { socket, lane, speech, node, .. } = connection;
    drop(socket);
    let principal = speech.peer().principal.clone();
    let departed = Departed { connection: peer.id, opened: peer.opened, principal, closed };
    depart(&node, speech.session(), departed, lane.finish()).await;
}

fn open_mailbox(node: &Node, settings: &Settings, peer: &Peer) -> Arc<Mailbox> {
    let (limits, now) = (settings.mailbox, clock::now());
    match peer.protocol {
        Protocol::V1 => {
            let mailbox = Arc::new(Mailbox::greeting(limits, now));
            node.relay.open_greeting(peer.id, mailbox.clone());
            mailbox
        }
        Protocol::Plain => {
            let mailbox = Arc::new(Mailbox::new(limits, now));
            node.relay.open_plain(peer.id, mailbox.clone());
            mailbox
        }
    }
}

struct Connection {
    socket: WebSocket,
    mailbox: Arc<Mailbox>,
    lane: Lane,
    speech: Speech,
    node: Arc<Node>,
    age: Age,
    /// How many actions may run or wait at once.
    in_flight: usize,
}

impl Connection {
    async fn converse(&mut self) -> Closed {
        loop {
            // Actions that answer without waiting do so here, into the same flush.
            let _still_running = self.lane.run().now_or_never();
            if let Err(closed) = self.write_waiting().await {
                return closed;
            }
            let deadline = self.deadline();
            let room = self.has_room();
            tokio::select! {
                () = self.mailbox.changed() => {}
                () = self.lane.run(), if !self.lane.is_empty() => {}
                frame = self.socket.next(), if room => {
                    if let Err(closed) = self.read(frame).await {
                        return closed;
                    }
                }
                refreshed = self.speech.refreshed(), if self.speech.is_refreshing() => {
                    if let Err(refusal) = refreshed {
                        tracing::info!(connection = %self.speech.peer().id, %refusal, "token refused");
                        return self.close(refusal.close_code(), &refusal.to_string()).await;
                    }
                }
                () = sleep_until(deadline) => {
                    if let Some(reason) = self.on_time() {
                        let reason = match self.speech.peer().protocol {
                            Protocol::V1 => reason,
                            Protocol::Plain => TIME_IS_UP,
                        };
                        return self.close(CloseCode::GOING_AWAY, reason).await;
                    }
                }
            }
        }
    }

    /// Takes this frame and those that are already there behind it.
    async fn read(&mut self, first: Option<Result<Message, axum::Error>>) -> Result<(), Closed> {
        let mut next = first;
        let mut taken = 0;
        loop {
            match next {
                Some(Ok(message)) => self.take(message).await?,
                Some(Err(error)) => return Err(self.fail(error).await),
                None => return Err(abnormal()),
            }
            taken += 1;
            if taken == BATCH || !self.has_room() {
                return Ok(());
            }
            match self.socket.next().now_or_never() {
                Some(frame) => next = frame,
                None => return Ok(()),
            }
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), Closed> {
        self.mailbox.touch(clock::now());
        match message {
            Message::Text(text) => {
                if let Some(action) = self.speech.hear(&text) {
                    self.lane.push(action);
                }
                Ok(())
            }
            Message::Binary(bytes) if self.speech.takes_binary() => {
                self.lane.push(self.speech.hear_binary(bytes));
                Ok(())
            }
            Message::Binary(_) => {
                let reason = "binary frames are not supported; send text";
                Err(self.reject(CloseCode::UNSUPPORTED_DATA, reason).await)
            }
            Message::Ping(_) | Message::Pong(_) => Ok(()), // answered by the WebSocket layer
            Message::Close(frame) => {
                // Reading on until the end lets the layer below flush its own close frame.
                let _timed_out =
                    timeout(CLOSING, async { while let Some(Ok(_)) = self.socket.next().await {} })
                        .await;
                Err(by_peer(frame))
            }
        }
    }

    /// Writes what waits, all of it with one flush, and closes if that was decided.
    async fn write_waiting(&mut self) -> Result<(), Closed> {
        loop {
            self.leave_if_told();
            let (texts, end) = self.take_waiting();
            if !texts.is_empty() {
                self.mailbox.touch(clock::now());
                tokio::select! {
                    biased;
                    written = write_all(&mut self.socket, texts) => written.map_err(|_| abnormal())?,
                    // The peer does not read, and its mailbox has filled up meanwhile, or it has
                    // come back on a newer socket.
                    () = self.mailbox.abandoned() => {}
                }
                continue; // waiting for the overflow may have taken the news of something new
            }
            return match end {
                None => Ok(()),
                Some(end) => Err(self.end(end).await),
            };
        }
    }

    async fn end(&mut self, end: End) -> Closed {
        if end.drain {
            self.leave_if_told();
            let (texts, _) = self.take_waiting();
            if write_all(&mut self.socket, texts).await.is_err() {
                return abnormal();
            }
            self.lane.run().await;
            let texts = self.mailbox.seal();
            self.tell(&texts);
            if write_all(&mut self.socket, texts).await.is_err() {
                return abnormal();
            }
        }
        self.close(end.code, &end.reason).await
    }

    async fn close(&mut self, code: CloseCode, reason: &str) -> Closed {
        let frame = CloseFrame { code: code.0, reason: Utf8Bytes::from(close_reason(reason)) };
        let _timed_out = timeout(CLOSING, async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        })
        .await;
        Closed { code, reason: reason.to_owned(), successor: None }
    }

    /// Closes because of a frame that is not taken. What was read before it is answered first, as
    /// far as answers are there: they must not depend on how many frames were read at once.
    async fn reject(&mut self, code: CloseCode, reason: &str) -> Closed {
        let _still_running = self.lane.run().now_or_never();
        let (texts, _) = self.take_waiting();
        let _timed_out = timeout(CLOSING, write_all(&mut self.socket, texts)).await;
        self.close(code, reason).await
    }

    /// A frame broke the protocol or a limit: the peer is told which, then the socket closes.
    async fn fail(&mut self, error: axum::Error) -> Closed {
        use tungstenite::error::{CapacityError, Error, ProtocolError};
        let error = error.into_inner();
        let Some(error) = error.downcast_ref::<Error>() else {
            return abnormal();
        };
        match error {
            Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                let reason = format!("{size} bytes are over the message limit of {max_size}");
                self.reject(CloseCode::TOO_BIG, &reason).await
            }
            Error::Capacity(_) => self.reject(CloseCode::TOO_BIG, "the message is too large").await,
            Error::Utf8(_) => self.reject(CloseCode::INVALID_PAYLOAD, "text is UTF-8").await,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => abnormal(),
            Error::Protocol(_) => {
                self.reject(CloseCode::PROTOCOL_ERROR, "the frame breaks RFC 6455").await
            }
            _ => abnormal(),
        }
    }

    /// Whether another action may be taken in. Without room the socket is not read, and the peer's
    /// writes wait: the bound costs nobody an error.
    fn has_room(&self) -> bool {
        self.lane.len() < self.in_flight
    }

    /// Asks the peer of a draining server to come back elsewhere, once. Who cannot be asked goes at
    /// the moment it would have been asked for.
    fn leave_if_told(&mut self) {
        if let Some(delay) = self.mailbox.take_leave()
            && !self.speech.say_go_away(GoAwayReason::Drain, delay)
        {
            self.age.leave_at(Instant::now() + delay);
        }
    }

    fn deadline(&self) -> Instant {
        let idle = Instant::now() + self.speech.idle_limit().saturating_sub(self.quiet());
        idle.min(self.age.next())
    }

    /// Does what is due, and says why the connection ends if it does.
    fn on_time(&mut self) -> Option<&'static str> {
        match self.age.due(Instant::now()) {
            Some(Due::End) => Some("the connection has lived its time"),
            Some(Due::Leave) => {
                self.mailbox.end(goodbye());
                None
            }
            Some(Due::Tell { within }) => {
                self.speech.say_go_away(GoAwayReason::Lifetime, id::random_within(within));
                None
            }
            None if self.quiet() >= self.speech.idle_limit() => Some("the connection was idle"),
            None => None,
        }
    }

    /// For how long no frame has gone either way.
    fn quiet(&self) -> Duration {
        Duration::from_millis(clock::now().saturating_sub(self.mailbox.last_active()))
    }

    /// What waits, and whether the connection ends after it. It is told of as it is taken.
    fn take_waiting(&self) -> (VecDeque<Waiting>, Option<End>) {
        let (texts, end) = self.mailbox.drain();
        self.tell(&texts);
        (texts, end)
    }

    fn tell(&self, texts: &VecDeque<Waiting>) {
        if let Some(observer) = &self.node.watchers.observer
            && !texts.is_empty()
        {
            observer.sent(self.speech.peer().id, texts.len());
        }
    }
}

async fn write_all(
    socket: &mut WebSocket,
    frames: impl IntoIterator<Item = Waiting>,
) -> Result<(), axum::Error> {
    for waiting in frames {
        socket.feed(waiting.into_frame().into()).await?;
    }
    socket.flush().await
}
