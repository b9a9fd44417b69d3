/** What every entry exports; they differ in the session they make and in where its compiled wasm comes from. */

import type * as api from "../gatewire.d.ts";
import type { Driver } from "./driver.ts";

type WithContract = [contract: api.Contract<any> | undefined, url: string | URL, options?: api.Options];

type Arguments = WithContract | [url: string | URL, options?: api.Options];

export function entry(make: (contract: api.Contract<any> | undefined, url: string, options: api.Options) => Driver) {
  const createSession = (...args: Arguments) => {
    const [contract, url, options = {}] = (isContract(args[0]) ? args : [undefined, ...args]) as WithContract;
    const session = make(contract, String(url), options);
    if (options.connect !== false) session.connect();
    return session as any;
  };

  const connect = async (...args: Arguments) => {
    const session = createSession(...args);
    session.connect();
    await session.ready;
    return session;
  };

  return [createSession, connect] as [typeof api.createSession, typeof api.connect];
}

/** What else may come first, a URL, has no actions. */
function isContract(first: unknown): boolean {
  return (first as any)?.actions;
}
