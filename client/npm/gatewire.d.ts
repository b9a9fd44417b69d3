/** What a contract is to TypeScript: its actions and its events, by name. */
export interface ContractType {
  /** Per action: `{ data: …; reply: … }`. */
  actions: object;
  /** Per event: its payload. */
  events: object;
  /** Never there: a generated value has a name, and its type is not its contract's. */
  name?: never;
}

/** The contract of a session that was made without one: its only name says how to make one with. */
export interface NoContract {
  actions: Record<"no contract: call connect(contract, url) or connect<Type>(url)", { data: never; reply: never }>;
  events: Record<"no contract: call connect(contract, url) or connect<Type>(url)", never>;
}

/** What an action sends and is answered with when its type does not say. */
export interface DeclareDataAndReply {
  readonly __declare: "{ data: …; reply: … }";
}

/** A generated contract: a small table at run time, and the type `C` for the compiler. */
export interface Contract<C extends ContractType> {
  readonly name: string;
  readonly actions: readonly string[];
  readonly events: readonly string[];
  /** Which contract this is, for the server to compare. */
  readonly fingerprint?: string;
  /** What travels, for the client to check. */
  readonly shapes?: string;
  /** Never there: it only carries the type. */
  readonly __type?: C;
}

/** What is sent with an action. */
export type Data<C extends ContractType, A extends keyof C["actions"]> =
  C["actions"][A] extends { data: infer D } ? D : DeclareDataAndReply;
/** What an action is answered with. */
export type Reply<C extends ContractType, A extends keyof C["actions"]> =
  C["actions"][A] extends { reply: infer R } ? R : DeclareDataAndReply;

/** Where a session is. `open`: the server said welcome. `waiting`: the next attempt comes by itself. */
export type State = "idle" | "connecting" | "open" | "waiting" | "closed";

/** A session went from one state to another. */
export interface StateChange {
  readonly state: State;
  /** The close code of the socket that ended, where one did and that is the cause. */
  readonly code?: number;
  /** When waiting: in how many milliseconds the next attempt begins. */
  readonly retryIn?: number;
}

/**
 * How the server finds the contract that this client was built from: the same, an older one with nothing
 * but safe changes since, or another one.
 */
export type Verdict = "same" | "compatible" | "differs";

/** What a session of `gatewire/core` may be told when it is made. */
export interface CoreOptions {
  /** Who this is: a token, or what fetches one. It is asked before each attempt to connect, and before a token ends. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** How long a send waits for its reply, in milliseconds; 60,000 by default. */
  timeout?: number;
  /** How many sends may wait for a connection; 1,000 by default. */
  queueLength?: number;
  /** How many bytes they may have together; 1 MiB by default. */
  queueBytes?: number;
  /**
   * What is checked against a generated contract: what is sent and what comes, which is the default; what is
   * sent alone, for a server that is trusted to keep its word; or nothing. TypeScript believes the types
   * of a contract: unless what comes is checked, a server with another one breaks that far from its cause.
   * Integers of 64 bits are `bigint` in any case.
   */
  validate?: "both" | "out" | "off";
  /**
   * `false` leaves the first step to `session.connect()`, or to the first send: until then a session touches
   * nothing that a browser has, so a module that a server renders too may make one.
   */
  connect?: boolean;
  /** For runtimes without a global `WebSocket`, such as Node 20 with the package `ws`. */
  WebSocket?: new (url: string, protocols: string[], options?: any) => object;
  /** Told what no promise can carry: a token that could not be fetched, a frame that could not be read,
   * an event that is not what the contract says, a listener that threw, a server with another contract.
   * `console.error` by default. */
  onProblem?: (problem: unknown) => void;
}

