//! A gateway on a free port, and a WebSocket client that is not ours.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::routing::any;
use futures_util::{SinkExt, StreamExt};
use gatewire::{ConnectionId, prelude::*};
use gatewire_server::{Fifo, Gateway, Running, Store, management, serve};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http, protocol::CloseFrame},
};

use crate::numbers::Numbers;

/// The contract of the tests.
#[derive(Contract)]
#[contract(events = ProbeEvent)]
pub(crate) enum Probe {
    /// Answers what it got.
    #[reply(Echo)]
    Echo(Echo),
    /// Puts the sender into a room.
    Join(Join),
    /// Posts to a room.
    #[reply(Heard)]
    Shout(Shout),
    /// Waits until the test lets it go.
    #[reply(Held)]
    Hold(Hold),
    /// Fails as asked.
    Fail(Fail),
    /// Goes through the queue, and is written down.
    #[reply(Noted)]
    Note(Note),
}

#[derive(Events)]
#[expect(dead_code, reason = "the enum lists the events; their payloads are posted by themselves")]
pub(crate) enum ProbeEvent {
    Shouted(Shouted),
}

#[message]
pub(crate) struct Echo {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) number: u32,
}
#[message]
pub(crate) struct Join {
    pub(crate) room: String,
}
#[message]
pub(crate) struct Shout {
    pub(crate) room: String,
    pub(crate) text: String,
}
#[message]
pub(crate) struct Heard {
    pub(crate) by: usize,
}
#[message]
pub(crate) struct Shouted {
    pub(crate) from: String,
    pub(crate) text: String,
}
#[message]
pub(crate) struct Hold {}
#[message]
pub(crate) struct Held {
    pub(crate) turn: usize,
}
#[message]
pub(crate) struct Fail {
    pub(crate) how: String,
}
#[message]
pub(crate) struct Note {
    pub(crate) book: String,
    pub(crate) text: String,
    /// How often the handler fails before it succeeds.
    #[serde(default)]
    pub(crate) failures: u32,
}
#[message]
pub(crate) struct Noted {
    pub(crate) place: usize,
}

/// The application of the tests: it remembers what it was asked.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) held: Mutex<usize>,
    pub(crate) begun: Notify,
    pub(crate) go: Notify,
    pub(crate) notes: Mutex<Vec<(String, String)>>,
    pub(crate) closed: Mutex<Vec<u16>>,
    /// The connections that have ended, and those on which their sessions went on.
    pub(crate) left: Mutex<Vec<(ConnectionId, Option<ConnectionId>)>>,
    pub(crate) closing: Notify,
    /// The connections that have opened and that no test has taken.
    pub(crate) opened: Mutex<VecDeque<ConnectionId>>,
}

impl App {
    /// The id of the connection that has opened next.
    pub(crate) fn connected(&self) -> ConnectionId {
        self.opened.lock().unwrap().pop_front().expect("$connect runs before the handshake is done")
    }
}

pub(crate) struct Handlers(pub(crate) Arc<App>);

impl Handle<Echo> for Handlers {
    async fn handle(&self, echo: Echo, _: Context<Probe>) -> Result<Echo> {
        Ok(echo)
    }
}

impl Handle<Join> for Handlers {
    async fn handle(&self, join: Join, cx: Context<Probe>) -> Result<()> {
        Ok(cx.join(&join.room).await?)
    }
}

impl Handle<Shout> for Handlers {
    async fn handle(&self, shout: Shout, cx: Context<Probe>) -> Result<Heard> {
        let event = Shouted { from: cx.principal().to_owned(), text: shout.text };
        Ok(Heard { by: cx.post_to_group(&shout.room, event).await? })
    }
}

impl Handle<Hold> for Handlers {
    async fn handle(&self, _: Hold, _: Context<Probe>) -> Result<Held> {
        let turn = {
            let mut held = self.0.held.lock().unwrap();
            *held += 1;
            *held
        };
        self.0.begun.notify_one();
        self.0.go.notified().await;
        Ok(Held { turn })
    }
}

impl Handle<Fail> for Handlers {
    async fn handle(&self, fail: Fail, _: Context<Probe>) -> Result<()> {
        match fail.how.as_str() {
            "panic" => panic!("as asked"),
            "internal" => Err(std::io::Error::other("the database password is wrong").into()),
            _ => Err(Error::new("full", "the room is full")),
        }
    }
}

impl Handle<Note> for Handlers {
    async fn handle(&self, note: Note, cx: Context<Probe>) -> Result<Noted> {
        let delivery = cx.delivery().expect("notes come through the queue");
        if delivery.receive_count <= note.failures {
            return Err(Error::new(Error::UNAVAILABLE, "not yet").temporary());
        }
        let key = cx.idempotency_key().expect("the queue gives every message one").to_owned();
        let mut notes = self.0.notes.lock().unwrap();
        let place = notes.iter().position(|(known, _)| *known == key);
        let place = place.unwrap_or_else(|| {
            notes.push((key, note.text));
            notes.len() - 1
        });
        Ok(Noted { place: place + 1 })
    }
}

