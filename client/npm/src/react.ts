/** Sessions in React: made when a component is in the page, closed when it is gone. */

import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type * as api from "../react.d.ts";

type Listener = (...told: any[]) => void;

/**
 * Before the browser paints: making a session, showing it and listening to it are then one task, and no event
 * can arrive in between. A server has no layout, and React 18 warns whoever asks for one there.
 */
const useBrowserEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

export const useSession: typeof api.useSession = <S extends { close(): void }>(
  make: () => S,
  dependencies: readonly unknown[] = [],
) => {
  const [session, show] = useState<S>();
  useBrowserEffect(hold(make, show), dependencies);
  return session;
};

export const useEvent: typeof api.useEvent = (
  session: { on(event: any, listener: Listener): () => void } | undefined,
  event: PropertyKey,
  listener: Listener,
) => {
  const latest = useRef(listener);
  useBrowserEffect(() => {
    latest.current = listener;
  });
  useBrowserEffect(() => session?.on(event, (...told) => latest.current(...told)), [session, event]);
};

export const useSessionState: typeof api.useSessionState = (session) => {
  const subscribe = useCallback((changed: () => void) => session?.onState(changed) ?? (() => {}), [session]);
  return useSyncExternalStore(
    subscribe,
    () => session?.state ?? "idle",
    () => "idle",
  );
};

/** An effect with one session, however often StrictMode stops and starts it. */
function hold<S extends { close(): void }>(make: () => S, show: (session: S) => void) {
  let session: S | undefined;
  let held = false;
  return () => {
    held = true;
    show((session ??= make()));
    return () => {
      held = false;
      // StrictMode starts the effect again before this task ends.
      queueMicrotask(() => {
        if (held) return;
        session?.close();
        session = undefined;
      });
    };
  };
}
