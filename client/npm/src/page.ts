/** The life of the page: what it hears of network, sleep and the back/forward cache. */

import { Input } from "./core.ts";
import type { FullDriver } from "./full.ts";

const HEARD: Record<string, Input> = {
  online: Input.Wake,
  visibilitychange: Input.Wake,
  resume: Input.Wake,
  pageshow: Input.Wake,
  offline: Input.Doubt,
  freeze: Input.Suspend,
  pagehide: Input.Suspend,
};

/** Tells the session until `signal`. Workers hear of the network alone, and Node of nothing. */
export function watch(driver: FullDriver, signal: AbortSignal): void {
  for (const type in HEARD) {
    const heard = ({ persisted }: any) => {
      if (type === "pagehide" && !persisted) driver._leave();
      else if (type !== "visibilitychange" || !document.hidden) driver._tell(HEARD[type]!);
    };
    // What is said to the document passes the window on its way there.
    globalThis.addEventListener?.(type, heard, { capture: true, signal });
  }
}
