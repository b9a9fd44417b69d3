/** The package: what `gatewire.d.ts` declares. */

import type * as api from "../gatewire.d.ts";
import { Driver } from "./driver.ts";

export { GatewireError } from "./error.ts";

type Arguments = [contract: object, url: string | URL, options?: api.Options] | [url: string | URL, options?: api.Options];

export const createSession = ((...args: Arguments) => {
  // The table of a generated contract is for the compiler alone; the wire needs the names only.
  if (typeof args[0] === "object" && "actions" in args[0]) args.shift();
  const [url, options = {}] = args as [string | URL, api.Options?];
  return new Driver(url, options);
}) as typeof api.createSession;

export const connect = (async (...args: Parameters<typeof createSession>) => {
  const session = createSession(...args);
  await session.ready;
  return session;
}) as typeof api.connect;