/** What a session may be told when it is made. */
export interface Options extends CoreOptions {
  /** How long a send may wait for a connection, in milliseconds; as long as for its reply by default. */
  ttl?: number;
  /** What becomes of one send too many: it is rejected, which is the default, or the oldest that wait are. */
  overflow?: "reject" | "drop-oldest";
  /** At how many bytes that the socket has not sent yet the queue stops writing; 1 MiB by default. */
  highWater?: number;
  /** At how many such bytes it goes on; 256 KiB by default. */
  lowWater?: number;
  /**
   * The name of the session, 16 to 64 of `A-Z a-z 0-9 _ -`, hard to guess. Kept by the application, in
   * `sessionStorage` for example, it goes on after the page was loaded again: the events in between come, in order.
   * Two pages with one name are one session: the newer has it.
   */
  session?: string | undefined;
  /** `plain` is for servers that speak what API Gateway speaks: no replies, no resumption, 32 KiB a message. */
  protocol?: "gatewire" | "plain";
  /**
   * How the token travels: as a `subprotocol`, which no log keeps and which is the default; as the parameter
   * `token` of the URL, the default of the plain protocol; in the `header` Authorization, where
   * `options.WebSocket` can set one, as the package `ws` does; or exchanged for a `ticket` that is good once.
   */
  tokenBy?: "subprotocol" | "query" | "header" | "ticket";
  /** Where tickets are, for `tokenBy: "ticket"`: `https://…/ws/ticket` for `wss://…/ws` by default. */
  ticketUrl?: string | URL;
  /** May change what is sent, before it is checked; an error that it throws rejects the send. */
  outgoing?: (message: Outgoing) => Outgoing;
  /** May change what comes, before it is checked. */
  incoming?: (message: Incoming) => Incoming;
  /** Told every frame that passes on the sockets, for a log or a panel. Tokens are left out. */
  trace?: ((entry: TraceEntry) => void) | undefined;
}

/** What `options.outgoing` is shown. */
export interface Outgoing {
  readonly action: string;
  readonly data: unknown;
  /** Which trace the send is part of: the interceptor gives it, and the server goes on with it. */
  readonly trace?: TraceContext | undefined;
}

/** A place in a trace as it travels (W3C Trace Context): what OpenTelemetry's `propagation.inject` makes. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** What `options.incoming` is shown: an event, or the reply to an action. */
export interface Incoming {
  readonly event?: string;
  readonly action?: string;
  readonly data: unknown;
}

/** A frame that passed on a socket. */
export interface TraceEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "sent" | "received";
  readonly frame: string;
}

/** What one send of `gatewire/core` may be told. */
export interface CoreSendOptions {
  /** How long to wait for the reply, in milliseconds; `Infinity` for ever. */
  timeout?: number;
}

/** What one send may be told. */
export interface SendOptions extends CoreSendOptions {
  /** How long it may wait for a connection, in milliseconds. */
  ttl?: number;
  /** Cancels the send. */
  signal?: AbortSignal | undefined;
  /** Takes the place of a send with the same key that still waits for a connection: that one is `replaced`. */
  key?: string | undefined;
}

/**
 * Where a send is: it waits for a connection; it was sent; it is durably queued; it has its reply; or it has
 * none and never will, for the reason that its promise has.
 */
export type SentState = "queued" | "sent" | "accepted" | "answered" | "failed";

/** The receipt of a durable queue. */
export interface Accepted {
  readonly messageId: string;
  /** Its place in the queue. */
  readonly sequenceNumber: string;
}

/** A send: the promise of its reply, and what becomes of it meanwhile. */
export interface Sent<R> extends Promise<R> {
  readonly state: SentState;
  /** The receipt, once it is durably queued; `undefined` when it is answered without a queue. Fails with the send. */
  readonly accepted: Promise<Accepted | undefined>;
  /** Rejects it with the code `cancelled`. What was not sent before never is. */
  cancel(): void;
}

/** What a reader of events may be told. */
export interface EventsOptions {
  /** How many events may wait for the reader; 1,000 by default. One more ends the loop with the code `overflow`. */
  limit?: number;
}

/** What `session.inspect()` shows. */
export interface Inspection {
  readonly state: State;
  /** Without its parameters. */
  readonly url: string;
  readonly key: string;
  readonly connectionId: string | undefined;
  readonly resumed: boolean;
  readonly contract: Verdict | undefined;
  /** The number of the last event. */
  readonly seen: number;
  /** How many bytes the socket has not sent yet. */
  readonly buffered: number;
  /** What has no answer yet. */
  readonly pending: { readonly id: number; readonly action: string; readonly state: SentState }[];
  /** The events that somebody has listened to. */
  readonly listeners: readonly string[];
}

/** The client's side of a conversation, over any number of sockets, as `gatewire/core` has it. */
export interface CoreSession<C extends ContractType> {
  /** Where the session is. */
  readonly state: State;
  /** Resolves when the session is open for the first time; rejects when it is closed before. */
  readonly ready: Promise<void>;
  /** Begins to connect, where `options.connect` is `false`; or tries again at once, where an attempt is to come. */
  connect(): void;
  /**
   * Sends an action; the promise is of its reply. Without a connection it waits for one, and what has no
   * reply when a connection is lost goes out again on the next. A `bigint` travels as a string of its digits.
   */
  send<A extends keyof C["actions"]>(action: A, data: Data<C, A>, options?: CoreSendOptions): Promise<Reply<C, A>>;
  /** Listens to an event. Returns what ends that. */
  on<E extends keyof C["events"]>(event: E, listener: (data: C["events"][E]) => void): () => void;
  /** Listens to the session's own changes. Returns what ends that. */
  onState(listener: (change: StateChange) => void): () => void;
  /** Ends the session for good: what waits is rejected, nothing reconnects. */
  close(): void;
}

