/** What every entry exports; they differ in where the compiled wasm comes from. */

import type * as api from "../gatewire.d.ts";
import { instantiate } from "./core.ts";
import { Driver } from "./driver.ts";

type Arguments =
  | [contract: api.Contract<any>, url: string | URL, options?: api.Options]
  | [url: string | URL, options?: api.Options];

/** `compile` is asked for the module once per session. */
export function entry(compile: () => WebAssembly.Module) {
  const createSession = ((...args: Arguments) => {
    const [contract, url, options = {}] = hasContract(args) ? args : [undefined, ...args];
    return new Driver(instantiate(compile()), contract, url, options);
  }) as typeof api.createSession;

  const connect = (async (...args: Parameters<typeof createSession>) => {
    const session = createSession(...args);
    await session.ready;
    return session;
  }) as typeof api.connect;

  return { createSession, connect };
}

function hasContract(args: Arguments): args is Extract<Arguments, [object, string | URL, object?]> {
  return typeof args[0] === "object" && "actions" in args[0];
}
