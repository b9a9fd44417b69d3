//! The path of one message, station by station: from the client's session through the gateway, a
//! durable queue and its worker, to two readers and back. In memory: no port, no disk.

use std::sync::Mutex;

use axum::serve::Listener;
use futures_util::{SinkExt, StreamExt};
use gatewire::{frame::ServerFrame, prelude::*};
use gatewire_client::session::{Input, Millis, Options, Output, Session, State, TIMEOUT, Welcome};
use gatewire_server::{Fifo, Gateway, Store};
use serde_json::json;
use tokio::{
    io::{DuplexStream, duplex},
    sync::mpsc,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message as Text, client::IntoClientRequest},
};

// 0. The contract, once.

/// What a browser may ask.
#[derive(Debug, Contract)]
#[contract(events = ChatEvent)]
pub enum Chat {
    /// Post a message to a room.
    #[reply(Posted)]
    SendMessage(SendMessage),
    /// Hear what is posted to a room.
    Join(Join),
}

/// What the chat may tell a browser.
#[derive(Debug, Events)]
pub enum ChatEvent {
    /// Somebody has posted a message.
    Message(Message),
}

/// A message to post.
#[message]
#[derive(Debug)]
pub struct SendMessage {
    /// Where.
    pub room: String,
    /// What.
    pub text: String,
}

/// Where a message stands.
#[message]
#[derive(Debug)]
pub struct Posted {
    /// Its place in the log, from 1.
    pub place: usize,
}

/// A room to hear.
#[message]
#[derive(Debug)]
pub struct Join {
    /// Which.
    pub room: String,
}

/// A message that was posted.
#[message]
#[derive(Debug)]
pub struct Message {
    /// What.
    pub text: String,
}

// 7. The handlers: business, nothing else.

#[derive(Default)]
struct App {
    log: Mutex<Vec<String>>,
}

impl Handle<SendMessage> for App {
    async fn handle(&self, message: SendMessage, cx: Context<Chat>) -> Result<Posted> {
        let place = {
            let mut log = self.log.lock().expect("no handler panics");
            log.push(message.text.clone());
            log.len()
        };
        cx.post_to_group(&message.room, Message { text: message.text }).await?;
        Ok(Posted { place })
    }
}

impl Handle<Join> for App {
    async fn handle(&self, join: Join, cx: Context<Chat>) -> Result<()> {
        Ok(cx.join(&join.room).await?)
    }
}

#[tokio::test]
async fn the_path_of_a_message() {
    let gateway = Gateway::<Chat>::new(App::default())
        .store(&Store::in_memory().expect("memory is there"))
        .forward::<SendMessage>(Fifo::queue("chat").group_by(|message| &message.room))
        .start()
        .expect("the gateway is complete");
    let (network, listener) = network();
    tokio::spawn(async move { axum::serve(listener, gateway.router("/ws")).await });

    // Somebody else is in the room already.
    let mut reader = connect(&network).await;
    say(&mut reader, json!({"hello": {"session": "the-reader-s-session"}})).await;
    say(&mut reader, json!({"action": "join", "id": 1, "data": {"room": "lobby"}})).await;
    assert!(hear(&mut reader).await.contains("welcome"));
    assert_eq!(hear(&mut reader).await, r#"{"id":1,"data":null}"#);

    // The sender connects: token, socket, hello, welcome.
    let mut session = Session::new(Options::default(), 1);
    session.handle(Input::Connect, 0);
    assert_eq!(next(&mut session), Output::FetchToken);
    session.handle(Input::TokenReady, 0);
    assert_eq!(next(&mut session), Output::OpenSocket);
    let mut socket = connect(&network).await;
    session.handle(Input::Opened, 0);
    assert_eq!(next(&mut session), Output::WriteHello);
    say(&mut socket, json!({"hello": {"session": "the-sender-s-session"}})).await;
    let text = hear(&mut socket).await;
    let welcome = ServerFrame::parse(&text).expect("a frame").welcome.expect("a welcome");
    session.handle(
        Input::Welcome(Welcome {
            heartbeat: welcome.heartbeat,
            message: welcome.limits.message,
            in_flight: welcome.limits.in_flight,
            seen: welcome.seen,
            resumed: welcome.resumed,
            gap: welcome.gap,
            refresh_in: Millis::MAX,
        }),
        0,
    );
    assert_eq!(next(&mut session), Output::Promote);
    assert_eq!(session.state(), State::Open);

    // 1, 2. `send` gives the action its id and says when to write it.
    let id = session.next_id();
    let data = json!({"room": "lobby", "text": "hello"});
    let frame = json!({"action": "sendMessage", "id": id, "data": data});
    session.send(frame.to_string().len(), TIMEOUT, Millis::MAX, 0).expect("there is room");
    assert_eq!(next(&mut session), Output::Write { id });

    // 3, 4, 5. The connection reads it, the route finds its queue, the queue has it on disk.
    say(&mut socket, frame).await;
    let text = hear(&mut socket).await;
    let accepted = ServerFrame::parse(&text).expect("a frame");
    assert_eq!(accepted.id, Some(id));
    assert!(accepted.accepted.is_some(), "{text}");
    session.handle(Input::Accepted(id), 1);

    // 6, 7, 8, 9. The worker runs the handler, which posts to the room.
    assert_eq!(hear(&mut reader).await, r#"{"seq":1,"event":"message","data":{"text":"hello"}}"#);

    // 10. The reply finds its promise.
    let text = hear(&mut socket).await;
    assert_eq!(text, r#"{"id":1,"data":{"place":1}}"#);
    session.handle(Input::Answered(id), 2);
    assert_eq!(
        session.deadline(),
        Some(welcome.heartbeat + 2),
        "nothing is left but the heartbeat"
    );
}

/// The next thing to do that is not a change of state.
fn next(session: &mut Session) -> Output {
    std::iter::from_fn(|| session.poll())
        .find(|output| !matches!(output, Output::State { .. }))
        .expect("the session wants something done")
}

type Socket = WebSocketStream<DuplexStream>;

async fn say(socket: &mut Socket, frame: serde_json::Value) {
    socket.send(Text::text(frame.to_string())).await.expect("the socket is open");
}

async fn hear(socket: &mut Socket) -> String {
    let message = socket.next().await.expect("the socket is open").expect("a frame");
    message.into_text().expect("a text").to_string()
}

/// A network of one listener: whoever has the sender may connect.
fn network() -> (mpsc::UnboundedSender<DuplexStream>, InMemory) {
    let (network, incoming) = mpsc::unbounded_channel();
    (network, InMemory(incoming))
}

struct InMemory(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for InMemory {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(connection) => (connection, ()),
            None => std::future::pending().await, // nobody can connect any more
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn connect(network: &mpsc::UnboundedSender<DuplexStream>) -> Socket {
    let (ours, theirs) = duplex(64 * 1024);
    network.send(theirs).expect("the gateway listens");
    let mut request = "ws://in-memory/ws".into_client_request().expect("a URL");
    let offer = gatewire::frame::SUBPROTOCOL.parse().expect("a header value");
    request.headers_mut().insert("sec-websocket-protocol", offer);
    client_async(request, ours).await.expect("the handshake succeeds").0
}