/** Every event of a contract, and `*` for any of them. */
export type AnyEvent<C extends ContractType> = C["events"] & { "*": C["events"][keyof C["events"]] };

/** The client's side of a conversation, over any number of sockets. */
export interface Session<C extends ContractType> extends CoreSession<C> {
  /** What the last welcome said of the contract; `undefined` before, and without a generated contract. */
  readonly contract?: Verdict | undefined;
  /** The name of the session: `options.session`, or one by chance. */
  readonly key: string;
  /** Whether the server still knew the session when the last connection was made. */
  readonly resumed: boolean;
  /**
   * Sends an action; the promise is of its reply. Without a connection it waits for one, and what has no
   * reply when a connection is lost goes out again on the next.
   */
  send<A extends keyof C["actions"]>(action: A, data: Data<C, A>, options?: SendOptions): Sent<Reply<C, A>>;
  /** Listens to an event, or with `*` to all of them; the listener is told its name, too. Returns what ends that. */
  on<E extends keyof C["events"] | "*">(
    event: E,
    listener: (data: AnyEvent<C>[E], event: keyof C["events"] & string) => void,
  ): () => void;
  /**
   * What comes of an event from here on, for `for await`. It ends with the session; leaving the loop ends
   * the listening.
   */
  events<E extends keyof C["events"]>(
    event: E,
    options?: EventsOptions,
  ): AsyncIterableIterator<C["events"][E], undefined>;
  /**
   * Listens to the server having another contract: a page that has been open for long, or comes from a cache,
   * should be loaded again. Told once per change, and at once when it is so already. Returns what ends that.
   */
  onContractChanged(listener: () => void): () => void;
  /**
   * Listens to events being lost: the server has them no longer. What they made should be fetched anew.
   * Returns what ends that.
   */
  onGap(listener: () => void): () => void;
  /** Listens to the server refusing the token, which ends the session. Returns what ends that. */
  onUnauthorized(listener: () => void): () => void;
  /** What goes on, for a person who looks for a fault. */
  inspect(): Inspection;
}

/** Makes a session and begins to connect it. It may be used at once: sends wait until it is open. */
export function createSession<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options?: Options,
): Session<C>;
/** The same without a generated contract: `createSession<MyContract>(url)`. */
export function createSession<C extends ContractType = NoContract>(url: string | URL, options?: Options): Session<C>;

/** Makes a session and waits until it is open. Rejects when the server does not want it. */
export function connect<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options?: Options,
): Promise<Session<C>>;
/** The same without a generated contract: `connect<MyContract>(url)`. */
export function connect<C extends ContractType = NoContract>(url: string | URL, options?: Options): Promise<Session<C>>;

/**
 * Why a send has no reply, or a session ended.
 *
 * `code` is the server's own, or one of the client's:
 * - `timeout`: no answer in time;
 * - `queueFull`: too much waits for a connection already;
 * - `dropped`: newer sends took its place, with `overflow: "drop-oldest"`;
 * - `replaced`: a newer send with the same key took its place;
 * - `expired`: not sent within its `ttl`;
 * - `cancelled`: by `cancel()` or its signal;
 * - `tooLarge`: over the server's message limit;
 * - `lost`: sent, and then without a connection for too long to send it again safely;
 * - `closed`: this side closed the session;
 * - `contractRefused`: the server closed it because it has another contract;
 * - `unauthorized`: the server closed it because it refuses the token;
 * - `ended`: the server closed it for good, for another reason;
 * - `invalid`: not what the contract says; the message has the path. What was sent: it was refused here, and
 *   never left, or by the server. `reply to …`: the action was run, and its reply is not as declared;
 * - `overflow`: a loop over `session.events(…)` is too slow for what comes;
 * - `contractChanged`: the server has another contract, and serves this client all the same;
 * - `unusable`: the URL, the token or the `WebSocket` cannot be used, now or later.
 *
 * With the plain protocol the frames in which API Gateway says what went wrong become such errors, too, told to
 * `options.onProblem`: `forbidden` (no such route), `internalServerError`, `endpointRequestTimedOut`,
 * `invalidRequestBody`, `tooManyRequests`, `limitExceeded` and so on, after its own words.
 */
export class GatewireError extends Error {
  constructor(code: string, message: string, temporary: boolean);
  readonly code: string;
  /** Whether the same may work later. */
  readonly temporary: boolean;
}
