/** The thin part: socket, timers, promises and JSON, as the state machine says. */

import type { Contract, Options, SendOptions, Session, State, StateChange, Verdict } from "../gatewire.d.ts";
import { Input, instantiate, Output } from "./core.ts";
import { GatewireError } from "./error.ts";
import { type Part, Shapes } from "./shapes.ts";
import { type Frame, written } from "./written.ts";

/** In the order of the numbers in `client/src/js.rs`. */
const STATES: State[] = ["idle", "connecting", "open", "waiting", "closed"];

/** In the order of the numbers in `client/src/js.rs`: code, message, whether the same may work later. */
const REASONS: [code: string, message: string, temporary?: boolean][] = [
  ["timeout", "no answer in time", true],
  ["queueFull", "too much waits for a connection", true],
  ["tooLarge", "over the server's message limit"],
  ["closed", "the session is closed"],
  ["lost", "sent, but too long ago to be sent again safely"],
  ["ended", "the server ended the session, close code "],
];

/** Those that this side names itself. */
const enum Reason {
  Closed = 3,
  Ended = 5,
}

/** The close code for a client whose contract the server does not want. */
const CONTRACT_REFUSED = 4400;

/** The longest delay that timers take. */
const LONGEST = 2 ** 31 - 1;

interface Pending {
  action: string;
  text: string;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

type Listener = (value: any) => void;

/** At run time a contract is names; the types are the caller's business. */
type AnyContract = { actions: Record<string, { data: any; reply: any }>; events: Record<string, any> };

export class Driver implements Session<AnyContract> {
  state: State = "idle";
  readonly ready: Promise<void>;
  contract?: Verdict | undefined;

  #core = instantiate();
  #id: string;
  #contract: Contract<any> | undefined;
  /** Without any, nothing is checked, and nothing that comes is made a bigint. */
  #shapes: Shapes | undefined;
  #url: string;
  #options: Options;
  #WebSocket: new (url: string, protocols: string[]) => WebSocket;
  #socket?: WebSocket;
  #token?: string | undefined;
  #opened!: () => void;
  #failed!: (error: unknown) => void;
  /** What made this side close the session. */
  #failure: unknown;
  #pending = new Map<number, Pending>();
  #listeners = new Map<string, Set<Listener>>();
  #stateListeners = new Set<Listener>();
  #contractListeners = new Set<Listener>();
  /** Whether outputs are being done further up the stack. */
  #running = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires. */
  #armed = Infinity;

  constructor(contract: Contract<any> | undefined, url: string | URL, options: Options) {
    this.#contract = contract;
    if (contract?.shapes) this.#shapes = new Shapes(contract.shapes, options.validate);
    this.#url = String(url);
    this.#options = options;
    this.#WebSocket = (options.WebSocket ?? globalThis.WebSocket) as typeof WebSocket;
    if (!this.#WebSocket) throw new TypeError("no WebSocket here: pass options.WebSocket");
    this.ready = new Promise((resolve, reject) => {
      this.#opened = resolve;
      this.#failed = reject;
    });
    this.ready.catch(() => {}); // whoever never awaits it has onState
    const [seed, ...random] = crypto.getRandomValues(new Uint32Array(5));
    this.#id = random.map((word) => word.toString(36).padStart(7, "0")).join("");
    this.#core.create(options.queueLength ?? 1000, options.queueBytes ?? 2 ** 20, seed!);
    this.#tell(Input.Connect);
  }

  send(action: string, data: unknown, options?: SendOptions): Promise<any> {
    return new Promise((resolve, reject) => {
      const frame = { data };
      const refused = this.#refusal("data", action, frame);
      if (refused) throw refused;
      const json = written(frame);
      const id = this.#core.next_id();
      const text = `{"action":${JSON.stringify(action)},"id":${id},"data":${json}}`;
      this.#pending.set(id, { action, text, resolve, reject });
      const timeout = options?.timeout ?? this.#options.timeout ?? 60_000;
      this.#core.send(new TextEncoder().encode(text).length, timeout, now());
      this.#run();
    });
  }

  on(event: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) this.#listeners.set(event, (listeners = new Set()));
    return subscribe(listeners, listener);
  }

