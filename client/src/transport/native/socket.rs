//! The task that has a socket: reads and writes at once, so that neither waits for the other.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use gatewire_core::CloseCode;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc::UnboundedReceiver,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, Utf8Bytes, handshake::client::Request, protocol::CloseFrame},
};

use super::{
    SocketEvent,
    connect::{Connector, Failure},
};

/// How many frames may wait to be written before nothing more is read. Ours: more than the actions
/// that a server commonly lets a session have in flight.
const WAITING: usize = 256;

/// How long a socket that is over may take to say goodbye. Ours: as long as a slow network needs.
const GOODBYE: Duration = Duration::from_secs(5);

/// What a socket is to do.
pub(super) enum Order {
    Write(Utf8Bytes),
    Close(CloseCode),
}

/// How many bytes were ordered and are not written yet.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a socket has been ordered to do.
pub(super) struct Orders {
    list: UnboundedReceiver<Order>,
    waiting: Waiting,
}

impl Orders {
    pub(super) fn new(list: UnboundedReceiver<Order>, waiting: Waiting) -> Self {
        Self { list, waiting }
    }

    async fn next(&mut self) -> Option<Order> {
        let order = self.list.recv().await;
        if let Some(Order::Write(text)) = &order {
            self.waiting.0.fetch_sub(text.len(), Ordering::Relaxed);
        }
        order
    }
}

type Sink<S> = SplitSink<WebSocketStream<S>, Message>;
type Source<S> = SplitStream<WebSocketStream<S>>;

/// Opens a socket and lives as long as it does, or until it is ordered to close or nobody has it.
/// `tell` is called here: nothing is read while it runs.
pub(super) async fn run(
    request: Request,
    connector: Connector,
    mut orders: Orders,
    tell: impl Fn(SocketEvent),
) {
    let opened = tokio::select! {
        opened = connector.connect(request) => opened,
        // Nothing is written to a socket that is not open: it is closed, or nobody has it.
        _ = orders.next() => return,
    };
    match opened {
        Ok(stream) => {
            tell(SocketEvent::Opened);
            converse(stream, orders, tell).await;
        }
        Err(failure) => {
            if let Failure::Tls(reason) = failure {
                tell(SocketEvent::Untrusted(reason));
            }
            tell(SocketEvent::Closed(CloseCode::ABNORMAL));
        }
    }
}

/// Reads and writes, until one of both sides has enough.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: WebSocketStream<S>,
    mut orders: Orders,
    tell: impl Fn(SocketEvent),
) {
    let (mut sink, mut source) = stream.split();
    let code = loop {
        tokio::select! {
            written = write_next(&mut sink, &mut orders) => match written {
                Ok(Next::Written) => {}
                Ok(Next::Close(code)) => return close(sink, source, code).await,
                Ok(Next::Abandoned) => return,
                Err(_) => break last_words(source, &tell).await,
            },
            message = source.next(), if orders.list.len() < WAITING => {
                if let Some(code) = hear(message, &tell) {
                    // Agrees, if it was the server who ended it: flushes tungstenite's answer.
                    let _ = timeout(GOODBYE, sink.close()).await;
                    break code;
                }
            }
        }
    };
    tell(SocketEvent::Closed(code));
}

enum Next {
    Written,
    Close(CloseCode),
    Abandoned,
}

/// Writes one text. All that wait are flushed together, after the last. It may be dropped at any
/// `await` and begun again: a text is taken only when there is room for it.
async fn write_next<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut Sink<S>,
    orders: &mut Orders,
) -> Result<Next, Error> {
    if orders.list.is_empty() {
        sink.flush().await?;
    }
    poll_fn(|cx| sink.poll_ready_unpin(cx)).await?;
    match orders.next().await {
        Some(Order::Write(text)) => {
            sink.start_send_unpin(Message::Text(text))?;
            Ok(Next::Written)
        }
        Some(Order::Close(code)) => Ok(Next::Close(code)),
        None => Ok(Next::Abandoned),
    }
}

