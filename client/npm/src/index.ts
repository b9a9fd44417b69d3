/** The package: what `gatewire.d.ts` declares. */

import type * as api from "../gatewire.d.ts";
import { Driver } from "./driver.ts";

export { GatewireError } from "./error.ts";

type Arguments =
  | [contract: api.Contract<any>, url: string | URL, options?: api.Options]
  | [url: string | URL, options?: api.Options];

export const createSession = ((...args: Arguments) => {
  const [contract, url, options = {}] = hasContract(args) ? args : [undefined, ...args];
  return new Driver(contract, url, options);
}) as typeof api.createSession;

export const connect = (async (...args: Parameters<typeof createSession>) => {
  const session = createSession(...args);
  await session.ready;
  return session;
}) as typeof api.connect;

function hasContract(args: Arguments): args is Extract<Arguments, [object, string | URL, object?]> {
  return typeof args[0] === "object" && "actions" in args[0];
}