  onState(listener: (change: StateChange) => void): () => void {
    return subscribe(this.#stateListeners, listener);
  }

  onContractChanged(listener: () => void): () => void {
    const end = subscribe(this.#contractListeners, listener);
    // The first welcome may have said it before anybody could listen.
    if (this.contract === "differs") this.#call([listener]);
    return end;
  }

  close(): void {
    this.#end(failure(Reason.Closed));
  }

  #tell(input: Input, number = 0): void {
    this.#core.handle(input, number, now());
    this.#run();
  }

  /** Does what there is to do. What a listener causes meanwhile is done by the same loop, in order. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    for (let output; (output = this.#core.poll()); ) {
      this.#do(output & 255, (output >> 8) & 255, output >>> 16, this.#core.number());
    }
    this.#running = false;
    this.#arm();
  }

  /** An early timer is left alone: it ticks, finds nothing due and arms the next. */
  #arm(): void {
    const deadline = this.#core.deadline();
    if (deadline >= this.#armed && deadline < Infinity) return;
    clearTimeout(this.#timer);
    this.#armed = deadline;
    if (deadline === Infinity) return; // a timer left behind would keep a closed session's process alive
    const delay = Math.min(Math.ceil(deadline - now()), LONGEST);
    this.#timer = setTimeout(() => {
      this.#armed = Infinity;
      this.#tell(Input.Tick);
    }, delay);
  }

  #do(output: Output, word: number, code: number, number: number): void {
    switch (output) {
      case Output.FetchToken:
        this.#fetchToken();
        break;
      case Output.OpenSocket:
        this.#open();
        break;
      case Output.WriteHello:
        this.#write(JSON.stringify({ hello: { session: this.#id, contract: this.#contract?.fingerprint } }));
        break;
      case Output.Write:
        this.#write(this.#pending.get(number)!.text);
        break;
      case Output.WritePing:
        this.#write(`{"ping":${number}}`);
        break;
      case Output.WritePong:
        this.#write(`{"pong":${number}}`);
        break;
      case Output.CloseSocket:
        this.#drop(code);
        break;
      case Output.Reject:
        this.#take(number, (pending) => pending.reject(failure(word, code, `${pending.action}: `)));
        break;
      case Output.State:
        this.#enter(STATES[word]!, code, number);
    }
  }

