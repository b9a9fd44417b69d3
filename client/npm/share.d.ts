/**
 * One connection for all tabs of a browser: the sessions of `gatewire`, made here, are one session at the server.
 *
 * A shared worker has the connection; where there are none (Chrome on Android), one tab has it for the others,
 * and when that tab goes, the next goes on with the same session: events are neither lost nor doubled, and a send
 * that may have been run and has no answer is rejected with the code `lost`. Where tabs cannot be heard of at all
 * (Node, a page without https), a session has a connection of its own, and nothing else is different.
 *
 * A tab is told the events that it listens to. What is sent is checked in the tab, interceptors run there, and
 * providers of tokens are asked in a tab that lives. The connection ends with the last tab, however that ends.
 */

import type { Contract, ContractType, NoContract, Options, Session } from "gatewire";

export * from "gatewire";

/** What a shared session may be told when it is made. */
export interface ShareOptions extends Omit<Options, "session" | "WebSocket"> {
  /**
   * Whose session it is: an id of the user, for example. Tabs with the same name, URL and contract have one
   * connection, with the token of whichever of them is asked, and with the options of whichever came first. A name
   * that two users have gives one the messages of the other. `undefined` shares nothing.
   *
   * Whoever logs out calls `session.close()` in each tab: the connection lives as long as one tab has not.
   */
  share: string | undefined;
  /** Who has the connection: a shared worker, which is the default where there is one, or one of the tabs. */
  shareBy?: "worker" | "leader";
}

/** Makes a session and begins to connect it. It may be used at once: sends wait until it is open. */
export function createSession<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options: ShareOptions,
): Session<C>;
/** The same without a generated contract: `createSession<MyContract>(url, options)`. */
export function createSession<C extends ContractType = NoContract>(url: string | URL, options: ShareOptions): Session<C>;

/** Makes a session and waits until it is open. Rejects when the server does not want it. */
export function connect<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options: ShareOptions,
): Promise<Session<C>>;
/** The same without a generated contract: `connect<MyContract>(url, options)`. */
export function connect<C extends ContractType = NoContract>(
  url: string | URL,
  options: ShareOptions,
): Promise<Session<C>>;
