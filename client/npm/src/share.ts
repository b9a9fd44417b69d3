/** `gatewire/share`: what `share.d.ts` declares, with the ordinary session for those who cannot share. */

import { bytes } from "../build/wasm.js";
import type { Options } from "../gatewire.d.ts";
import type * as api from "../share.d.ts";
import { entry } from "./entry.ts";
import { Remote } from "./share/remote.ts";
import { byLeader, byWorker, type Way } from "./share/way.ts";
import { whole } from "./whole.ts";

export { GatewireError } from "./error.ts";

let compiled: WebAssembly.Module | undefined;

const ordinary = whole(() => (compiled ??= new WebAssembly.Module(bytes())));

export const [createSession, connect] = entry((contract, url, options) => {
  const { share, shareBy, ...others } = options as Options & api.ShareOptions;
  // A socket of the application's own cannot be given away.
  const way = share !== undefined && !options.WebSocket && wayOf(shareBy);
  if (!way) return ordinary(contract, url, others);
  const address = absolute(url);
  // Whoever speaks otherwise has another name. So has every user.
  const name = JSON.stringify(["gatewire share 1", address, contract?.fingerprint ?? contract?.name, share]);
  if (others.ticketUrl) others.ticketUrl = absolute(others.ticketUrl);
  return new Remote(way, name, contract, address, others);
}) as [typeof api.createSession, typeof api.connect];

/** How the hub is reached, where it can be. */
function wayOf(shareBy: api.ShareOptions["shareBy"]): Way | undefined {
  const { navigator, origin, SharedWorker, BroadcastChannel, document } = globalThis;
  if (!navigator?.locks || origin === "null") return; // locks are refused to such an origin
  if (SharedWorker && shareBy !== "leader") return byWorker;
  if (BroadcastChannel && document && shareBy !== "worker") return byLeader;
}

/** For the worker, whose own address is another. */
function absolute(url: string | URL): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    return String(url); // refused where it is used
  }
}
