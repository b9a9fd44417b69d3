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
    Delivery, KINDS, Kind, Millis, Options, Overflow, Protocol, Reason, Session, Welcome,
};

/// The session of this instance.
static SESSION: Mutex<Session> = Mutex::new(Session::new(NONE, 0));

/// Zeros take no room in the module; [`create`] brings the real ones.
const NONE: Options = Options {
    queue_length: 0,
    queue_bytes: 0,
    overflow: Overflow::Reject,
    low_water: 0,
    protocol: Protocol::Gatewire,
};

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
    session().set_up(options, seed);
}

/// See [`Session::send`]; an infinite time is none. 0 when it was taken, and then its id is one more than
/// that of the last one that was; else why not: the reason, counted from 1, in the lowest four bits.
#[wasm_bindgen]
#[must_use]
pub fn send(size: u32, timeout: f64, ttl: f64, now: f64) -> u32 {
    let (timeout, ttl, now) = (timeout as Millis, ttl as Millis, now as Millis);
    let Reason(word) = session().offer(size as usize, timeout, ttl, now);
    word
}

/// [`Input::Welcome`](crate::session::Input::Welcome). `flags`: 1 for resumed, 2 for a gap. The answer is
/// [`Session::seen`].
#[wasm_bindgen]
#[must_use]
pub fn welcome(
    heartbeat: f64,
    message: u32,
    in_flight: u32,
    seen: f64,
    flags: u32,
    refresh_in: f64,
    now: f64,
) -> f64 {
    let welcome = Welcome {
        heartbeat: heartbeat as Millis,
        message: message as usize,
        in_flight: in_flight as usize,
        seen: seen as u64,
        resumed: flags & 1 != 0,
        gap: flags & 2 != 0,
        refresh_in: refresh_in as Millis,
    };
    let mut session = session();
    session.take_welcome(&welcome, now as Millis);
    session.seen().unwrap_or(0) as f64
}

/// See [`Session::event`]; the place of its answer in [`Delivery`].
#[wasm_bindgen]
#[must_use]
pub fn event(number: f64, now: f64) -> u32 {
    match session().event(number as u64, now as Millis) {
        Delivery::Fresh => 0,
        Delivery::Duplicate => 1,
        Delivery::Gap => 2,
    }
}

/// Every other input, by its place in [`Input`](crate::session::Input) without `Welcome`.
#[wasm_bindgen]
pub fn handle(input: u32, number: f64, now: f64) {
    let kind = KINDS.get(input as usize).copied().unwrap_or(Kind::Tick);
    session().take(kind, number as u64, now as Millis);
}

/// Takes the next thing to do: a positive number of 53 bits. The lowest four say which output, counted
/// from 1 in the order of [`Output`](crate::session::Output), four more which state, reason or socket, and
/// 13 the close code, which is below 5,000 (RFC 6455 §7.4.2). The other 32 are its number: an id, that of
/// a ping, or milliseconds.
///
/// When there is nothing, it is the time of the next tick, below zero; 2^64 is never.
#[must_use]
#[wasm_bindgen]
pub fn poll() -> f64 {
    let mut session = session();
    match session.poll_word() {
        0 => -(session.next_deadline() as f64),
        word => (session.number() << 32 >> 11 | u64::from(word & 0x1F_FFFF)) as f64,
    }
}

/// Not inlined: locking is longer than most of what is done then. It is locked already only if a call
/// has trapped before.
#[inline(never)]
fn session() -> MutexGuard<'static, Session> {
    let Some(session) = SESSION.try_lock() else { trap() };
    session
}

/// The shell sees a `WebAssembly.RuntimeError`.
#[cfg(target_arch = "wasm32")]
fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn trap() -> ! {
    panic!("locked")
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    trap()
}

/// There is nothing to allocate. wasm-bindgen asks for an allocator all the same, in code that is not
/// part of the package in the end.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::FailAllocator = lol_alloc::FailAllocator;
