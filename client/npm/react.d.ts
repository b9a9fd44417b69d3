import type { AnyEvent, ContractType, CoreSession, Session, State } from "gatewire";

/**
 * The session that `make` makes, from when the component is in the page until it is gone; another one
 * whenever a dependency changes. Before that, and on a server, it is `undefined`.
 *
 * StrictMode's second mount keeps the session of the first. Each call has a session of its own: call it once
 * and hand the session on, by properties or a context.
 *
 * @example
 * const session = useSession(() => createSession(chat, url, { token }), [url]);
 */
export function useSession<S extends { close(): void }>(
  make: () => S,
  dependencies?: readonly unknown[],
): S | undefined;

/**
 * Listens to an event, or with `*` to all of them, while the component is in the page, always with the listener
 * of the last render.
 */
export function useEvent<C extends ContractType, E extends keyof C["events"] | "*">(
  session: Session<C> | undefined,
  event: E,
  listener: (data: AnyEvent<C>[E], event: keyof C["events"] & string) => void,
): void;
/** The same for a session of `gatewire/core`. */
export function useEvent<C extends ContractType, E extends keyof C["events"]>(
  session: CoreSession<C> | undefined,
  event: E,
  listener: (data: C["events"][E]) => void,
): void;

/** Where the session is, now and after every change; `idle` without a session. */
export function useSessionState(session: Pick<CoreSession<any>, "state" | "onState"> | undefined): State;
