/** `gatewire/core`: what `core.d.ts` declares, in one file with the wasm as text. */

import { bytes } from "../build/wasm-core.js";
import type { SendOptions } from "../gatewire.d.ts";
import { Driver, PROTOCOL } from "./driver.ts";
import { entry } from "./entry.ts";

export { GatewireError } from "./error.ts";

class BasicDriver extends Driver {
  send(_action: string, data: unknown, options?: SendOptions): Promise<any> {
    return new Promise((_resolve, _reject) => {
      this._queue({ _action, _json: this._json(_action, data), _resolve, _reject }, options?.timeout);
    });
  }

  _create(seed: number): void {
    const { queueLength = 1000, queueBytes = 2 ** 20 } = this._options;
    this._core._create(queueLength, queueBytes, 0, 0, seed);
  }

  /** The token is a subprotocol, because no log has those. */
  _open(): void {
    this._dial(this._url, this._token ? [PROTOCOL, `gatewire.token.${this._token}`] : [PROTOCOL]);
  }
}

let compiled: WebAssembly.Module | undefined;

export const [createSession, connect] = entry(
  (...parts) => new BasicDriver(() => (compiled ??= new WebAssembly.Module(bytes())), ...parts),
);
