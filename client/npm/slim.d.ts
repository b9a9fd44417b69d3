export * from "gatewire";

/** `gatewire.wasm`: where it is, what came from there, its bytes, or what they were compiled to. */
export type WasmSource =
  | string
  | URL
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<string | URL | Response | BufferSource | WebAssembly.Module>;

/**
 * Compiles `gatewire.wasm`, which is in the package as `gatewire/gatewire.wasm`. Await it before the first
 * session; later calls do nothing. When it rejects it may be called again.
 */
export function init(source: WasmSource): Promise<void>;
