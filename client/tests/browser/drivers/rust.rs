//! The Rust API.

use std::time::Duration;

use gatewire::prelude::*;
use gatewire_client::{
    Client, Error, Options, Overflow, Protocol, SendOptions, Sent as SentAction,
};

use super::{Driver, Extras, MaybeSend, MaybeSync, Sent, Setup, Subscription};

/// What a browser may ask.
#[derive(Contract)]
#[contract(events = ChatEvent)]
pub(crate) enum Chat {
    /// Post a message to a room.
    #[reply(Posted)]
    SendMessage(SendMessage),
    /// Note something down.
    Note(Note),
}

/// What the chat may tell a browser.
#[derive(Events)]
#[expect(dead_code, reason = "to a client it is a table of contents; nobody makes one")]
pub(crate) enum ChatEvent {
    /// Somebody wrote.
    Message(Message),
}

#[message]
pub(crate) struct SendMessage {
    pub(crate) text: String,
}

#[message]
pub(crate) struct Note {
    text: String,
}

#[message]
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) id: u32,
}

#[message]
pub(crate) struct Message {
    pub(crate) text: String,
}

pub(crate) type RustApi = Client<Chat>;

impl Driver for RustApi {
    type Sent = SentAction<SendMessage>;

    fn fingerprint() -> Option<&'static str> {
        Chat::fingerprint()
    }

    fn start(setup: Setup) -> Self {
        let on_problem = setup.on_problem;
        let mut options = Options::default()
            .timeout(millis(setup.timeout))
            .on_problem(move |problem| on_problem(format!("{problem} {problem:?}")));
        if let Some(token) = setup.token {
            options = options.token(move || std::future::ready(token().map_err(Into::into)));
        }
        if let Some(ttl) = setup.ttl {
            options = options.ttl(millis(ttl));
        }
        if let Some(length) = setup.queue_length {
            options = options.queue_length(length as usize);
        }
        if setup.drop_oldest {
            options = options.overflow(Overflow::DropOldest);
        }
        if let Some((high, low)) = setup.watermarks {
            options = options.watermarks(high as usize, low as usize);
        }
        if let Some(key) = setup.session {
            options = options.session(key.parse().unwrap());
        }
        if setup.plain {
            options = options.protocol(Protocol::Plain);
        }
        Self::new(setup.url, options)
    }

    async fn ready(&self) -> Result<(), String> {
        self.ready().await.map_err(|error| code(&error))
    }

    fn send(&self, text: &str) -> impl Future<Output = Result<u32, String>> + MaybeSend + use<> {
        let reply = self.send(SendMessage { text: text.to_owned() });
        async { reply.await.map(|posted| posted.id).map_err(|error| code(&error)) }
    }

    fn begin(&self, text: &str, extras: Extras) -> Self::Sent {
        let mut options = SendOptions::default();
        if let Some(timeout) = extras.timeout {
            options = options.timeout(millis(timeout));
        }
        if let Some(ttl) = extras.ttl {
            options = options.ttl(millis(ttl));
        }
        if let Some(key) = extras.key {
            options = options.key(key);
        }
        self.send_with(SendMessage { text: text.to_owned() }, options)
    }

    fn note(&self, text: &str) -> impl Future<Output = Result<(), String>> + use<> {
        let reply = self.send(Note { text: text.to_owned() });
        async { reply.await.map_err(|error| code(&error)) }
    }

    fn on_message(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = self.on(move |message: Message| tell(message.text));
        Subscription::new(move || drop(listener))
    }

    fn contract(&self) -> Option<String> {
        self.contract().map(|verdict| format!("{verdict:?}").to_lowercase())
    }

    fn on_contract_changed(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = self.on_contract_changed(move || tell("changed".to_owned()));
        Subscription::new(move || drop(listener))
    }

    fn on_gap(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = self.on_gap(move || tell("gap".to_owned()));
        Subscription::new(move || drop(listener))
    }

    fn on_unauthorized(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = self.on_unauthorized(move || tell("unauthorized".to_owned()));
        Subscription::new(move || drop(listener))
    }

    fn key(&self) -> String {
        self.key().as_str().to_owned()
    }

    fn resumed(&self) -> bool {
        self.resumed()
    }

    fn on_state(&self, tell: impl Fn(String) + MaybeSync + 'static) -> Subscription {
        let listener = self.on_state(move |change| tell(name(change.state)));
        Subscription::new(move || drop(listener))
    }

    fn state(&self) -> String {
        name(self.state())
    }

    fn close(&self) {
        self.close();
    }
}

impl Sent for SentAction<SendMessage> {
    fn state(&self) -> String {
        format!("{:?}", self.state()).to_lowercase()
    }

    async fn accepted(&mut self) -> Result<Option<String>, String> {
        let accepted = self.accepted().await.map_err(|error| code(&error))?;
        Ok(accepted.map(|it| it.message_id))
    }

    fn cancel(&self) {
        self.cancel();
    }

    async fn reply(self) -> Result<u32, String> {
        self.await.map(|posted| posted.id).map_err(|error| code(&error))
    }
}

fn code(error: &Error) -> String {
    error.code().to_owned()
}

fn millis(milliseconds: u32) -> Duration {
    Duration::from_millis(milliseconds.into())
}

/// As the npm package says it.
fn name(state: gatewire_client::State) -> String {
    format!("{state:?}").to_lowercase()
}
