//! The edge to the TypeScript shell in `npm/`: one session, spoken to in numbers.
//!
//! The shell makes an instance of the module per session, so there is one session here and no handle
//! to it. Only numbers cross: the exports are called as they are, without generated glue.
//! `npm/src/core.ts` is the other side.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "numbers of JavaScript are f64; ids and times stay far below 2^53, and casts saturate"
)]

use gatewire_core::CloseCode;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::session::{
    Delivery, Input, Millis, Options, Output, Overflow, Protocol, Rejection, Session, Socket,
    State, Welcome,
};

/// The session of this instance.
static CORE: spin::Mutex<Option<Core>> = spin::Mutex::new(None);

#[derive(Debug)]
struct Core {
    session: Session,
    /// What goes with the output that the shell is about to act on: an id, the number of a ping, or
    /// milliseconds.
    number: u64,
}

/// See [`Session::new`]. `flags`: 1 drops the oldest when the queue is full, 2 is the plain protocol.
#[wasm_bindgen]
pub fn create(queue_length: u32, queue_bytes: u32, low_water: u32, flags: u32, seed: u32) {
    let options = Options {
        queue_length: queue_length as usize,
        queue_bytes: queue_bytes as usize,
        overflow: if flags & 1 != 0 { Overflow::DropOldest } else { Overflow::Reject },
        low_water: low_water as usize,
        protocol: if flags & 2 != 0 { Protocol::Plain } else { Protocol::Gatewire },
    };
    CORE.lock().get_or_insert_with(|| Core { session: Session::new(options, seed), number: 0 });
}

/// See [`Session::next_id`].
#[wasm_bindgen]
#[must_use]
pub fn next_id() -> f64 {
    with(|core| core.session.next_id() as f64)
}

/// See [`Session::send`]; an infinite time is none.
#[wasm_bindgen]
pub fn send(size: u32, timeout: f64, ttl: f64, now: f64) {
    with(|core| core.session.send(size as usize, timeout as Millis, ttl as Millis, now as Millis));
}

/// [`Input::Welcome`]. `flags`: 1 for resumed, 2 for a gap.
#[wasm_bindgen]
pub fn welcome(
    heartbeat: f64,
    message: u32,
    in_flight: u32,
    seen: f64,
    flags: u32,
    refresh_in: f64,
    now: f64,
) {
    let welcome = Welcome {
        heartbeat: heartbeat as Millis,
        message: message as usize,
        in_flight: in_flight as usize,
        seen: seen as u64,
        resumed: flags & 1 != 0,
        gap: flags & 2 != 0,
        refresh_in: refresh_in as Millis,
    };
    with(|core| core.session.handle(Input::Welcome(welcome), now as Millis));
}

/// See [`Session::event`]; the place of its answer in [`Delivery`].
#[wasm_bindgen]
#[must_use]
pub fn event(number: f64, now: f64) -> u32 {
    with(|core| match core.session.event(number as u64, now as Millis) {
        Delivery::Fresh => 0,
        Delivery::Duplicate => 1,
        Delivery::Gap => 2,
    })
}

/// See [`Session::seen`]; -1 while it is unknown.
#[wasm_bindgen]
#[must_use]
pub fn seen() -> f64 {
    with(|core| core.session.seen().map_or(-1.0, |number| number as f64))
}

/// Every other input, by its place in [`Input`] without `Welcome`.
#[wasm_bindgen]
pub fn handle(input: u32, number: f64, now: f64) {
    let input = self::input(input, number);
    with(|core| core.session.handle(input, now as Millis));
}

/// Takes the next thing to do: which output in the lowest byte, counted from 1 in the order of
/// [`Output`], then which state, reason or socket, then the close code in the upper half; 0 when there
/// is nothing.
#[must_use]
#[wasm_bindgen]
pub fn poll() -> u32 {
    with(|core| {
        let (word, number) = core.session.poll().map_or((0, 0), numbers);
        core.number = number;
        word
    })
}

/// The number of the output polled last.
#[wasm_bindgen]
#[must_use]
pub fn number() -> f64 {
    with(|core| core.number as f64)
}

/// When to tell a tick; infinity for never.
#[wasm_bindgen]
#[must_use]
pub fn deadline() -> f64 {
    with(|core| {
        let deadline = core.session.deadline();
        deadline.map_or(f64::INFINITY, |when| when as f64)
    })
}

