//! The API of applications: [`connect`] and [`Client`].

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use gatewire::{Action, CloseCode, Contract, EventOf, SessionId, frame::Verdict};

use crate::{
    Error, Listener, Options, Problem, SendOptions, Sent,
    driver::Driver,
    session::State,
    sharing::{MaybeSync, Shared},
};

/// Makes a session and waits until it is open. Fails when the server does not want it.
///
/// Natively it is awaited on a tokio runtime, and panics elsewhere.
///
/// ```no_run
/// use gatewire::prelude::*;
/// use gatewire_client::{Error, Options, connect};
///
/// #[derive(Contract)]
/// #[contract(events = ChatEvent)]
/// enum Chat {
///     #[reply(Posted)]
///     SendMessage(SendMessage),
/// }
/// #[derive(Events)]
/// enum ChatEvent {
///     Message(Message),
/// }
/// #[message] struct SendMessage { room: String, text: String }
/// #[message] struct Posted { id: u32 }
/// #[message] struct Message { from: String, text: String }
///
/// # async fn fetch_token() -> std::io::Result<String> { Ok("token".into()) }
/// # fn show(_: String) {}
/// async fn chat() -> Result<(), Error> {
///     let options = Options::default().token(|| async { Ok(fetch_token().await?) });
///     let session = connect::<Chat>("wss://chat.example/ws", options).await?;
///     let _listener = session.on::<Message>(|message| show(message.text));
///     let posted = session.send(SendMessage { room: "lobby".into(), text: "hi".into() }).await?;
///     show(format!("message {}", posted.id));
///     Ok(())
/// }
/// ```
pub async fn connect<C: Contract>(
    url: impl Into<String>,
    options: Options,
) -> Result<Client<C>, Error> {
    let client = Client::new(url, options);
    client.ready().await?;
    Ok(client)
}

/// A handle to a session: the client's side of a conversation, over any number of sockets.
///
/// Clones are the same session. When the last one is dropped the session is closed; a listener that
/// holds one keeps the session open for as long as it listens.
pub struct Client<C> {
    handle: Shared<Handle>,
    contract: PhantomData<fn() -> C>,
}

impl<C: Contract> Client<C> {
    /// Makes a session and begins to connect it. It may be used at once: sends wait until it is open.
    ///
    /// Natively it panics outside of a tokio runtime. Its handles may go anywhere.
    #[must_use]
    pub fn new(url: impl Into<String>, options: Options) -> Self {
        let handle =
            Shared::new(Handle { driver: Driver::start(url.into(), options, C::fingerprint()) });
        Self { handle, contract: PhantomData }
    }

    /// Waits until the session is open for the first time. Fails when it is closed before.
    pub async fn ready(&self) -> Result<(), Error> {
        self.driver().ready().await
    }

    /// Sends an action, at once; the future is its reply. Without a connection the action waits for
    /// one, and what has no reply when a connection is lost goes out again on the next.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller has no use for it any more, and `send(Typing {})` reads as it should"
    )]
    pub fn send<A: Action<Contract = C>>(&self, action: A) -> Sent<A> {
        self.send_in(&action, SendOptions::default())
    }

    /// The same, with some of it set for this action.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller has no use for it any more, and `send(Typing {})` reads as it should"
    )]
    pub fn send_with<A: Action<Contract = C>>(&self, action: A, options: SendOptions) -> Sent<A> {
        self.send_in(&action, options)
    }

    /// Listens to an event until the listener is dropped.
    pub fn on<E: EventOf<C::Events>>(
        &self,
        listener: impl Fn(E) + MaybeSync + 'static,
    ) -> Listener {
        let options = self.driver().options().clone();
        self.driver().events(E::NAME).add(move |data| match serde_json::from_str(data.get()) {
            Ok(event) => listener(event),
            Err(source) => options.report(&Problem::Event { name: E::NAME, source }),
        })
    }

    /// Where the session is.
    #[must_use]
    pub fn state(&self) -> State {
        self.driver().state()
    }

    /// Listens to the session's own changes until the listener is dropped.
    pub fn on_state(&self, listener: impl Fn(StateChange) + MaybeSync + 'static) -> Listener {
        self.driver().states().add(move |change| listener(*change))
    }

    /// Listens to events having been lost: the server does not have them any more. What was made of them
    /// should be fetched anew.
    pub fn on_gap(&self, listener: impl Fn() + MaybeSync + 'static) -> Listener {
        self.driver().gaps().add(move |()| listener())
    }

    /// Listens to the server refusing the token, which ends the session: somebody has to sign in.
    pub fn on_unauthorized(&self, listener: impl Fn() + MaybeSync + 'static) -> Listener {
        self.driver().unauthorized().add(move |()| listener())
    }

    /// The name of the session: the one in the [`Options`], or one by chance.
    #[must_use]
    pub fn key(&self) -> &SessionId {
        self.driver().key()
    }

    /// Whether the server still knew the session when the last connection was made.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.driver().resumed()
    }

    /// What the last welcome said of the contract that this client was built from; `None` before, and
    /// where [`Contract::fingerprint`] is not known.
    #[must_use]
    pub fn contract(&self) -> Option<Verdict> {
        self.driver().contract().verdict()
    }

    /// Listens to the server having another contract, which a client that has run for long, or comes
    /// from a cache, should be updated for. Told once per change, and at once when it is so already.
    pub fn on_contract_changed(&self, listener: impl Fn() + MaybeSync + 'static) -> Listener {
        self.driver().contract().on_changed(listener)
    }

    /// Ends the session for good: what waits is rejected, nothing reconnects.
    pub fn close(&self) {
        self.driver().close();
    }

    fn send_in<A: Action<Contract = C>>(&self, action: &A, options: SendOptions) -> Sent<A> {
        let driver = self.driver();
        let sent = serde_json::to_string(action)
            .map_err(|source| Error::Unwritable(Arc::new(source)))
            .and_then(|data| driver.send(A::ROUTE, data, options.within(driver.options())));
        match sent {
            Ok((id, awaited)) => Sent::new(driver, id, awaited),
            Err(reason) => Sent::failed(reason),
        }
    }

    fn driver(&self) -> &Shared<Driver> {
        &self.handle.driver
    }
}

impl<C> Clone for Client<C> {
    fn clone(&self) -> Self {
        Self { handle: Shared::clone(&self.handle), contract: PhantomData }
    }
}

impl<C: Contract> fmt::Debug for Client<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("contract", &C::NAME)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// A session went from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateChange {
    /// Where it is.
    pub state: State,
    /// The close code of the socket that ended, where one did and that is the cause.
    pub code: Option<CloseCode>,
    /// When waiting: how long, until the next attempt begins.
    pub retry_in: Option<Duration>,
}

/// What all clones share. The driver itself lives on while one of its callbacks runs.
struct Handle {
    driver: Shared<Driver>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.driver.close();
    }
}
