/** The package: what `gatewire.d.ts` declares, in one file with the wasm as text. */

import { bytes } from "../build/wasm.js";
import { entry } from "./entry.ts";
import { whole } from "./whole.ts";

export { GatewireError } from "./error.ts";

let compiled: WebAssembly.Module | undefined;

/** The first session compiles, in a third of a millisecond; importing does nothing. */
export const [createSession, connect] = entry(whole(() => (compiled ??= new WebAssembly.Module(bytes()))));
