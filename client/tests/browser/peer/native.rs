//! A WebSocket server on a port of its own. It accepts whoever comes; the manual is in `peer.js`.

use std::{
    cell::RefCell,
    future::poll_fn,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Callback, ErrorResponse, Request, Response},
        protocol::CloseFrame,
    },
};

/// As long as the one in `peer.js`.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a socket that is cut off ends with. Nobody can say it.
const ABNORMAL: u16 = 1006;

pub(super) struct Peer {
    url: String,
    sockets: RefCell<Sockets>,
}

struct Sockets {
    incoming: UnboundedReceiver<Socket>,
    /// One that shakes hands.
    coming: Option<Socket>,
    /// Those that a story has taken, the newest last.
    taken: Vec<Socket>,
}

/// One socket as the story has it.
struct Socket {
    done: UnboundedReceiver<Value>,
    orders: UnboundedSender<Order>,
}

enum Order {
    Say(Message),
    End(u16),
}

impl Peer {
    pub(super) fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let url = format!("ws://{}/ws", listener.local_addr().unwrap());
        let (tell, incoming) = unbounded_channel();
        tokio::spawn(listen(listener, tell));
        Self { url, sockets: RefCell::new(Sockets { incoming, coming: None, taken: Vec::new() }) }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn idle(&self) -> bool {
        let sockets = self.sockets.borrow();
        sockets.incoming.is_empty() && sockets.taken.iter().all(|socket| socket.done.is_empty())
    }

    /// The protocols of the next socket, as JSON.
    pub(super) async fn open(&self) -> Result<String, String> {
        Ok(poll_fn(|cx| self.sockets.borrow_mut().poll_open(cx)).await.to_string())
    }

    /// The next thing that a client did with a socket, as JSON.
    pub(super) async fn next(&self, back: usize) -> Result<String, String> {
        let next = |cx: &mut Context<'_>| {
            let words = ready!(self.sockets.borrow_mut().back(back).done.poll_recv(cx));
            Poll::Ready(words.unwrap_or_else(|| json!(["nothing"])))
        };
        Ok(poll_fn(next).await.to_string())
    }

    #[expect(clippy::unused_self, reason = "who comes is accepted, whatever a story says")]
    pub(super) fn accept(&self) {}

    pub(super) fn say(&self, back: usize, text: &str) {
        self.order(back, Order::Say(Message::text(text)));
    }

    pub(super) fn say_bytes(&self) {
        self.order(0, Order::Say(Message::binary("{}")));
    }

    pub(super) fn end(&self, back: usize, code: u16) {
        self.order(back, Order::End(code));
    }

    fn order(&self, back: usize, order: Order) {
        // What is said to a socket that has ended is lost, as on any network.
        let _ = self.sockets.borrow_mut().back(back).orders.send(order);
    }
}

impl Sockets {
    fn back(&mut self, back: usize) -> &mut Socket {
        self.taken.iter_mut().nth_back(back).expect("a client has opened a socket")
    }

    /// The next that came so far as to say something.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Value> {
        loop {
            if self.coming.is_none() {
                self.coming = ready!(self.incoming.poll_recv(cx));
            }
            let mut socket = self.coming.take().expect("the peer listens for as long as it lives");
            match socket.done.poll_recv(cx) {
                Poll::Ready(Some(protocols)) => {
                    self.taken.push(socket);
                    return Poll::Ready(protocols);
                }
                Poll::Ready(None) => {}
                Poll::Pending => {
                    self.coming = Some(socket);
                    return Poll::Pending;
                }
            }
        }
    }
}

/// What a future gives, if it does in twenty seconds.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> Result<T, String> {
    timeout(PATIENCE, future).await.map_err(|_| "nothing for 20 seconds".into())
}

async fn listen(listener: TcpListener, tell: UnboundedSender<Socket>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (did, done) = unbounded_channel();
        let (orders, ordered) = unbounded_channel();
        if tell.send(Socket { done, orders }).is_err() {
            return; // the story is over
        }
        tokio::spawn(converse(stream, did, ordered));
    }
}

async fn converse(
    stream: TcpStream,
    did: UnboundedSender<Value>,
    mut orders: UnboundedReceiver<Order>,
) {
    let mut protocols = Vec::new();
    // A client that goes during the handshake has not done anything.
    let Ok(mut socket) = accept_hdr_async(stream, Offer(&mut protocols)).await else { return };
    let _ = did.send(protocols.into());
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Say(message)) => drop(socket.send(message).await),
                Some(Order::End(ABNORMAL)) | None => return,
                Some(Order::End(code)) => return end(socket, code).await,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => drop(did.send(json!(["text", text.as_str()]))),
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map(|it| u16::from(it.code));
                    let _ = did.send(json!(["close", code]));
                    return drop(socket.flush().await);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}

async fn end(mut socket: WebSocketStream<TcpStream>, code: u16) {
    let _ = socket.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await;
    while let Some(Ok(_)) = socket.next().await {}
}

const PROTOCOL: &str = "sec-websocket-protocol";

/// Keeps what protocols a client offers, and takes the first.
struct Offer<'a>(&'a mut Vec<Value>);

impl Callback for Offer<'_> {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        if let Some(offer) = request.headers().get(PROTOCOL) {
            let protocols: Vec<&str> = offer.to_str().unwrap().split(", ").collect();
            response.headers_mut().insert(PROTOCOL, protocols[0].parse().unwrap());
            self.0.extend(protocols.into_iter().map(Value::from));
        }
        Ok(response)
    }
}