/// Tells what came; or it was the end, with this code.
fn hear(message: Option<Result<Message, Error>>, tell: &impl Fn(SocketEvent)) -> Option<CloseCode> {
    match message {
        Some(Ok(Message::Text(text))) => tell(SocketEvent::Text(text.as_str().to_owned())),
        Some(Ok(Message::Binary(_))) => tell(SocketEvent::Binary),
        // Tungstenite answers pings itself.
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
        Some(Ok(Message::Close(frame))) => {
            return Some(frame.map_or(CloseCode::NO_STATUS, |frame| CloseCode(frame.code.into())));
        }
        Some(Err(_)) | None => return Some(CloseCode::ABNORMAL),
    }
    None
}

/// Nothing can be written any more, but the server may have said why before it went.
async fn last_words<S: AsyncRead + AsyncWrite + Unpin>(
    mut source: Source<S>,
    tell: &impl Fn(SocketEvent),
) -> CloseCode {
    let code = async {
        loop {
            if let Some(code) = hear(source.next().await, tell) {
                return code;
            }
        }
    };
    timeout(GOODBYE, code).await.unwrap_or(CloseCode::ABNORMAL)
}

/// This side ends it: says so, and waits until the server agrees.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    mut sink: Sink<S>,
    mut source: Source<S>,
    code: CloseCode,
) {
    let frame = CloseFrame { code: code.0.into(), reason: Utf8Bytes::default() };
    let goodbye = async {
        if sink.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = source.next().await {}
        }
    };
    let _ = timeout(GOODBYE, goodbye).await;
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{DuplexStream, duplex},
        sync::mpsc::unbounded_channel,
    };
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

    use super::*;

    const PINGS: usize = 10 * WAITING;

    /// The two ends of a network that holds next to nothing.
    async fn network() -> [WebSocketStream<DuplexStream>; 2] {
        let (ours, theirs) = duplex(16);
        let config = Some(WebSocketConfig::default().write_buffer_size(0));
        [
            WebSocketStream::from_raw_socket(ours, Role::Client, config).await,
            WebSocketStream::from_raw_socket(theirs, Role::Server, config).await,
        ]
    }

    /// Its clock stands still until nothing else can happen.
    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_and_does_not_listen_is_not_read_any_further() {
        let [ours, theirs] = network().await;
        let (socket, orders) = unbounded_channel();
        let heard = AtomicUsize::new(0);
        let waiting = Waiting::default();
        let written = waiting.clone();
        let tell = |event| {
            if let SocketEvent::Text(text) = event {
                heard.fetch_add(1, Ordering::Relaxed);
                written.add(text.len());
                let _ = socket.send(Order::Write(text.into()));
            }
        };
        let client = converse(ours, Orders::new(orders, waiting), tell);
        let (mut sink, mut source) = theirs.split();
        let server = async {
            let asking = async {
                for _ in 0..PINGS {
                    sink.send(Message::text("are you there?")).await.unwrap();
                }
            };
            let mut asking = std::pin::pin!(asking);
            assert!(timeout(GOODBYE, &mut asking).await.is_err(), "nobody reads that much");
            assert!(heard.load(Ordering::Relaxed) <= WAITING + 2);
            // As soon as it listens, it goes on.
            let listening = async {
                for _ in 0..PINGS {
                    source.next().await.unwrap().unwrap();
                }
            };
            tokio::join!(asking, listening);
        };
        tokio::select! {
            () = client => panic!("the socket is open"),
            () = server => {}
        }
        assert_eq!(heard.load(Ordering::Relaxed), PINGS);
        assert_eq!(written.bytes(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_agrees_to_the_end_is_left() {
        let [ours, _theirs] = network().await;
        let (socket, orders) = unbounded_channel();
        let _ = socket.send(Order::Close(CloseCode::NORMAL));
        converse(ours, Orders::new(orders, Waiting::default()), |event| panic!("{event:?}")).await;
    }
}
