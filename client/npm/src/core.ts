/**
 * The state machine in Rust, spoken to in numbers: the other side of `client/src/js.rs`.
 *
 * Each session has an instance of its own, so a trap in one cannot hurt another and its memory goes when
 * the session goes. Nothing but numbers crosses, so the exports are called as they are.
 */

/**
 * The exports; xtask gives them and these members the same letters. Times are milliseconds on one monotonic
 * clock; `Infinity` is never.
 */
export interface Core {
  /** `flags`: 1 drops the oldest when the queue is full, 2 is the plain protocol. */
  _create(queueLength: number, queueBytes: number, lowWater: number, flags: number, seed: number): void;
  /**
   * 0 when it was taken; then poll. Its id is the next one: they count from 1. Otherwise it is refused, nothing
   * more is heard of it, and it has no id: the reason, counted from 1, in the lowest four bits.
   */
  _send(size: number, timeout: number, ttl: number, now: number): number;
  /** Then poll. Returns the number of the last event. `flags`: 1 for resumed, 2 for a gap. */
  _welcome(
    heartbeat: number,
    message: number,
    inFlight: number,
    seen: number,
    flags: number,
    refreshIn: number,
    now: number,
  ): number;
  /** A numbered event came on the line. Then poll. */
  _event(number: number, now: number): Delivery;
  _handle(input: Input, number: number, now: number): void;
  /**
   * What to do: an `Output` in the lowest four bits, then a state, reason or `Socket` in four, a close code in
   * 13, and the number that goes with it in 32. When there is nothing, the time of the next tick, negative.
   */
  _poll(): number;
}

/** What happened. A test on the Rust side keeps the numbers the same. */
export const enum Input {
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

/** What to do. A test on the Rust side keeps the numbers the same. */
export const enum Output {
  Nothing,
  FetchToken,
  OpenSocket,
  WriteHello,
  Promote,
  Write,
  WritePing,
  WritePong,
  WriteToken,
  CloseSocket,
  Measure,
  Gap,
  Reject,
  State,
}

/** Which socket to close: the open one, or the one that has no welcome yet. */
export const enum Socket {
  Line,
  Attempt,
}

/** What became of an event: the next one; had before, so not to be delivered; some before it are missing. */
export const enum Delivery {
  Fresh,
  Duplicate,
  Gap,
}

/** A new instance of the compiled module, which asks for nothing from outside. */
export function instantiate(module: WebAssembly.Module): Core {
  return new WebAssembly.Instance(module).exports as unknown as Core;
}
