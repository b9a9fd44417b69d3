/**
 * The state machine in Rust, spoken to in numbers: the other side of `client/src/js.rs`.
 *
 * Each session has an instance of its own, so a trap in one cannot hurt another and its memory goes when
 * the session goes. Nothing but numbers crosses, so the exports are called as they are.
 */

/** The exports. Times are milliseconds on one monotonic clock. */
export interface Core {
  create(queueLength: number, queueBytes: number, seed: number): void;
  next_id(): number;
  send(size: number, timeout: number, now: number): void;
  welcome(heartbeat: number, message: number, inFlight: number, now: number): void;
  handle(input: Input, number: number, now: number): void;
  /** An `Output` in the lowest byte, then a state or reason, then a close code; 0 for nothing. */
  poll(): number;
  /** The number that goes with the output polled last. */
  number(): number;
  deadline(): number;
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
  Accepted,
  Answered,
  Ping,
  GoAway,
  Heard,
  Wake,
  Tick,
}

/** What to do. A test on the Rust side keeps the numbers the same. */
export const enum Output {
  Nothing,
  FetchToken,
  OpenSocket,
  WriteHello,
  Write,
  WritePing,
  WritePong,
  CloseSocket,
  Reject,
  State,
}

/** A new instance of the compiled module. */
export function instantiate(module: WebAssembly.Module): Core {
  const imports: Record<string, Record<string, () => void>> = {};
  // wasm-bindgen's table of JavaScript values: declared, and never used by numbers.
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {};
  }
  return new WebAssembly.Instance(module, imports).exports as unknown as Core;
}
