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

/** What a session may be told when it is made. */
export interface Options {
  /** Who this is: a token, or what fetches one. It is asked before every attempt to connect. */
  token?: string | (() => string | Promise<string>);
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
  /** For runtimes without a global `WebSocket`, such as Node 20 with the package `ws`. */
  WebSocket?: new (url: string, protocols: string[]) => object;
  /** Told what no promise can carry: a token that could not be fetched, a frame that could not be read,
   * an event that is not what the contract says, a listener that threw, a server with another contract. `console.error` by default. */
  onProblem?: (problem: unknown) => void;
}

/** What one send may be told. */
export interface SendOptions {
  /** How long to wait for the reply, in milliseconds; `Infinity` for ever. */
  timeout?: number;
}

/** The client's side of a conversation, over any number of sockets. */
export interface Session<C extends ContractType> {
  /** Where the session is. */
  readonly state: State;
  /** Resolves when the session is open for the first time; rejects when it is closed before. */
  readonly ready: Promise<void>;
  /** What the last welcome said of the contract; `undefined` before, and without a generated contract. */
  readonly contract?: Verdict | undefined;
  /**
   * Sends an action; the promise is of its reply. Without a connection it waits for one, and what has no
   * reply when a connection is lost goes out again on the next. A `bigint` travels as a string of its digits.
   */
  send<A extends keyof C["actions"]>(action: A, data: Data<C, A>, options?: SendOptions): Promise<Reply<C, A>>;
  /** Listens to an event. Returns what ends that. */
  on<E extends keyof C["events"]>(event: E, listener: (data: C["events"][E]) => void): () => void;
  /** Listens to the session's own changes. Returns what ends that. */
  onState(listener: (change: StateChange) => void): () => void;
  /**
   * Listens to the server having another contract: a page that has been open for long, or comes from a cache,
   * should be loaded again. Told once per change, and at once when it is so already. Returns what ends that.
   */
  onContractChanged(listener: () => void): () => void;
  /** Ends the session for good: what waits is rejected, nothing reconnects. */
  close(): void;
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
 * - `tooLarge`: over the server's message limit;
 * - `lost`: sent, and then without a connection for too long to send it again safely;
 * - `closed`: this side closed the session;
 * - `contractRefused`: the server closed it because it has another contract;
 * - `ended`: the server closed it for good, for another reason;
 * - `invalid`: not what the contract says; the message has the path. What was sent: it was refused here, and
 *   never left, or by the server. `reply to …`: the action was run, and its reply is not as declared;
 * - `unusable`: the URL or the token cannot be used, now or later.
 */
export class GatewireError extends Error {
  constructor(code: string, message: string, temporary: boolean);
  readonly code: string;
  /** Whether the same may work later. */
  readonly temporary: boolean;
}
