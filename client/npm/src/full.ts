/** The whole session: what `gatewire` has beyond `gatewire/core`. */

import type * as api from "../gatewire.d.ts";
import { Input, Output } from "./core.ts";
import { type AnyContract, Driver, Hook } from "./driver.ts";
import { failure } from "./error.ts";
import { iterate } from "./events.ts";
import { watch } from "./page.ts";
import { Sent } from "./sent.ts";
import type { Part } from "./shapes.ts";
import { claims, travel } from "./token.ts";
import type { Frame } from "./written.ts";

/** By how many milliseconds the clock on the wall must get ahead of the timers' for the machine to have slept. */
const SLEPT = 5_000;

export class FullDriver extends Driver implements api.Session<AnyContract> {
  resumed = false;
  declare contract?: api.Verdict | undefined;
  declare _options: api.Options;
  declare _pending: Map<number, Sent>;
  declare _connectionId: string | undefined;
  /** Ends what is heard of the page. */
  declare _page: AbortController;
  /** How far the clock on the wall is ahead of the timers'. */
  declare _ahead: number;

  get key(): string {
    this._start();
    return this._key;
  }

  send(action: string, data: unknown, { signal, key, timeout, ttl }: api.SendOptions = {}): Sent {
    const { outgoing, protocol, ttl: usual } = this._options;
    let trace;
    const sent = new Sent(this, action, key);
    try {
      if (outgoing) ({ action, data, trace } = outgoing({ action, data }));
      sent._json = this._json((sent._action = action), data);
      // Beside the data, with which it is counted and written. A plain frame has no place for it.
      if (trace && protocol !== "plain") sent._json += `,"trace":${JSON.stringify(trace)}`;
      if (key) this._replace(key);
      if (signal) sent._obey(signal);
      if (sent.state === "queued") this._queue(sent, timeout, ttl ?? usual);
    } catch (problem) {
      sent._reject(problem);
    }
    return sent;
  }

  events(event: string, { limit = 1000 }: api.EventsOptions = {}): AsyncIterableIterator<any, undefined> {
    return iterate(this, event, limit);
  }

  onContractChanged(listener: () => void): () => void {
    // The first welcome may have said it before anybody could listen.
    if (this.contract === "differs") listener();
    return this.on(Hook.Contract, listener);
  }

  onGap(listener: () => void): () => void {
    return this.on(Hook.Gap, listener);
  }

  onUnauthorized(listener: () => void): () => void {
    return this.on(Hook.Unauthorized, listener);
  }

  inspect(): api.Inspection {
    const { state, key, resumed, contract } = this;
    return {
      state,
      url: this._url.replace(/\?.*/, ""),
      key,
      connectionId: this._connectionId,
      resumed,
      contract,
      seen: this._seen,
      buffered: this._line?.bufferedAmount ?? 0,
      pending: [...this._pending.values()].map(({ _id, _action, state }) => ({ id: _id!, action: _action, state })),
      listeners: Object.keys(this._listeners).filter((event) => isNaN(+event)),
    };
  }

  /** What still waits with this key gives way to a newer send. */
  _replace(key: string): void {
    for (const other of this._pending.values()) {
      if (other._key === key && other.state === "queued") other._cancel("replaced");
    }
  }

  override _start(): void {
    if (this._core) return;
    this._key = this._options.session!;
    super._start();
    this._page = new AbortController();
    watch(this, this._page.signal);
  }

  _create(seed: number): void {
    const { queueLength = 1000, queueBytes = 2 ** 20, lowWater = 2 ** 18, overflow, protocol } = this._options;
    const flags = (overflow === "drop-oldest" ? 1 : 0) | (protocol === "plain" ? 2 : 0);
    this._core._create(queueLength, queueBytes, lowWater, flags, seed);
  }

  /** Clocks of timers may stand still while the machine sleeps; the one on the wall does not. */
  override _run(time: number): void {
    const before = this._ahead;
    this._ahead = Date.now() - time;
    if (this._ahead - before > SLEPT) this._core._handle(Input.Wake, 0, time);
    super._run(time);
  }

  override _do(output: Output, detail: number, code: number, number: number): void {
    super._do(output, detail, code, number);
    if (output === Output.Gap) this._emit(Hook.Gap);
    if (output === Output.WriteToken) this._say({ token: this._token });
    if (output === Output.Measure) this._measure(-1);
    if (output === Output.State && this.state === "closed") {
      this._page.abort();
      if (code === 4401) this._emit(Hook.Unauthorized);
    }
  }

  override _put(sent: Sent, id: number): void {
    super._put(sent, id);
    sent._written();
    this._measure(this._options.highWater ?? 2 ** 20);
  }

  /** Tells how many bytes the socket has not sent yet, if they are more than that. */
  _measure(most: number): void {
    const { bufferedAmount } = this._line!;
    if (bufferedAmount > most) this._tell(Input.Buffered, bufferedAmount);
  }

  /** The core opens a socket without saying how; the way of the token says it. */
  _open(): void {
    travel(this);
  }

  override _write(text: string, socket?: WebSocket): void {
    this._trace("sent", text);
    super._write(text, socket);
  }

  override _receive(text: string): void {
    this._trace("received", text);
    super._receive(text);
  }

  /** Told later, so that what it throws stops nothing here. */
  _trace(kind: api.TraceEntry["kind"], frame: string): void {
    const { trace } = this._options;
    const shown = () => frame.replace(/^{"token":".*/, '{"token":"…"}');
    if (trace) queueMicrotask(() => trace({ at: Date.now(), kind, frame: shown() }));
  }

  override _hear(frame: any): void {
    const { id, accepted, welcome } = frame;
    if (accepted) this._pending.get(id - this._offset)?._accept(accepted);
    if (welcome) this._welcomed(welcome);
    super._hear(frame);
  }

  override _emit(event: string | Hook, ...values: unknown[]): void {
    super._emit(event, ...values);
    if (typeof event === "string") super._emit("*", ...values);
  }

  override _check(part: Part, name: string, frame: Frame): unknown {
    const { incoming } = this._options;
    if (incoming && part !== "data") frame = incoming({ [part === "event" ? part : "action"]: name, data: frame.data });
    return super._check(part, name, frame);
  }

  _welcomed({ lastId = 0, connectionId, resumed, contract }: any): void {
    // A page that was loaded again counts on from where the one before it stopped, which the server may
    // have forgotten: the time is beyond that, and its queue still knows the ids.
    if (!this._connectionId) this._offset = Math.max(lastId, this._options.session ? Date.now() : 0);
    this._connectionId = connectionId;
    this.resumed = resumed;
    const before = this.contract;
    this.contract = contract;
    // Each welcome says it again; told is the change.
    if (contract !== "differs" || before === contract) return;
    this._report(failure("!contractChanged"));
    this._emit(Hook.Contract);
  }

  /** The server's word, or else the token's own. A clock that is behind makes no token last longer. */
  override _left({ expires }: { expires?: number }): number {
    const { iat, exp } = claims(this);
    return Math.min(super._left({ expires: expires ?? (exp! * 1000 || Infinity) }), (exp! - iat!) * 1000 || Infinity);
  }

  /** The page goes for good. A session that the next page goes on with says what this one has seen. */
  _leave(): void {
    if (!this._options.session) this.close();
    else if (this.state === "open") this._say({ ping: 1, seen: this._acknowledged() });
  }
}
