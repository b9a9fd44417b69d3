//! Inputs and outputs as numbers.
//!
//! This is what crosses to the TypeScript shell, and what the session itself works with: two numbers
//! take much less code to hand over and to keep than an enum. `npm/src/core.ts` has the same order.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a part of a word is cut out of it, and bytes are told by a machine that can hold them"
)]

use gatewire_core::CloseCode;

use super::{ActionId, Input, Output, Rejection, Socket, State};

/// Which input; [`Welcome`](Input::Welcome) is told in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Connect,
    Close,
    Cancel,
    TokenReady,
    TokenFailed,
    Opened,
    Closed,
    Failed,
    Accepted,
    Answered,
    Ping,
    GoAway,
    Expires,
    Heard,
    Wake,
    Doubt,
    Suspend,
    Buffered,
    Tick,
}

impl Kind {
    /// See [`IS_CORE`](super::options::IS_CORE).
    pub(super) fn is_for_more_than_the_core(self) -> bool {
        matches!(
            self,
            Self::Cancel
                | Self::Expires
                | Self::Wake
                | Self::Doubt
                | Self::Suspend
                | Self::Buffered
        )
    }
}

/// In the order of their numbers.
#[cfg(feature = "js")]
pub(crate) const KINDS: [Kind; 19] = [
    Kind::Connect,
    Kind::Close,
    Kind::Cancel,
    Kind::TokenReady,
    Kind::TokenFailed,
    Kind::Opened,
    Kind::Closed,
    Kind::Failed,
    Kind::Accepted,
    Kind::Answered,
    Kind::Ping,
    Kind::GoAway,
    Kind::Expires,
    Kind::Heard,
    Kind::Wake,
    Kind::Doubt,
    Kind::Suspend,
    Kind::Buffered,
    Kind::Tick,
];

/// The input's kind and its number: an id, a close code, milliseconds or bytes.
pub(super) fn of_input(input: Input) -> (Kind, u64) {
    match input {
        Input::Connect => (Kind::Connect, 0),
        Input::Close => (Kind::Close, 0),
        Input::Cancel(id) => (Kind::Cancel, id),
        Input::TokenReady => (Kind::TokenReady, 0),
        Input::TokenFailed => (Kind::TokenFailed, 0),
        Input::Opened => (Kind::Opened, 0),
        Input::Closed(code) => (Kind::Closed, code.0.into()),
        Input::Failed(code) => (Kind::Failed, code.0.into()),
        Input::Accepted(id) => (Kind::Accepted, id),
        Input::Answered(id) => (Kind::Answered, id),
        Input::Ping(number) => (Kind::Ping, number),
        Input::GoAway { delay } => (Kind::GoAway, delay),
        Input::Expires { delay } => (Kind::Expires, delay),
        Input::Heard => (Kind::Heard, 0),
        Input::Wake => (Kind::Wake, 0),
        Input::Doubt => (Kind::Doubt, 0),
        Input::Suspend => (Kind::Suspend, 0),
        Input::Buffered(bytes) => (Kind::Buffered, bytes as u64),
        Input::Welcome(_) | Input::Tick => (Kind::Tick, 0),
    }
}

/// An output in two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Which output in the lowest four bits, counted from 1 in the order of [`Output`]; then, in four
    /// more, which state, reason or socket; then the close code. 0 is no output.
    pub(crate) word: u32,
    /// An id, the number of a ping, or milliseconds.
    pub(crate) number: u64,
}

impl Numbers {
    pub(super) const NONE: Self = Self { word: 0, number: 0 };

    /// Inlined, so that it happens while compiling wherever the output is known by then.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: a seventh of the module in the npm package"
    )]
    pub(super) fn of(output: Output) -> Self {
        let (kind, detail, number) = match output {
            Output::FetchToken => (1, 0, 0),
            Output::OpenSocket => (2, 0, 0),
            Output::WriteHello => (3, 0, 0),
            Output::Promote => (4, 0, 0),
            Output::Write { id } => (5, 0, id),
            Output::WritePing { number } => (6, 0, number),
            Output::WritePong { number } => (7, 0, number),
            Output::WriteToken => (8, 0, 0),
            Output::CloseSocket { socket, code } => (9, of_socket(socket) | of_code(code), 0),
            Output::Measure => (10, 0, 0),
            Output::Gap => (11, 0, 0),
            Output::Reject { id, reason } => return Self::rejection(id, Reason::of(reason)),
            Output::State { state, code, retry_in } => {
                (13, of_state(state) | code.map_or(0, of_code), retry_in.unwrap_or(0))
            }
        };
        Self { word: word(kind, detail), number }
    }

    /// [`Output::Reject`]
    pub(super) fn rejection(id: ActionId, reason: Reason) -> Self {
        Self { word: word(12, reason.0 - 1), number: id }
    }

    pub(super) fn output(self) -> Option<Output> {
        let Self { word, number } = self;
        let id = number;
        let detail = word >> 4 & 15;
        let code = CloseCode((word >> 8) as u16);
        Some(match word & 15 {
            1 => Output::FetchToken,
            2 => Output::OpenSocket,
            3 => Output::WriteHello,
            4 => Output::Promote,
            5 => Output::Write { id },
            6 => Output::WritePing { number },
            7 => Output::WritePong { number },
            8 => Output::WriteToken,
            9 => {
                let socket = if detail == 0 { Socket::Line } else { Socket::Attempt };
                Output::CloseSocket { socket, code }
            }
            10 => Output::Measure,
            11 => Output::Gap,
            12 => Output::Reject { id, reason: Reason((word >> 4) + 1).rejection() },
            13 => {
                let code = (code.0 > 0).then_some(code);
                let retry_in = (number > 0).then_some(number);
                Output::State { state: state(detail), code, retry_in }
            }
            _ => return None,
        })
    }
}

