//! What the session tells a driver.

use gatewire_core::CloseCode;

use super::{ActionId, Millis, list::List, numbers::Numbers};

/// What to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the application for a token, then tell [`TokenReady`](super::Input::TokenReady) or
    /// [`TokenFailed`](super::Input::TokenFailed). It is not asked again before it has answered.
    FetchToken,
    /// Open a socket with the token at hand: the attempt's.
    OpenSocket,
    /// Write the frame `hello` to the attempt's socket.
    WriteHello,
    /// The attempt's socket is the line's from now on. Close the line's older one, if there is one,
    /// with [`CloseCode::RECONNECTING`] and forget it.
    Promote,
    /// Write this action.
    Write {
        /// Which one.
        id: ActionId,
    },
    /// Write the frame `ping`.
    WritePing {
        /// The number that the pong repeats.
        number: u64,
    },
    /// Write the frame `pong`.
    WritePong {
        /// The number of the ping.
        number: u64,
    },
    /// Write the frame `token` with the token at hand.
    WriteToken,
    /// Close a socket and forget it: nothing about it is of interest any more.
    CloseSocket {
        /// Which one.
        socket: Socket,
        /// What to tell the server; always one that a browser lets a page send (1000, 4000-4999).
        code: CloseCode,
    },
    /// Tell [`Buffered`](super::Input::Buffered).
    Measure,
    /// Events were missed and will not come any more: tell the application.
    Gap,
    /// This action has no answer and will not be written (again). Forget its text.
    Reject {
        /// Which one.
        id: ActionId,
        /// Why.
        reason: Rejection,
    },
    /// The session is in another state than before.
    State {
        /// Which one.
        state: State,
        /// Why the last socket ended, where one did and that is the cause.
        code: Option<CloseCode>,
        /// In [`State::Waiting`]: in how many milliseconds the next attempt begins, at least 1; none
        /// until the page is back.
        retry_in: Option<Millis>,
    },
}

/// One of a session's sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// The open one. Everything is written to it but `hello`.
    Line,
    /// The one that has no welcome yet.
    Attempt,
}

/// How many the module in the npm package has room for. Its driver polls after every input, and within
/// a listener of the application only the application can cause any.
const MOST: usize = 32;

/// The outputs that nobody has polled yet, in order.
#[derive(Debug)]
pub(super) struct Outputs {
    /// Emptied when the last one was polled, so that it seldom grows.
    list: List<Numbers, MOST>,
    polled: usize,
}

impl Outputs {
    pub(super) const fn new() -> Self {
        Self { list: List::new(Numbers::NONE), polled: 0 }
    }

    #[inline(never)] // there are many who call it
    pub(super) fn push(&mut self, output: Numbers) {
        self.list.push(output);
    }

    /// The next one, or [`Numbers::NONE`].
    pub(super) fn pop(&mut self) -> Numbers {
        let output = self.list.as_slice().get(self.polled).copied();
        self.polled += 1;
        if output.is_none() {
            self.list.clear();
            self.polled = 0;
        }
        output.unwrap_or(Numbers::NONE)
    }
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for a connection yet.
    Idle,
    /// An attempt is under way: token, socket, welcome.
    Connecting,
    /// The server said welcome; actions are written.
    Open,
    /// An attempt failed or a socket was lost; the next attempt comes by itself.
    Waiting,
    /// Over: the application closed it, or the server does not want it back.
    Closed,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is the next one: give it to the application.
    Fresh,
    /// The application had it before.
    Duplicate,
    /// Events before it are missing: tell the application, then give it this one.
    Gap,
}

/// Why an action has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Its time was up. It may have been run if it was written before.
    #[error("no answer in time")]
    Timeout,
    /// Too much waits already. It was never written.
    #[error("too many actions wait for a connection")]
    QueueFull,
    /// It is over the server's message limit.
    #[error("the message is over the server's limit")]
    TooLarge,
    /// The application closed the session.
    #[error("the session is closed")]
    Closed,
    /// The socket was lost after it was written, and it is too old to be written again without the
    /// risk of running twice. It may have been run.
    #[error("the connection was lost for too long to send the action again safely")]
    Lost,
    /// The server ended the session with this code.
    #[error("the server ended the session with close code {0}")]
    Ended(CloseCode),
    /// It waited for too long. It was never written.
    #[error("not sent in time")]
    Expired,
    /// Newer actions took its place. It was never written.
    #[error("newer actions took its place in the queue")]
    Dropped,
}
