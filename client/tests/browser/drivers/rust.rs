//! The Rust API.

use std::time::Duration;

use gatewire::prelude::*;
use gatewire_client::{Client, Options};

use super::{Driver, MaybeSend, MaybeSync, Setup, Subscription};

/// What a browser may ask.
#[derive(Contract)]
#[contract(events = ChatEvent)]
pub(crate) enum Chat {
    /// Post a message to a room.
    #[reply(Posted)]
    SendMessage(SendMessage),
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
    fn fingerprint() -> Option<&'static str> {
        Chat::fingerprint()
    }

    fn start(setup: Setup) -> Self {
        let Setup { url, token, timeout, on_problem } = setup;
        let mut options = Options::default()
            .timeout(Duration::from_millis(timeout.into()))
            .on_problem(move |problem| on_problem(problem.to_string()));
        if let Some(token) = token {
            options = options.token(move || std::future::ready(token().map_err(Into::into)));
        }
        Self::new(url, options)
    }

    async fn ready(&self) -> Result<(), String> {
        self.ready().await.map_err(|error| error.code().to_owned())
    }

    fn send(&self, text: &str) -> impl Future<Output = Result<u32, String>> + MaybeSend + use<> {
        let reply = self.send(SendMessage { text: text.to_owned() });
        async { reply.await.map(|posted| posted.id).map_err(|error| error.code().to_owned()) }
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

/// As the npm package says it.
fn name(state: gatewire_client::State) -> String {
    format!("{state:?}").to_lowercase()
}
