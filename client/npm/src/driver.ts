/** The thin part: socket, timers, promises and JSON, as the state machine says. */

import type { Contract, CoreSession, Options, SendOptions, State, StateChange } from "../gatewire.d.ts";
import { type Core, Delivery, Input, instantiate, Output, Socket } from "./core.ts";
import { ended, failure, GatewireError, type Reason, rejection } from "./error.ts";
import { type Part, Shapes } from "./shapes.ts";
import { type Frame, written } from "./written.ts";

/** In the order of the numbers in `client/src/js.rs`. */
export const STATES: State[] = ["idle", "connecting", "open", "waiting", "closed"];

/** What a frame has beside its data, in bytes; about, since names and numbers differ. */
const ENVELOPE = 50;

/** The longest delay that every timer takes, in milliseconds; whoever rings early is set again. */
const LONGEST = 2e9;

/** A time that no timer rings at; the state machine's own is a little later. */
const NEVER = 1e19;

/** The shortest life of a token, in milliseconds, whatever the clocks say. */
const SHORTEST = 2e4;

/** At run time a contract is names; the types are the caller's business. */
export type AnyContract = { actions: Record<string, { data: any; reply: any }>; events: Record<string, any> };

export type Listener = (...values: any[]) => void;

/** A send that nobody has answered. */
export interface Pending {
  _action: string;
  /** The data as it travels. */
  _json: string;
  _id?: number;
  _resolve(reply: unknown): void;
  _reject(error: unknown): void;
}

/** Changes of the session itself: numbers, among the names of events. */
export const enum Hook {
  State,
  Contract,
  Gap,
  Unauthorized,
}

/**
 * What `BasicDriver` and `FullDriver` have in common: neither carries what the other does in its own way. The
 * build shortens the names that begin with `_`, and only such.
 */
export abstract class Driver implements CoreSession<AnyContract> {
  state: State = "idle";
  readonly ready: Promise<void>;

  _pending = new Map<number, Pending>();
  /** By event. The lists are never changed, but replaced: whoever goes through one is not disturbed. */
  _listeners: Record<string | Hook, Listener[]> = Object.create(null);
  /** The id of the last action that was taken. */
  _ids = 0;
  /** The number of the last event; 0 before the first. */
  _seen = 0;
  /** When the timer rings. */
  _armed = NEVER;
  /** How far the ids on the wire are ahead of those of the state machine. */
  _offset = 0;
  declare _contract: Contract<any> | undefined;
  declare _url: string;
  declare _options: Options;
  declare _compile: () => WebAssembly.Module;
  declare _core: Core;
  /** Without any, nothing is checked, and nothing that comes is made a bigint. */
  declare _shapes: Shapes | undefined;
  /** The id of the session. */
  declare _key: string;
  declare _token: string | undefined;
  /** The socket that actions are written on, and the one that is to become it. */
  declare _line: WebSocket | undefined;
  declare _attempt: WebSocket | undefined;
  /** The largest frame that the server takes. */
  declare _limit: number;
  /** Whether outputs are being done further up the stack. */
  declare _running: boolean;
  declare _timer: ReturnType<typeof setTimeout>;
  /** Why the session is closed. */
  declare _cause: unknown;
  declare _opened: () => void;
  declare _failed: (cause: unknown) => void;

  constructor(compile: () => WebAssembly.Module, contract: Contract<any> | undefined, url: string, options: Options) {
    this._compile = compile;
    this._contract = contract;
    this._url = url;
    this._options = options;
    if (contract?.shapes) this._shapes = new Shapes(contract.shapes, options.validate);
    this.ready = new Promise((resolve, reject) => {
      this._opened = resolve;
      this._failed = reject;
    });
    this.ready.catch(() => {}); // whoever never awaits it has onState
  }

  abstract send(action: string, data: unknown, options?: SendOptions): Promise<any>;
  /** Sets the state machine up. `seed` spreads the attempts of many clients. */
  abstract _create(seed: number): void;
  /** Opens a socket with the token at hand. */
  abstract _open(): void;

  connect(): void {
    this._start();
    if (this.state !== "closed") this._tell(Input.Connect);
  }

  on(event: string | Hook, listener: Listener): () => void {
    const { _listeners: all } = this;
    // Its own function, so that a listener added twice is two and each can be taken away.
    const own: Listener = (...values) => listener(...values);
    all[event] = [...(all[event] ?? []), own];
    return () => {
      all[event] = all[event]!.filter((other) => other !== own);
    };
  }

