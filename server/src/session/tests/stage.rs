//! A server and its clients without sockets, for stories about sessions.

use std::sync::Arc;

use gatewire::{CloseCode, ConnectionId};

use super::super::{Arrival, Forgotten, ResumeLimits, Resumption, Session, SessionKey, Succession};
use crate::{
    connection::Closed,
    departure::Departed,
    mailbox::{Mailbox, MailboxLimits},
    relay::{LocalRelay, Relay},
    sessions::Sessions,
};

/// A server of one process, without its sockets.
pub(super) struct Server {
    pub(super) sessions: Sessions,
    pub(super) relay: LocalRelay,
}

/// One socket of one client.
pub(super) struct Client {
    pub(super) id: ConnectionId,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) session: Arc<Session>,
    pub(super) succession: Succession,
    pub(super) resumption: Resumption,
}

impl Server {
    pub(super) fn new(limits: ResumeLimits) -> Self {
        Self { sessions: Sessions::new(limits), relay: LocalRelay::default() }
    }

    /// A client says hello and takes the welcome.
    pub(super) fn hello(&self, name: &str, n: u8, seen: Option<u64>, now: u64) -> Client {
        let mailbox = Arc::new(Mailbox::greeting(MailboxLimits::default(), now));
        self.relay.open_greeting(id(n), mailbox.clone());
        self.hello_with(mailbox, name, n, seen, now)
    }

    pub(super) fn hello_with(
        &self,
        mailbox: Arc<Mailbox>,
        name: &str,
        n: u8,
        seen: Option<u64>,
        now: u64,
    ) -> Client {
        let arrival = Arrival {
            opened: Arc::default(),
            connection: id(n),
            principal: Arc::default(),
            mailbox: mailbox.clone(),
            seen,
        };
        let mut told = None;
        let (session, succession) = self
            .sessions
            .attach(key(name), arrival, now, &self.relay, |resumption| {
                told = Some(resumption);
                "welcome".into()
            })
            .expect("the sessions are open");
        let resumption = told.expect("every hello is welcomed");
        Client { id: id(n), mailbox, session, succession, resumption }
    }

    pub(super) async fn post(&self, n: u8, text: &str) -> Result<(), gatewire::PostError> {
        self.relay.deliver(id(n), event(text).into()).await
    }

    pub(super) async fn post_all(&self, ns: &[u8], text: &str) -> usize {
        let ids: Vec<_> = ns.iter().map(|n| id(*n)).collect();
        self.relay.deliver_all(&ids, event(text).into()).await.unwrap()
    }

    pub(super) fn forget(&self, now: u64) -> Vec<Forgotten> {
        std::iter::from_fn(|| self.sessions.forget_next(now)).collect()
    }
}

impl Client {
    /// What is written to the socket, without the welcome.
    pub(super) fn read(&self) -> Vec<String> {
        let texts = self.mailbox.drain().0.into_iter();
        texts.map(|text| text.into_text().to_string()).filter(|text| text != "welcome").collect()
    }

    /// The socket is lost, and no action runs any more.
    pub(super) fn vanish(&self, now: u64) {
        self.session.leave(self.id, now);
        assert!(self.session.rest(departed(self.id)).is_none());
    }
}

pub(super) fn key(name: &str) -> SessionKey {
    SessionKey::new(name, &"0123456789abcdef".parse().unwrap())
}

pub(super) fn id(n: u8) -> ConnectionId {
    ConnectionId::from_bytes([n; 11])
}

pub(super) fn event(text: &str) -> String {
    format!(r#"{{"event":"{text}"}}"#)
}

pub(super) fn numbered(number: u64, text: &str) -> String {
    format!(r#"{{"seq":{number},"event":"{text}"}}"#)
}

pub(super) fn departed(connection: ConnectionId) -> Departed {
    let closed = Closed { code: CloseCode::ABNORMAL, reason: String::new(), successor: None };
    Departed { connection, opened: Arc::default(), principal: Arc::default(), closed }
}
