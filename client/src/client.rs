//! The API of applications: [`connect`], [`Client`], [`Reply`].

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_channel::oneshot;
use gatewire::{Action, CloseCode, Contract, EventOf, frame::Verdict};

use crate::{
    Error, Listener, Options, Problem,
    driver::{Answer, Driver},
    options::millis,
    session::{ActionId, Millis, State},
    sharing::{MaybeSync, Shared, Weak},
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
    pub fn send<A: Action<Contract = C>>(&self, action: A) -> Reply<A> {
        self.send_in(&action, self.driver().options().timeout)
    }

    /// The same, for a caller who waits this long; [`Duration::MAX`] is for ever.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller has no use for it any more, and `send(Typing {})` reads as it should"
    )]
    pub fn send_within<A: Action<Contract = C>>(&self, action: A, timeout: Duration) -> Reply<A> {
        self.send_in(&action, millis(timeout))
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

    fn send_in<A: Action<Contract = C>>(&self, action: &A, timeout: Millis) -> Reply<A> {
        match serde_json::to_string(action) {
            Ok(data) => {
                let (id, answer) = self.driver().send(A::ROUTE, &data, timeout);
                Reply::new(answer, Some(Sent { id, driver: Shared::downgrade(self.driver()) }))
            }
            Err(source) => {
                let (tell, answer) = oneshot::channel();
                let error = Error::Unwritable(Arc::new(source));
                tell.send(Err(error)).expect("the receiver is two lines above");
                Reply::new(answer, None)
            }
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

/// The reply to an action, when it comes.
///
/// Dropping it says that nobody waits any more: what was not written yet is not written. To send and
/// not look back, [`detach`](Self::detach) it.
#[must_use = "dropping it cancels the send; await it, or `detach` it"]
pub struct Reply<A: Action> {
    answer: oneshot::Receiver<Answer>,
    /// The action, until it is answered.
    sent: Option<Sent>,
    action: PhantomData<fn() -> A>,
}

struct Sent {
    id: ActionId,
    driver: Weak<Driver>,
}

impl<A: Action> Reply<A> {
    /// Lets the action take its course. Nobody learns of its reply, or of its error.
    pub fn detach(mut self) {
        self.sent = None;
    }

    fn new(answer: oneshot::Receiver<Answer>, sent: Option<Sent>) -> Self {
        Self { answer, sent, action: PhantomData }
    }
}

impl<A: Action> Future for Reply<A> {
    type Output = Result<A::Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.answer).poll(cx));
        self.sent = None;
        // Without an answer there is no session either.
        let data = answer.unwrap_or(Err(Error::Closed))?;
        let reply = serde_json::from_str(data.get());
        Poll::Ready(reply.map_err(|source| Error::Unreadable(Arc::new(source))))
    }
}

impl<A: Action> Drop for Reply<A> {
    fn drop(&mut self) {
        if let Some(Sent { id, driver }) = self.sent.take()
            && let Some(driver) = driver.upgrade()
        {
            driver.cancel(id);
        }
    }
}

impl<A: Action> fmt::Debug for Reply<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.sent.as_ref().map(|sent| sent.id);
        f.debug_struct("Reply").field("action", &A::ROUTE).field("id", &id).finish_non_exhaustive()
    }
}
