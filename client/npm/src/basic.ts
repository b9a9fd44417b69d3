/** `gatewire/core`: what `core.d.ts` declares, in one file with the wasm as text. */

import { bytes } from "../build/wasm-core.js";
import { Driver } from "./driver.ts";
import { entry } from "./entry.ts";

export { GatewireError } from "./error.ts";

let compiled: WebAssembly.Module | undefined;

export const { createSession, connect } = entry(
  (...parts) => new Driver(() => (compiled ??= new WebAssembly.Module(bytes())), ...parts),
);
