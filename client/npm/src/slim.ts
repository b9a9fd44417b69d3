/** The package without the wasm: `init` is told where it is. */

import type * as api from "../slim.d.ts";
import { entry } from "./entry.ts";
import { whole } from "./whole.ts";

export { GatewireError } from "./error.ts";

let compiled: WebAssembly.Module | undefined;

export const init: typeof api.init = async (source) => {
  compiled ??= await compile(await source);
};

export const [createSession, connect] = entry(
  whole(() => {
    if (!compiled) throw new TypeError("call init with gatewire.wasm, and await it, before the first session");
    return compiled;
  }),
);

async function compile(source: Awaited<api.WasmSource>): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  const given = typeof source === "string" || source instanceof URL ? await fetch(source) : source;
  return WebAssembly.compile(given instanceof Response ? await bytes(given) : given);
}

/** Compiling while it loads would save nothing on so few bytes, and asks for the right content type. */
async function bytes(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new TypeError(`gatewire.wasm could not be loaded: status ${response.status}`);
  return response.arrayBuffer();
}
