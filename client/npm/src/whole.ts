/** Which class speaks the protocol that is asked for. */

import type { Contract, Options } from "../gatewire.d.ts";
import { FullDriver } from "./full.ts";
import { PlainDriver } from "./plain.ts";

export function whole(compile: () => WebAssembly.Module) {
  return (contract: Contract<any> | undefined, url: string, options: Options) =>
    new (options.protocol === "plain" ? PlainDriver : FullDriver)(compile, contract, url, options);
}
