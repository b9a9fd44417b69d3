/** The core of the package, in two thirds of its bytes. Everything here is of the same meaning in `gatewire`. */

import type { Contract, ContractType, CoreOptions, CoreSession, NoContract } from "gatewire";

export type {
  Contract,
  ContractType,
  CoreOptions as Options,
  CoreSendOptions as SendOptions,
  CoreSession as Session,
  Data,
  NoContract,
  Reply,
  State,
  StateChange,
} from "gatewire";

/** Makes a session and begins to connect it. It may be used at once: sends wait until it is open. */
export function createSession<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options?: CoreOptions,
): CoreSession<C>;
/** The same without a generated contract: `createSession<MyContract>(url)`. */
export function createSession<C extends ContractType = NoContract>(
  url: string | URL,
  options?: CoreOptions,
): CoreSession<C>;

/** Makes a session and waits until it is open. Rejects when the server does not want it. */
export function connect<C extends ContractType>(
  contract: Contract<C>,
  url: string | URL,
  options?: CoreOptions,
): Promise<CoreSession<C>>;
/** The same without a generated contract: `connect<MyContract>(url)`. */
export function connect<C extends ContractType = NoContract>(
  url: string | URL,
  options?: CoreOptions,
): Promise<CoreSession<C>>;

/** As in `gatewire`; the message is its code. */
export class GatewireError extends Error {
  constructor(code: string, message: string, temporary: boolean);
  readonly code: string;
  /** Whether the same may work later. */
  readonly temporary: boolean;
}
