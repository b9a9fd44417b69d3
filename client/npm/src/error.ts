/** The one error of the package, and what this side says with it. */

export class GatewireError extends Error {
  override readonly name = "GatewireError";
  declare readonly code: string;
  declare readonly temporary: boolean;

  constructor(code: string, message: string, temporary: boolean) {
    super(message);
    this.code = code;
    this.temporary = temporary;
  }
}

/** Why a send has no answer. */
export const enum Reason {
  Timeout,
  QueueFull,
  TooLarge,
  Closed,
  Lost,
  Ended,
  Expired,
  Dropped,
}

/** Codes, in the order of the numbers in `client/src/js.rs`. After a `!` the same will not work later either. */
const CODES = ["timeout", "queueFull", "!tooLarge", "!closed", "!lost", "!ended", "expired", "dropped"];

/** Close codes with a code of their own. */
const CLOSES: Record<number, string> = { 4400: "!contractRefused", 4401: "!unauthorized" };

/** An error of this side, which says its code in words: `sendMessage: queue full`. */
export function failure(code: string, subject = "", more = ""): GatewireError {
  const name = code.replace("!", "");
  return new GatewireError(name, subject + name.replace(/[A-Z]/g, " $&").toLowerCase() + more, code === name);
}

/** Why the state machine ends a send, or the session. */
export function rejection(reason: Reason, close: number, subject?: string): GatewireError {
  return failure(CLOSES[close] ?? CODES[reason]!, subject, close ? ` ${close}` : "");
}
