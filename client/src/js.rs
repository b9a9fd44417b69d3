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

use spin::{Mutex, MutexGuard};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::session::{
    Delivery, KINDS, Kind, Millis, Numbers, Options, Overflow, Protocol, Session, Welcome,
    of_reason,
};

/// The session of this instance.
static CORE: Mutex<Core> = Mutex::new(Core::new());

#[derive(Debug)]
#[repr(C)] // what is small comes first, where addresses are short
struct Core {
    /// What goes with the output that the shell is about to act on: an id, the number of a ping, or
    /// milliseconds.
    number: u64,
    session: Session,
}

impl Core {
    const fn new() -> Self {
        Self { number: 0, session: Session::new(Options::DEFAULT, 0) }
    }
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
    core().session.set_up(options, seed);
}

/// See [`Session::next_id`].
#[wasm_bindgen]
#[must_use]
pub fn next_id() -> f64 {
    core().session.next_id() as f64
}

/// See [`Session::send`]; an infinite time is none. 0 when it was taken, else why not: the reason,
/// counted from 1, in the lowest byte, and the close code in the upper half.
#[wasm_bindgen]
#[must_use]
pub fn send(size: u32, timeout: f64, ttl: f64, now: f64) -> u32 {
    let (timeout, ttl, now) = (timeout as Millis, ttl as Millis, now as Millis);
    match core().session.send(size as usize, timeout, ttl, now) {
        Ok(_) => 0,
        Err(reason) => {
            let word = of_reason(reason);
            (word & 255) + 1 | word >> 8 << 16
        }
    }
}

/// [`Input::Welcome`](crate::session::Input::Welcome). `flags`: 1 for resumed, 2 for a gap.
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
    core().session.take_welcome(&welcome, now as Millis);
}

/// See [`Session::event`]; the place of its answer in [`Delivery`].
#[wasm_bindgen]
#[must_use]
pub fn event(number: f64, now: f64) -> u32 {
    match core().session.event(number as u64, now as Millis) {
        Delivery::Fresh => 0,
        Delivery::Duplicate => 1,
        Delivery::Gap => 2,
    }
}

/// See [`Session::seen`]; -1 while it is unknown.
#[wasm_bindgen]
#[must_use]
pub fn seen() -> f64 {
    core().session.seen().map_or(-1.0, |number| number as f64)
}

/// Every other input, by its place in [`Input`](crate::session::Input) without `Welcome`.
#[wasm_bindgen]
pub fn handle(input: u32, number: f64, now: f64) {
    let kind = KINDS.get(input as usize).copied().unwrap_or(Kind::Tick);
    core().session.take(kind, number as u64, now as Millis);
}

/// Takes the next thing to do: which output in the lowest byte, counted from 1 in the order of
/// [`Output`](crate::session::Output), then which state, reason or socket, then the close code in the
/// upper half; 0 when there is nothing.
#[must_use]
#[wasm_bindgen]
pub fn poll() -> u32 {
    let mut core = core();
    let Numbers { word, number } = core.session.poll_numbers();
    core.number = number;
    word
}

/// The number of the output polled last.
#[wasm_bindgen]
#[must_use]
pub fn number() -> f64 {
    core().number as f64
}

/// When to tell a tick; infinity for never.
#[wasm_bindgen]
#[must_use]
pub fn deadline() -> f64 {
    core().session.deadline().map_or(f64::INFINITY, |when| when as f64)
}

/// Not inlined: locking is longer than most of what is done then.
#[inline(never)]
fn core() -> MutexGuard<'static, Core> {
    CORE.lock()
}

/// A panic is a trap, which the shell sees as a `WebAssembly.RuntimeError`.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// There is nothing to allocate. wasm-bindgen asks for an allocator all the same, in code that is not
/// part of the package in the end.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::FailAllocator = lol_alloc::FailAllocator;
