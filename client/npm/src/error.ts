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

/** Why a send has no answer, in the order of the numbers in `client/src/js.rs`. */
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

/** Codes, in the order of `Reason`. After a `!` the same will not work later either. */
const CODES = ["timeout", "queueFull", "!tooLarge", "!closed", "!lost", "!ended", "expired", "dropped"];

/** An error of this side, which says its code in words: `sendMessage: queue full`. */
export function failure(code: string, subject = "", more = ""): GatewireError {
  const name = code.replace("!", "");
  return new GatewireError(name, subject + name.replace(/[A-Z]/g, " $&").toLowerCase() + more, code === name);
}

/** Why the state machine rejects a send. */
export function rejection(reason: Reason, action: string): GatewireError {
  return failure(CODES[reason]!, `${action}: `);
}

/** Why the server has ended the session: some close codes have a code of their own. */
export function ended(close: number): GatewireError {
  return failure({ 4400: "!contractRefused", 4401: "!unauthorized" }[close] ?? "!ended", "", ` ${close}`);
}
