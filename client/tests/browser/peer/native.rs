//! A WebSocket server on a port of its own. It accepts whoever comes, and tells what an older socket
//! did before it tells of a newer one: between two connections the network keeps no order.

use std::{
    cell::RefCell,
    future::poll_fn,
    task::{Context, Poll},
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
    /// The newest is the last.
    accepted: Vec<Socket>,
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
        Self { url, sockets: RefCell::new(Sockets { incoming, accepted: Vec::new() }) }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn idle(&self) -> bool {
        let sockets = self.sockets.borrow();
        sockets.incoming.is_empty() && sockets.accepted.iter().all(|it| it.done.is_empty())
    }

    /// The next thing that a client did, as JSON.
    pub(super) async fn next(&self) -> Result<String, String> {
        let next = poll_fn(|cx| self.sockets.borrow_mut().poll_next(cx));
        let words = timeout(PATIENCE, next).await;
        words.map(|it| it.to_string()).map_err(|_| "the client did nothing for 20 seconds".into())
    }

    #[expect(clippy::unused_self, reason = "who comes is accepted, whatever a story says")]
    pub(super) fn accept(&self) {}

    pub(super) fn say(&self, text: &str) {
        self.order(Order::Say(Message::text(text)));
    }

    pub(super) fn say_bytes(&self) {
        self.order(Order::Say(Message::binary("{}")));
    }

    pub(super) fn end(&self, code: u16) {
        self.order(Order::End(code));
    }

    fn order(&self, order: Order) {
        let sockets = self.sockets.borrow();
        let socket = sockets.accepted.last().expect("a client has opened a socket");
        // What is said to a socket that has ended is lost, as on any network.
        let _ = socket.orders.send(order);
    }
}

impl Sockets {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Value> {
        loop {
            for socket in &mut self.accepted {
                if let Poll::Ready(Some(words)) = socket.done.poll_recv(cx) {
                    return Poll::Ready(words);
                }
            }
            match self.incoming.poll_recv(cx) {
                Poll::Ready(Some(socket)) => self.accepted.push(socket),
                _ => return Poll::Pending,
            }
        }
    }
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
    let mut words = vec![json!("open")];
    // A client that goes during the handshake has not done anything.
    let Ok(mut socket) = accept_hdr_async(stream, Offer(&mut words)).await else { return };
    let _ = did.send(words.into());
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

/// Keeps what protocols a client offers, and takes the first.
struct Offer<'a>(&'a mut Vec<Value>);

impl Callback for Offer<'_> {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        let offer = request.headers()["sec-websocket-protocol"].to_str().unwrap();
        let protocols: Vec<&str> = offer.split(", ").collect();
        response.headers_mut().insert("sec-websocket-protocol", protocols[0].parse().unwrap());
        self.0.extend(protocols.into_iter().map(Value::from));
        Ok(response)
    }
}