  onState(listener: (change: StateChange) => void): () => void {
    return this.on(Hook.State, listener);
  }

  close(): void {
    this._end(failure("!closed"));
  }

  /** Everything before this touches nothing that a server may lack. */
  _start(): void {
    if (this._core) return;
    this._key ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
    this._core = instantiate(this._compile());
    this._create(Math.random() * 2 ** 32);
  }

  /** The data as it travels; throws when that is not as the contract says. */
  _json(action: string, data: unknown): string {
    const frame = { data };
    this._check("data", action, frame);
    return written(frame);
  }

  _queue(pending: Pending, timeout = this._options.timeout ?? 60_000, ttl = Infinity): void {
    if (!this._core) this.connect();
    const { length } = pending._json;
    // What is surely within the limit needs no counting.
    const size = length * 3 < this._limit ? length : new TextEncoder().encode(pending._json).length;
    const time = now();
    const refusal = this._core._send(size + ENVELOPE, timeout, ttl, time);
    if (refusal) throw this._why((refusal & 15) - 1, pending);
    this._pending.set((pending._id = ++this._ids), pending);
    this._run(time);
  }

  _tell(input: Input, number = 0): void {
    const time = now();
    this._core._handle(input, number, time);
    this._run(time);
  }

  /** Does what there is to do. What a listener causes meanwhile is done by the same loop, in order. */
  _run(time: number): void {
    if (this._running) return;
    this._running = true;
    let output;
    while ((output = this._core._poll()) > 0) {
      this._do(output & 15, (output >> 4) & 15, (output >> 8) & 8191, (output / 2 ** 21) >>> 0);
    }
    this._running = false;
    // A timer that is too early is left alone: it ticks, finds nothing due, and sets the next.
    if (-output < this._armed) {
      clearTimeout(this._timer);
      this._armed = -output;
      const ring = () => {
        this._armed = NEVER;
        this._tell(Input.Tick);
      };
      this._timer = setTimeout(ring, Math.min(this._armed - now(), LONGEST));
    }
  }

  _do(output: Output, detail: number, code: number, number: number): void {
    const pending = this._pending.get(number)!;
    switch (output) {
      case Output.Write:
        this._put(pending, number);
        break;
      case Output.FetchToken:
        this._fetchToken();
        break;
      case Output.OpenSocket:
        this._open();
        break;
      case Output.WriteHello: {
        const { _key: session, _contract: contract } = this;
        this._say({ hello: { session, contract: contract?.fingerprint, seen: this._acknowledged() } }, this._attempt);
        break;
      }
      case Output.Promote:
        drop(this._line, 4000);
        this._line = this._attempt;
        break;
      case Output.WritePing:
        this._say({ ping: number, seen: this._acknowledged() });
        break;
      case Output.WritePong:
        this._say({ pong: number });
        break;
      case Output.CloseSocket:
        drop(detail === Socket.Attempt ? this._attempt : this._line, code);
        break;
      case Output.Reject:
        this._pending.delete(number);
        pending?._reject(this._why(detail, pending));
        break;
      case Output.State: {
        const state = (this.state = STATES[detail]!);
        if (state === "open") this._opened();
        if (state === "closed") {
          clearTimeout(this._timer); // a process would wait for it
          this._failed((this._cause ??= ended(code)));
        }
        this._emit(Hook.State, { state, ...(code && { code }), ...(number && { retryIn: number }) });
      }
    }
  }

  /** Writes an action. */
  _put(pending: Pending, id: number): void {
    this._write(this._frame(pending, id + this._offset));
  }

  /** Why a send has no answer; once the session is closed, that is why. */
  _why(reason: Reason, { _action }: Pending): unknown {
    return this._cause ?? rejection(reason, _action);
  }

  /** Until this answers it is not called again. */
  async _fetchToken(): Promise<void> {
    const { token } = this._options;
    let input = Input.TokenReady;
    try {
      this._token = typeof token === "function" ? await token() : token;
    } catch (problem) {
      this._report(problem);
      input = Input.TokenFailed;
    }
    this._tell(input);
  }

