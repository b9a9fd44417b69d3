/** A session in a tab: all that an ordinary one does, but what needs the socket. That the hub does. */

import type * as api from "../../gatewire.d.ts";
import { type Core, Delivery, Input, Output } from "../core.ts";
import { Hook, type Listener, STATES } from "../driver.ts";
import { failure } from "../error.ts";
import { FullDriver } from "../full.ts";
import { watch } from "../page.ts";
import type { Sent } from "../sent.ts";
import { hold } from "./lock.ts";
import { type Action, inward, type Join, outward, type Status, type ToHub, type ToTab } from "./message.ts";
import type { Way } from "./way.ts";

/** What a tab does itself, so that the hub need not know of it. */
const OWN = ["connect", "validate", "token", "onProblem", "outgoing", "incoming", "trace"];

/** A send, and how it goes to a hub. */
type Waiting = Sent & { _send?: Action };

export class Remote extends FullDriver {
  declare _pending: Map<number, Waiting>;
  declare _era: string | undefined;
  declare _way: Way;
  declare _name: string;
  /** Whether the application wants a connection. */
  declare _wanted: boolean | undefined;
  /** Ends being there, as a tab that the hub knows. None while the page sleeps. */
  declare _stay: AbortController | undefined;
  declare _tab: string;
  declare _post: ((message: Omit<ToHub, "from">) => void) | undefined;
  declare _hub: string | undefined;

  /** `name` is the same for all tabs that share. */
  constructor(way: Way, name: string, contract: api.Contract<any> | undefined, url: string, options: api.Options) {
    super(undefined!, contract, url, options); // nothing to compile here
    this._way = way;
    this._name = name;
  }

  override on(event: string | Hook, listener: Listener): () => void {
    const off = super.on(event, listener);
    const tell = () => this._say({ listen: this._events() });
    if (typeof event === "string") tell();
    return () => {
      off();
      if (typeof event === "string") tell();
    };
  }

  override _start(): void {
    if (this._core) return;
    this._key = crypto.randomUUID();
    // Of the state machine an ordinary session asks this, too.
    const core: Partial<Core> = { _event: (number) => this._number(number) };
    this._core = core as Core;
    this._page = new AbortController();
    watch(this, this._page.signal);
    void this._enter();
  }

  override _queue(sent: Waiting, timeout = this._options.timeout, ttl?: number): void {
    if (this.state === "closed") throw this._cause;
    const { _action: action, _json: json, _key: key } = sent;
    const id = (sent._id = ++this._ids);
    sent._send = { id, action, json, key, timeout, ttl };
    this._pending.set(id, sent);
    if (!this._core) this.connect();
    this._say({ send: sent._send });
  }

  /** The hub does it, which knows what still waits. */
  override _replace(): void {}

  override _tell(input: Input, number?: number): void {
    switch (input) {
      case Input.Connect:
        this._wanted = true;
        return this._say({ connect: true });
      case Input.Cancel:
        return this._say({ cancel: number! });
      case Input.Wake:
        if (this._stay) return this._say({ wake: true });
        // Events went by; what they made should be fetched anew.
        if (this._era) this._emit(Hook.Gap);
        this._era = undefined;
        return void this._enter();
      case Input.Suspend:
        return this._exit();
      case Input.Close:
        this._close(0);
    }
  }

  override _leave(): void {
    this.close();
  }

  override _receive(message: any): void {
    try {
      this._hear(message);
    } catch (problem) {
      void this._report(problem);
    }
  }

  override _hear(message: any): void {
    const { hub, status, bye, sync, written, gap, ask, problem, trace, end }: ToTab = message;
    if (hub) this._meet(hub);
    else if (status) this._adopt(status);
    else if (bye) this._part();
    else if (sync !== undefined) this._sync(sync);
    else if (written) this._pending.get(written)?._written();
    else if (gap) this._emit(Hook.Gap);
    else if (ask) void this._fetchToken();
    else if (problem) void this._report(inward(problem));
    else if (trace) this._options.trace?.(trace);
    else if (end) this._end(inward(end));
    else super._hear(message);
  }