  /** Until this answers it is not called again. */
  async #fetchToken(): Promise<void> {
    const { token } = this.#options;
    try {
      this.#token = typeof token === "function" ? await token() : token;
    } catch (problem) {
      this.#report(problem);
      return this.#tell(Input.TokenFailed);
    }
    this.#tell(Input.TokenReady);
  }

  #open(): void {
    const protocols = ["gatewire.v1"];
    if (this.#token) protocols.push(`gatewire.token.${this.#token}`);
    // Tried again, a token or a URL that cannot be used stays so: the session ends with the reason.
    if (/[^\w!#$%&'*+.^`|~-]/.test(protocols.join(""))) {
      return this.#end(unusable("the token has characters that a WebSocket subprotocol cannot carry"));
    }
    let socket: WebSocket;
    try {
      socket = this.#socket = new this.#WebSocket(this.#url, protocols);
    } catch (problem) {
      // Its message repeats the URL, which may have a ticket in it; its name says enough.
      return this.#end(unusable(`the URL is refused with a ${(problem as Error).name}`));
    }
    socket.onopen = () => this.#tell(Input.Opened);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#tell(Input.Closed, code);
    socket.onerror = () => {}; // `close` follows; without a listener the package `ws` would throw
  }

  #end(failure: unknown): void {
    this.#failure ??= failure;
    this.#tell(Input.Close);
  }

  #drop(code: number): void {
    const socket = this.#socket;
    if (!socket) return; // it could not even be made
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  #write(text: string): void {
    this.#socket!.send(text);
  }

  #receive(text: string): void {
    try {
      if (!/^\s*{/.test(text)) throw new SyntaxError("a frame that is not a JSON object");
      this.#dispatch(JSON.parse(text));
    } catch (problem) {
      this.#report(problem);
      this.#tell(Input.Heard);
    }
  }

  #dispatch(frame: any): void {
    const { id, event, error, welcome, ping, goaway } = frame;
    if (welcome) {
      const { heartbeat, limits, contract } = welcome;
      this.#core.welcome(whole(heartbeat), whole(limits.message), whole(limits.inFlight), now());
      this.#judged(contract);
      this.#run();
    } else if (id && frame.accepted) {
      this.#tell(Input.Accepted, id);
    } else if (id) {
      this.#take(id, ({ action, resolve, reject }) => {
        const problem = error ? told(error) : this.#refusal("reply", action, frame);
        if (problem) reject(problem);
        else resolve(frame.data ?? null);
      });
      this.#tell(Input.Answered, id);
    } else if (ping) {
      this.#tell(Input.Ping, whole(ping));
    } else if (goaway) {
      this.#tell(Input.GoAway, whole(goaway.in));
    } else {
      this.#tell(Input.Heard);
      if (error) this.#report(told(error));
      const listeners = this.#listeners.get(event);
      const refused = listeners && this.#refusal("event", event, frame);
      if (refused) this.#report(refused);
      else this.#call(listeners, frame.data ?? null);
    }
  }

  /** Why the `data` of a frame is not what the contract says. */
  #refusal(part: Part, name: string, frame: Frame): GatewireError | undefined {
    const words = this.#shapes?.refusal(part, name, frame);
    if (!words) return;
    // Otherwise it reads as if what was sent were wrong.
    return new GatewireError("invalid", (part === "reply" ? "reply to " : "") + words, false);
  }

  #enter(state: State, code: number, retryIn: number): void {
    this.state = state;
    if (state === "open") this.#opened();
    if (state === "closed") this.#failed(this.#failure ?? failure(Reason.Ended, code));
    this.#call(this.#stateListeners, {
      state,
      ...(code && { code }),
      ...(state === "waiting" && { retryIn }),
    });
  }

  /** Each welcome says it again; told is the change. */
  #judged(verdict: Verdict | undefined): void {
    const before = this.contract;
    this.contract = verdict;
    if (verdict !== "differs" || before === verdict) return;
    this.#report(new GatewireError("contractChanged", "the server has another contract: update this client", false));
    this.#call(this.#contractListeners);
  }

  /** Whoever waits for this action is told once; a late or second answer finds nobody. */
  #take(id: number, tell: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) tell(pending);
  }

  /** One listener's mistake does not keep the others from their value. */
  #call(listeners: Iterable<Listener> = [], value?: unknown): void {
    for (const listener of [...listeners]) {
      try {
        listener(value);
      } catch (problem) {
        this.#report(problem);
      }
    }
  }

  #report(problem: unknown): void {
    (this.#options.onProblem ?? console.error)(problem);
  }
}

/** The server's own words: they name what is wrong. */
function told({ code, message, temporary }: any): GatewireError {
  return new GatewireError(code, message, !!temporary);
}

function failure(word: number, code = 0, subject = ""): GatewireError {
  if (code === CONTRACT_REFUSED) {
    return new GatewireError("contractRefused", `${subject}the server refuses this contract: update this client`, false);
  }
  const [name, message, temporary] = REASONS[word]!;
  return new GatewireError(name, subject + message + (code || ""), !!temporary);
}

function unusable(reason: string): GatewireError {
  return new GatewireError("unusable", `cannot connect: ${reason}`, false);
}

/** A number of the protocol, none of which is negative or has a fraction. */
function whole(number: number): number {
  if (!(number >= 0 && Number.isInteger(number))) throw new TypeError("a frame with a number that is none");
  return number;
}

function subscribe(listeners: Set<Listener>, listener: Listener): () => void {
  // Its own function, so that a listener added twice is two and each can be taken away.
  const own: Listener = (value) => listener(value);
  listeners.add(own);
  return () => void listeners.delete(own);
}

function now(): number {
  return performance.now();
}