  _dial(url: string, protocols: string[], ...more: object[]): void {
    const WebSocket = (this._options.WebSocket ?? globalThis.WebSocket) as new (...args: any[]) => WebSocket;
    try {
      const socket = new WebSocket(url, protocols, ...more);
      this._attempt = socket;
      socket.onopen = () => this._tell(Input.Opened);
      socket.onmessage = ({ data }) => this._receive(data);
      socket.onclose = ({ code }) => this._tell(socket === this._line ? Input.Closed : Input.Failed, code);
      socket.onerror = () => {}; // `close` follows; without a listener the package `ws` would throw
    } catch (problem) {
      // Tried again it would be the same. The message of the error may repeat the token.
      this._end(failure("!unusable", "", `: check URL, token and options.WebSocket (${(problem as Error).name})`));
    }
  }

  _end(cause: unknown): void {
    this._cause ??= cause;
    this._start();
    this._tell(Input.Close);
  }

  _frame({ _action: action, _json }: Pending, id: number): string {
    return `${JSON.stringify({ action, id, seen: this._acknowledged() }).slice(0, -1)},"data":${_json}}`;
  }

  /** Up to which event the server may forget them, if there is any. */
  _acknowledged(): number | undefined {
    return this._seen || undefined;
  }

  _say(frame: object, socket?: WebSocket): void {
    this._write(JSON.stringify(frame), socket);
  }

  _write(text: string, socket = this._line): void {
    socket!.send(text);
  }

  _receive(text: string): void {
    try {
      this._hear(JSON.parse(text));
    } catch (problem) {
      this._report(problem);
      this._tell(Input.Heard);
    }
  }

  _hear(frame: any): void {
    const { event, error, welcome, goaway, token } = frame;
    const id = frame.id - this._offset;
    if (id) {
      if (frame.accepted) return this._tell(Input.Accepted, id);
      const pending = this._pending.get(id);
      this._pending.delete(id); // a late or second answer finds nobody
      try {
        if (error) throw told(error);
        pending?._resolve(this._check("reply", pending._action, frame));
      } catch (problem) {
        pending?._reject(problem);
      }
      this._tell(Input.Answered, id);
    } else if (event) {
      const delivery = frame.seq && this._core._event(frame.seq, now());
      if (delivery !== Delivery.Duplicate) {
        this._seen = frame.seq ?? this._seen;
        if (delivery === Delivery.Gap) this._emit(Hook.Gap);
        this._emit(event, this._check("event", event, frame), event);
      }
      this._tell(Input.Heard);
    } else if (welcome) {
      const { message, inFlight } = welcome.limits;
      this._limit = message;
      const flags = (welcome.resumed && 1) | (welcome.gap && 2);
      const time = now();
      const { heartbeat, seen = 0 } = welcome;
      this._seen = this._core._welcome(heartbeat, message, inFlight, seen, flags, this._left(welcome), time);
      this._run(time);
    } else {
      if (error) this._report(told(error));
      if (goaway) this._tell(Input.GoAway, goaway.in);
      else if (token) this._tell(Input.Expires, this._left(token));
      else this._tell(frame.ping ? Input.Ping : Input.Heard, frame.ping);
    }
  }

  /** In how many milliseconds a token ends. Never at once: a clock that is ahead must not ask without end. */
  _left({ expires = Infinity }: { expires?: number }): number {
    return Math.max(expires - Date.now(), SHORTEST);
  }

  /** The data of a frame as the application wants it; throws why it is not what the contract says. */
  _check(part: Part, name: string, frame: Frame): unknown {
    const words = this._shapes?._refusal(part, name, frame);
    // Otherwise it reads as if what was sent were wrong.
    if (words) throw new GatewireError("invalid", (part === "reply" ? "reply to " : "") + words, false);
    return frame.data ?? null;
  }

  /** One listener's mistake does not keep the others from their value. */
  _emit(event: string | Hook, ...values: unknown[]): void {
    for (const listener of this._listeners[event] ?? []) {
      try {
        listener(...values);
      } catch (problem) {
        this._report(problem);
      }
    }
  }

  /** Asynchronous, so that what `onProblem` throws is a rejection that nobody handles, and stops nothing here. */
  async _report(problem: unknown): Promise<void> {
    (this._options.onProblem ?? console.error)(problem);
  }
}

export const PROTOCOL = "gatewire.v1";

/** The server's own words: they name what is wrong. */
function told({ code, message, temporary }: any): GatewireError {
  return new GatewireError(code, message, !!temporary);
}

/** Lets go of a socket; there is none when it could not be made. */
function drop(socket: WebSocket | undefined, code: number): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close(code);
}

export function now(): number {
  return performance.now();
}
