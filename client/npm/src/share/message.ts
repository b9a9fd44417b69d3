/**
 * What tabs and the hub say to each other. The member that is there says what a message is, as on the wire;
 * replies and events have the form that they have there.
 */

import type { StateChange, TraceEntry, Verdict } from "../../gatewire.d.ts";
import { GatewireError } from "../error.ts";

/** From a tab; without any other member it asks who the hub is. */
export interface ToHub {
  /** The tab: the name of a lock that it holds as long as it is there. */
  readonly from: string;
  readonly join?: Join;
  /** All events that the tab listens to. */
  readonly listen?: string[];
  readonly send?: Action;
  /** The id of a send. */
  readonly cancel?: number;
  readonly connect?: true;
  /** The tab is seen again, or its machine woke up. */
  readonly wake?: true;
  /** The answer to `ask`. */
  readonly token?: { readonly is?: string; readonly problem?: unknown };
  /** The answer to `sync`: its number. */
  readonly synced?: number;
  readonly leave?: true;
}

/** Who comes, and what a session is made of where there is none yet. */
export interface Join {
  readonly url: string;
  readonly fingerprint: string | undefined;
  /** What of the options can cross. */
  readonly options: object;
  /** The token, or `true`: ask for it. */
  readonly token: string | true | undefined;
  readonly trace: boolean;
  readonly listen: string[];
  /** The id of the session, of this tab's making or as a hub before said it. */
  readonly key: string;
  /** In which series of numbers the tab has had which event; none when it was never connected. */
  readonly era: string | undefined;
  readonly seen: number;
}

export interface Action {
  readonly id: number;
  readonly action: string;
  /** The data as it travels. */
  readonly json: string;
  readonly timeout: number | undefined;
  readonly ttl: number | undefined;
  readonly key: string | undefined;
}

/** From the hub. */
export interface ToTab {
  /** Who the hub is. Whoever did not know it joins. */
  readonly hub?: string;
  readonly status?: Status;
  /** The hub stops here: what it did not say that it had written, nobody writes. */
  readonly bye?: true;
  /** The tab has had all of its events up to this number, once it reads this. */
  readonly sync?: number;
  /** The id of a send that is written. */
  readonly written?: number;
  readonly gap?: true;
  /** Asks for a token. */
  readonly ask?: true;
  readonly problem?: unknown;
  readonly trace?: TraceEntry;
  /** There can be no session, for this reason. */
  readonly end?: unknown;
  /** The reply to a send, or its receipt. */
  readonly id?: number;
  readonly accepted?: object;
  readonly data?: unknown;
  readonly error?: unknown;
  readonly event?: string;
  /** Its number; none when the server gives none. */
  readonly seq?: number | undefined;
}

/** Where the one session is. */
export interface Status extends StateChange {
  readonly key: string;
  /** Changes when the server forgot the session and counts events from the start; none before it is open. */
  readonly era: string | undefined;
  /** The number of the last event. */
  readonly seen: number;
  readonly resumed: boolean;
  readonly contract: Verdict | undefined;
  readonly connectionId: string | undefined;
  /** Why it is closed. */
  readonly cause: unknown;
}

/** An error as it crosses: a clone would keep of ours the message alone. */
export function outward(problem: unknown): unknown {
  if (!(problem instanceof GatewireError)) return problem instanceof Error ? problem : String(problem);
  const { code, message, temporary } = problem;
  return { code, message, temporary };
}

/** The error that crossed. */
export function inward(problem: any): unknown {
  const { code, message, temporary } = Object(problem);
  return typeof code === "string" ? new GatewireError(code, message, temporary) : problem;
}