/// A gateway that is being served.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gateway: Running,
    pub(crate) app: Arc<App>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// A gateway with everything at its default.
    pub(crate) async fn start() -> Self {
        Self::start_with(|gateway| gateway).await
    }

    /// A gateway that this function has adjusted.
    pub(crate) async fn start_with(adjust: impl FnOnce(Gateway<Probe>) -> Gateway<Probe>) -> Self {
        let store = Store::in_memory().unwrap();
        Self::start_on(&store, adjust).await
    }

    /// A gateway on this store: stopped and started again, it is the same gateway.
    pub(crate) async fn start_on(
        store: &Store,
        adjust: impl FnOnce(Gateway<Probe>) -> Gateway<Probe>,
    ) -> Self {
        let forward = Fifo::queue("notes").max_receive_count(3).group_by(|note: &Note| &note.book);
        Self::start_as(|gateway| adjust(gateway.store(store).forward::<Note>(forward))).await
    }

    /// A gateway that forgets everything when it stops.
    pub(crate) async fn start_without_store() -> Self {
        Self::start_as(|gateway| gateway).await
    }

    async fn start_as(adjust: impl FnOnce(Gateway<Probe>) -> Gateway<Probe>) -> Self {
        let app = Arc::new(App::default());
        let (opening, closing) = (app.clone(), app.clone());
        let gateway = Gateway::<Probe>::new(Handlers(app.clone()))
            .drain_window(Duration::ZERO)
            .on_connect(move |cx| {
                opening.opened.lock().unwrap().push_back(cx.connection());
                async { Ok(()) }
            })
            .on_disconnect(move |cx, closed| {
                let app = closing.clone();
                async move {
                    app.closed.lock().unwrap().push(closed.code.0);
                    app.left.lock().unwrap().push((cx.connection(), closed.successor));
                    app.closing.notify_one();
                }
            });
        let gateway = adjust(gateway).start().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let router = gateway
            .router("/ws")
            .merge(gateway.management())
            .nest("/prod", gateway.management())
            .route("/{stage}/@connections/{id}", any(management::forbidden))
            .route("/domain/{stage}/@connections/{id}", any(management::no_method));
        let running = gateway.clone();
        let serving = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve(listener, router, &running, stopped).await
        });
        Self { address, gateway, app, stop, serving }
    }

    /// A client of `gatewire.v1` that has said hello.
    pub(crate) async fn session(&self, session: &str) -> Client {
        let mut client = self.v1().await;
        client.hello(session).await;
        client
    }

    /// A client of `gatewire.v1` that says hello with what it has seen, and its welcome.
    pub(crate) async fn resume(&self, session: &str, seen: Option<u64>) -> (Client, Value) {
        let mut client = self.v1().await;
        let mut welcome = client.ask(json!({"hello": {"session": session, "seen": seen}})).await;
        (client, welcome["welcome"].take())
    }

    /// A client of `gatewire.v1` that has said nothing.
    pub(crate) async fn v1(&self) -> Client {
        self.connect("/ws", &["gatewire.v1"]).await.expect("the handshake succeeds")
    }

    /// A client without a subprotocol, as of API Gateway.
    pub(crate) async fn plain(&self) -> Client {
        self.connect("/ws", &[]).await.expect("the handshake succeeds")
    }

    /// A client of these subprotocols, or the status it was refused with.
    pub(crate) async fn connect(
        &self,
        path: &str,
        protocols: &[&str],
    ) -> Result<Client, http::StatusCode> {
        let offer = protocols.join(", ");
        let headers: &[_] =
            if protocols.is_empty() { &[] } else { &[("sec-websocket-protocol", offer.as_str())] };
        self.connect_with(path, headers).await
    }

    /// A client that brings these headers, or the status it was refused with.
    pub(crate) async fn connect_with(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, http::StatusCode> {
        use tokio_tungstenite::tungstenite::Error;
        let url = format!("ws://{}{path}", self.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Client::new(socket)),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) async fn stop(self) {
        let Self { stop, serving, .. } = self;
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
    }
}

/// A WebSocket client that knows nothing of gatewire.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    numbers: Numbers,
}

/// Far longer than anything here takes; reached only when the server does not answer at all.
const PATIENCE: Duration = Duration::from_secs(20);

impl Client {
    pub(crate) fn new(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self { socket, numbers: Numbers::default() }
    }

    /// Says hello and takes the welcome.
    pub(crate) async fn hello(&mut self, session: &str) {
        let welcome = self.ask(json!({"hello": {"session": session}})).await;
        assert!(welcome["welcome"].is_object(), "{welcome}");
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        let frame = self.numbers.written(frame);
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next frame, which is JSON.
    pub(crate) async fn next(&mut self) -> Value {
        let frame = serde_json::from_str(&self.next_text().await).expect("the server sends JSON");
        self.numbers.read(frame)
    }

    /// The next text as it came.
    pub(crate) async fn next_text(&mut self) -> String {
        match self.next_message().await {
            Message::Text(text) => text.to_string(),
            other => panic!("expected a text, got {other:?}"),
        }
    }

    /// The close frame, whatever comes before it.
    pub(crate) async fn closed(&mut self) -> CloseFrame {
        loop {
            if let Message::Close(frame) = self.next_message().await {
                return frame.expect("the server gives a code");
            }
        }
    }

    /// The close frame, and no text before it.
    pub(crate) async fn refused(&mut self) -> CloseFrame {
        match self.next_message().await {
            Message::Close(frame) => frame.expect("the server gives a code"),
            other => panic!("expected to be closed, got {other:?}"),
        }
    }

    /// Sends a frame and returns the next one.
    pub(crate) async fn ask(&mut self, frame: Value) -> Value {
        self.send(frame).await;
        self.next().await
    }

    /// The next frame but pings and pongs.
    pub(crate) async fn next_message(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match next.expect("the server says something").expect("the socket is open").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }
}
