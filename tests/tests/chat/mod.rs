//! A small chat on a free port. The token is the name of who has it; `mallory` is not let in.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::Router;
use futures_util::{FutureExt, future::BoxFuture};
use gatewire::{Principal, prelude::*};
use gatewire_server::{
    Fifo, Gateway, Store,
    authorize::{Authorizer, Grant, Handshake, Refusal},
    serve,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};

/// What a client may ask.
#[derive(Contract)]
#[contract(events = ChatEvent)]
pub(crate) enum Chat {
    /// Post a message; its sender hears it, too.
    #[reply(Posted)]
    SendMessage(SendMessage),
    /// Write something down. It goes through the queue.
    #[reply(Noted)]
    Note(Note),
    /// Fail.
    Fail(Fail),
}

/// What the chat may tell.
#[derive(Events)]
#[expect(dead_code, reason = "the enum lists the events; their payloads are posted by themselves")]
pub(crate) enum ChatEvent {
    /// Somebody wrote.
    Message(Message),
}

#[message]
pub(crate) struct SendMessage {
    pub(crate) text: String,
}
#[message]
#[derive(Debug, PartialEq)]
pub(crate) struct Posted {
    pub(crate) place: usize,
    pub(crate) by: String,
}
#[message]
pub(crate) struct Note {
    pub(crate) text: String,
}
#[message]
#[derive(Debug, PartialEq)]
pub(crate) struct Noted {
    pub(crate) place: usize,
}
#[message]
pub(crate) struct Fail {}
#[message]
pub(crate) struct Message {
    pub(crate) text: String,
}

/// What the chat remembers. The notes are those of the store, for as long as a test has that.
#[derive(Default)]
pub(crate) struct App {
    posts: Mutex<usize>,
    notes: Mutex<Vec<String>>,
    out_of_order: AtomicBool,
    asked: Notify,
}

impl App {
    /// From now on notes are not taken: they are tried again, and again.
    pub(crate) fn out_of_order(&self) {
        self.out_of_order.store(true, Ordering::Relaxed);
    }

    /// Somebody wanted a note to be taken.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }
}

struct Handlers(Arc<App>);

impl Handle<SendMessage> for Handlers {
    async fn handle(&self, message: SendMessage, cx: Context<Chat>) -> Result<Posted> {
        let place = {
            let mut posts = self.0.posts.lock().unwrap();
            *posts += 1;
            *posts
        };
        cx.post(Message { text: message.text }).await?;
        Ok(Posted { place, by: cx.principal().to_owned() })
    }
}

impl Handle<Note> for Handlers {
    async fn handle(&self, note: Note, _: Context<Chat>) -> Result<Noted> {
        self.0.asked.notify_one();
        if self.0.out_of_order.load(Ordering::Relaxed) {
            return Err(Error::new(Error::UNAVAILABLE, "not now").temporary());
        }
        let mut notes = self.0.notes.lock().unwrap();
        notes.push(note.text);
        Ok(Noted { place: notes.len() })
    }
}

impl Handle<Fail> for Handlers {
    async fn handle(&self, _: Fail, _: Context<Chat>) -> Result<()> {
        Err(Error::new("full", "the room is full").temporary())
    }
}

struct Door;

impl Authorizer for Door {
    fn authorize<'a>(&'a self, handshake: &'a Handshake) -> BoxFuture<'a, Result<Grant, Refusal>> {
        let decision = match handshake.token("token") {
            None | Some("mallory") => Err(Refusal::Unauthorized("not on the list".to_owned())),
            Some(name) => {
                let principal = Principal { id: name.to_owned(), ..Principal::default() };
                Ok(Grant { principal: Arc::new(principal), expires: None })
            }
        };
        std::future::ready(decision).boxed()
    }
}

/// The chat, being served.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    /// The close codes of the connections that ended.
    pub(crate) closed: mpsc::UnboundedReceiver<u16>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_on(&Store::in_memory().unwrap(), None).await
    }

    /// Stopped and started again, on the same store and address, it is the same server.
    pub(crate) async fn start_on(store: &Store, address: Option<SocketAddr>) -> Self {
        Self::start_with(store, address, |gateway| gateway).await
    }

    /// The same, with some of it set.
    pub(crate) async fn start_with(
        store: &Store,
        address: Option<SocketAddr>,
        change: impl FnOnce(Gateway<Chat>) -> Gateway<Chat>,
    ) -> Self {
        let app = Arc::new(App::default());
        let (tell, closed) = told();
        let gateway = Gateway::new(Handlers(app.clone()))
            .authorize(Door)
            .store(store)
            .forward::<Note>(Fifo::queue("notes").max_receive_count(100).group_by(|_| "diary"))
            .on_disconnect(move |_, closed| {
                tell(closed.code.0);
                std::future::ready(())
            });
        let gateway = change(gateway).start().unwrap();
        let address = address.unwrap_or_else(|| ([127, 0, 0, 1], 0).into());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let app = Router::new().merge(gateway.router("/ws"));
            serve(listener, app, &gateway, async { drop(stopped.await) }).await
        });
        Self { address, app, closed, stop, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
    }
}

/// A function that tells, and what it told. Nothing more is told when the function is gone.
pub(crate) fn told<T>() -> (impl Fn(T) + Clone, mpsc::UnboundedReceiver<T>) {
    let (sender, told) = mpsc::unbounded_channel();
    // After the end of a test nobody wants to know.
    (move |what| drop(sender.send(what)), told)
}