/// A [`Rejection`]: which one in the lowest four bits, counted from 1, and its close code above that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason(pub(crate) u32);

impl Reason {
    /// No reason.
    pub(crate) const NONE: Self = Self(0);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as with outputs")]
    pub(super) const fn of(rejection: Rejection) -> Self {
        Self(match rejection {
            Rejection::Timeout => 1,
            Rejection::QueueFull => 2,
            Rejection::TooLarge => 3,
            Rejection::Closed => 4,
            Rejection::Lost => 5,
            Rejection::Ended(code) => 6 | of_code(code),
            Rejection::Expired => 7,
            Rejection::Dropped => 8,
        })
    }

    pub(super) fn rejection(self) -> Rejection {
        match self.0 & 15 {
            1 => Rejection::Timeout,
            2 => Rejection::QueueFull,
            3 => Rejection::TooLarge,
            4 => Rejection::Closed,
            5 => Rejection::Lost,
            6 => Rejection::Ended(CloseCode((self.0 >> 4) as u16)),
            7 => Rejection::Expired,
            _ => Rejection::Dropped,
        }
    }
}

/// Four bits say which output it is.
const fn word(kind: u32, rest: u32) -> u32 {
    kind | rest << 4
}

fn of_state(state: State) -> u32 {
    match state {
        State::Idle => 0,
        State::Connecting => 1,
        State::Open => 2,
        State::Waiting => 3,
        State::Closed => 4,
    }
}

fn state(detail: u32) -> State {
    match detail {
        0 => State::Idle,
        1 => State::Connecting,
        2 => State::Open,
        3 => State::Waiting,
        _ => State::Closed,
    }
}

fn of_socket(socket: Socket) -> u32 {
    match socket {
        Socket::Line => 0,
        Socket::Attempt => 1,
    }
}

/// Four bits are left for what the code goes with.
const fn of_code(code: CloseCode) -> u32 {
    (code.0 as u32) << 4
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = include_str!("../../npm/src/core.ts");

    /// The members of an enum of the shell, in order.
    fn members(name: &str) -> Vec<&'static str> {
        let start = format!("const enum {name} {{");
        let (_, body) = SHELL.split_once(&start).unwrap();
        let (body, _) = body.split_once('}').unwrap();
        body.split(',').map(str::trim).filter(|it| !it.is_empty()).collect()
    }

    /// `Reject { id: … }` → `Reject`
    fn name(value: impl core::fmt::Debug) -> String {
        let text = format!("{value:?}");
        let end = text.find(|c: char| !c.is_alphanumeric());
        text[..end.unwrap_or(text.len())].to_owned()
    }

    #[test]
    fn outputs_survive_and_the_shell_counts_them_in_the_same_way() {
        let code = CloseCode::SILENT;
        let outputs = [
            Output::FetchToken,
            Output::OpenSocket,
            Output::WriteHello,
            Output::Promote,
            Output::Write { id: 1 },
            Output::WritePing { number: 2 },
            Output::WritePong { number: 3 },
            Output::WriteToken,
            Output::CloseSocket { socket: Socket::Attempt, code },
            Output::Measure,
            Output::Gap,
            Output::Reject { id: 4, reason: Rejection::Ended(code) },
            Output::State { state: State::Waiting, code: Some(code), retry_in: Some(5) },
        ];
        let names = members("Output");
        assert_eq!(names.len(), outputs.len() + 1, "and Nothing");
        for output in outputs {
            let numbers = Numbers::of(output);
            assert_eq!(names[numbers.word as usize & 15], name(output));
            assert_eq!(numbers.output(), Some(output));
        }
        assert_eq!(Numbers::NONE.output(), None);
    }

    #[test]
    fn details_survive() {
        let id = 1;
        for detail in 0..8 {
            let output = Output::Reject { id, reason: Reason(detail + 1).rejection() };
            assert_eq!(Numbers::of(output).word >> 4 & 15, detail);
            assert_eq!(Numbers::of(output).output(), Some(output));
        }
        for detail in 0..5 {
            let output = Output::State { state: state(detail), code: None, retry_in: None };
            assert_eq!(Numbers::of(output).word, word(13, detail));
            assert_eq!(Numbers::of(output).output(), Some(output));
        }
    }

    #[cfg(feature = "js")]
    #[test]
    fn the_shell_counts_inputs_in_the_same_way() {
        let names: Vec<String> = KINDS.map(name).into();
        assert_eq!(names, members("Input"));
        for (index, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
        }
        let id = 7;
        assert_eq!(of_input(Input::Answered(id)), (Kind::Answered, id));
    }
}