fn with<T: Default>(act: impl FnOnce(&mut Core) -> T) -> T {
    CORE.lock().as_mut().map(act).unwrap_or_default()
}

fn input(input: u32, number: f64) -> Input {
    let id = number as u64;
    match input {
        0 => Input::Connect,
        1 => Input::Close,
        2 => Input::Cancel(id),
        3 => Input::TokenReady,
        4 => Input::TokenFailed,
        5 => Input::Opened,
        6 => Input::Closed(CloseCode(number as u16)),
        7 => Input::Failed(CloseCode(number as u16)),
        8 => Input::Accepted(id),
        9 => Input::Answered(id),
        10 => Input::Ping(id),
        11 => Input::GoAway { delay: id },
        12 => Input::Expires { delay: id },
        13 => Input::Heard,
        14 => Input::Wake,
        15 => Input::Doubt,
        16 => Input::Suspend,
        17 => Input::Buffered(number as usize),
        _ => Input::Tick,
    }
}

/// The word that [`poll`] gives, and the number that goes with it.
fn numbers(output: Output) -> (u32, u64) {
    let (kind, detail, code, number) = match output {
        Output::FetchToken => (1, 0, None, 0),
        Output::OpenSocket => (2, 0, None, 0),
        Output::WriteHello => (3, 0, None, 0),
        Output::Promote => (4, 0, None, 0),
        Output::Write { id } => (5, 0, None, id),
        Output::WritePing { number } => (6, 0, None, number),
        Output::WritePong { number } => (7, 0, None, number),
        Output::WriteToken => (8, 0, None, 0),
        Output::CloseSocket { socket, code } => (9, socket_number(socket), Some(code), 0),
        Output::Measure => (10, 0, None, 0),
        Output::Gap => (11, 0, None, 0),
        Output::Reject { id, reason } => {
            let code = if let Rejection::Ended(code) = reason { Some(code) } else { None };
            (12, reason_number(reason), code, id)
        }
        Output::State { state, code, retry_in } => {
            (13, state_number(state), code, retry_in.unwrap_or(0))
        }
    };
    (kind | detail << 8 | code.map_or(0, |code| u32::from(code.0) << 16), number)
}

fn socket_number(socket: Socket) -> u32 {
    match socket {
        Socket::Line => 0,
        Socket::Attempt => 1,
    }
}

fn reason_number(reason: Rejection) -> u32 {
    match reason {
        Rejection::Timeout => 0,
        Rejection::QueueFull => 1,
        Rejection::TooLarge => 2,
        Rejection::Closed => 3,
        Rejection::Lost => 4,
        Rejection::Ended(_) => 5,
        Rejection::Expired => 6,
        Rejection::Dropped => 7,
    }
}

fn state_number(state: State) -> u32 {
    match state {
        State::Idle => 0,
        State::Connecting => 1,
        State::Open => 2,
        State::Waiting => 3,
        State::Closed => 4,
    }
}

/// A panic is a trap, which the shell sees as a `WebAssembly.RuntimeError`.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Never frees: the only allocations are two lists that double, so what it leaks is never more than
/// what they hold at their longest, and the instance goes with its session.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::LeakingAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::LeakingAllocator::new());

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = include_str!("../npm/src/core.ts");

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
    fn the_shell_counts_outputs_as_they_are_counted_here() {
        let code = CloseCode::NORMAL;
        let outputs = [
            Output::FetchToken,
            Output::OpenSocket,
            Output::WriteHello,
            Output::Promote,
            Output::Write { id: 1 },
            Output::WritePing { number: 1 },
            Output::WritePong { number: 1 },
            Output::WriteToken,
            Output::CloseSocket { socket: Socket::Attempt, code },
            Output::Measure,
            Output::Gap,
            Output::Reject { id: 1, reason: Rejection::Lost },
            Output::State { state: State::Open, code: None, retry_in: None },
        ];
        let names = members("Output");
        assert_eq!(names.len(), outputs.len() + 1, "and Nothing");
        for output in outputs {
            let index = numbers(output).0 & 255;
            assert_eq!(names[index as usize], name(output));
        }
    }

    #[test]
    fn the_shell_counts_inputs_as_they_are_counted_here() {
        for (number, member) in (0..).zip(members("Input")) {
            assert_eq!(name(input(number, 1.0)), member);
        }
    }
}