  /** A token for the hub, which asked. */
  override async _fetchToken(): Promise<void> {
    const { token } = this._options;
    try {
      const is = typeof token === "function" ? await token() : token;
      this._say({ token: is === undefined ? {} : { is } });
    } catch (problem) {
      this._say({ token: { problem: outward(problem) } });
    }
  }

  override _say(message: object): void {
    if (this._hub) this._post!(message);
  }

  /** Lets the hub know of this tab. */
  async _enter(): Promise<void> {
    const stay = (this._stay = new AbortController());
    const from = crypto.randomUUID();
    await hold(from, stay.signal);
    if (stay.signal.aborted) return;
    const post = this._way(this._name, from, stay.signal, (message) => this._receive(message));
    this._post = (message) => post({ from, ...message });
  }

  /** The hub need not know of this tab any more. */
  _exit(): void {
    if (this._hub) for (const sent of this._pending.values()) this._lose(sent);
    this._say({ leave: true });
    this._stay?.abort();
    this._stay = this._hub = undefined;
  }

  /** The first hub, or one that goes on where another stopped. */
  _meet(hub: string): void {
    if (hub === this._hub) return;
    // The hub before went without a word. To write what it had might do it twice.
    if (this._hub) for (const sent of this._pending.values()) this._lose(sent);
    this._hub = hub;
    this._say({ join: this._join() });
    if (this._wanted) this._say({ connect: true });
    for (const { _send } of this._pending.values()) this._say({ send: _send });
  }

  /** The hub stops. What it has not written waits for the next. */
  _part(): void {
    this._hub = undefined;
    for (const sent of this._pending.values()) if (sent.state !== "queued") this._lose(sent);
  }

  _sync(seen: number): void {
    this._seen = Math.max(this._seen, seen);
    this._say({ synced: seen });
  }

  _join(): Join {
    const { token, trace } = this._options;
    return {
      url: this._url,
      fingerprint: this._contract?.fingerprint,
      options: Object.fromEntries(Object.entries(this._options).filter(([name]) => !OWN.includes(name))),
      token: typeof token === "function" || token,
      trace: !!trace,
      listen: this._events(),
      key: this._key,
      era: this._era,
      seen: this._seen,
    };
  }

  _adopt({ state, code = 0, retryIn = 0, key, era, seen, resumed, contract, connectionId, cause }: Status): void {
    const before = this.contract;
    Object.assign(this, { resumed, contract });
    this._key = key;
    this._connectionId = connectionId;
    if (era !== this._era) {
      if (this._era) this._emit(Hook.Gap);
      this._era = era;
      this._seen = seen;
    }
    if (contract === "differs" && before !== contract) this._emit(Hook.Contract);
    if (state === "closed") {
      this._cause = inward(cause);
      this._close(code);
    } else if (state !== this.state || code || retryIn) {
      this._do(Output.State, STATES.indexOf(state), code, retryIn);
    }
  }

  _close(code: number): void {
    if (this.state === "closed") return;
    for (const sent of this._pending.values()) sent._reject(this._cause);
    this._pending.clear();
    this._exit();
    this._do(Output.State, STATES.indexOf("closed"), code, 0);
  }

  _lose(sent: Waiting): void {
    this._pending.delete(sent._id!);
    sent._reject(failure("!lost", `${sent._action}: `));
  }

  _number(number: number): Delivery {
    if (number <= this._seen) return Delivery.Duplicate;
    this._seen = number;
    return Delivery.Fresh;
  }

  /** What somebody listens to. */
  _events(): string[] {
    return Object.keys(this._listeners).filter((event) => isNaN(+event) && this._listeners[event]!.length);
  }
}
