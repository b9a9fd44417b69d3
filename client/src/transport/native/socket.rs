//! The task that has a socket: reads and writes at once, so that neither waits for the other.

use std::{future::poll_fn, time::Duration};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use gatewire_core::CloseCode;
use tokio::{net::TcpStream, sync::mpsc::UnboundedReceiver, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Error, Message, Utf8Bytes, handshake::client::Request, protocol::CloseFrame},
};

use super::SocketEvent;

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

type Sink = SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>;
type Source = SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>;

/// Opens a socket and lives as long as it does, or until it is ordered to close or nobody has it.
/// `tell` is called here: nothing is read while it runs.
pub(super) async fn run(
    request: Request,
    mut orders: UnboundedReceiver<Order>,
    tell: impl Fn(SocketEvent),
) {
    let opened = tokio::select! {
        opened = connect_async_with_config(request, None, true) => opened,
        // Nothing is written to a socket that is not open: it is closed, or nobody has it.
        _ = orders.recv() => return,
    };
    let Ok((stream, _response)) = opened else {
        return tell(SocketEvent::Closed(CloseCode::ABNORMAL));
    };
    tell(SocketEvent::Opened);
    let (mut sink, mut source) = stream.split();
    loop {
        tokio::select! {
            written = write_next(&mut sink, &mut orders) => match written {
                Ok(Next::Written) => {}
                Ok(Next::Close(code)) => return close(sink, source, code).await,
                Ok(Next::Abandoned) => return,
                // The server may have said why before it went.
                Err(_) => break,
            },
            message = source.next(), if orders.len() < WAITING => {
                if let Some(code) = hear(message, &tell) {
                    return ended(sink, code, tell).await;
                }
            }
        }
    }
    let rest = async {
        loop {
            if let Some(code) = hear(source.next().await, &tell) {
                return code;
            }
        }
    };
    tell(SocketEvent::Closed(timeout(GOODBYE, rest).await.unwrap_or(CloseCode::ABNORMAL)));
}

enum Next {
    Written,
    Close(CloseCode),
    Abandoned,
}

/// Writes one text. All that wait are flushed together, after the last. It may be dropped at any
/// `await` and begun again: a text is taken only when there is room for it.
async fn write_next(sink: &mut Sink, orders: &mut UnboundedReceiver<Order>) -> Result<Next, Error> {
    if orders.is_empty() {
        sink.flush().await?;
    }
    poll_fn(|cx| sink.poll_ready_unpin(cx)).await?;
    match orders.recv().await {
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

/// The server has ended it: agrees, which flushes tungstenite's answer, and tells.
async fn ended(mut sink: Sink, code: CloseCode, tell: impl Fn(SocketEvent)) {
    let _ = timeout(GOODBYE, sink.close()).await;
    tell(SocketEvent::Closed(code));
}

/// This side ends it: says so, and waits until the server agrees.
async fn close(mut sink: Sink, mut source: Source, code: CloseCode) {
    let frame = CloseFrame { code: code.0.into(), reason: Utf8Bytes::default() };
    let goodbye = async {
        if sink.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = source.next().await {}
        }
    };
    let _ = timeout(GOODBYE, goodbye).await;
}
