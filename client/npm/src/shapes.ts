/**
 * The table of a generated contract, and what travels checked against it, with the words of the server.
 *
 * What a table is, `shared/src/shape.rs` says. For the driver:
 * - `new Shapes(contract.shapes, options.validate)`, which has the whole policy;
 * - `refusal(part, action or event, frame)` says what is wrong with `frame.data`, and of what comes makes
 *   bigints there; it takes the application's value as it is, without a copy;
 * - `written(data)` is the JSON of it, with or without a table.
 */

import { Walk } from "./walk.ts";

/** What of a contract travels. */
export type Part = "data" | "reply" | "event";

export class Shapes {
  #table: any[];
  #validate: string;
  /** Whether anything is an integer of 64 bits. */
  #converts: boolean;

  constructor(table: string, validate = "both") {
    this.#table = JSON.parse(table);
    this.#validate = validate;
    this.#converts = table.includes('"int64"');
  }

  /** Why `frame.data` is not what the contract says. What it does not name passes. */
  refusal(part: Part, name: string, frame: { data?: unknown }): string | undefined {
    const [version, named] = this.#table;
    const goesOut = part === "data";
    const shape = version === 1 && named[`${part} ${name}`]; // the future's are left to the server
    const believed = this.#validate === "off" || (this.#validate === "out" && !goesOut);
    if (!shape || (believed && (goesOut || !this.#converts))) return;
    const walk = new Walk(this.#table, goesOut, () => written(frame.data).length);
    const fault = walk.check(shape, frame, "data");
    if (!goesOut) for (const [holder, key] of walk.integers) holder[key] = BigInt(holder[key]);
    if (!fault || believed) return;
    if (walk.attempts === Infinity) return `${name}: too many variants to try`;
    const [words, ...steps] = fault;
    const path = steps.reverse().map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
    return `${name}${path.join("")}: ${words}`.replace(/^([^]{256})[^]+/u, "$1…"); // cut as the server cuts it
  }
}

/** As JSON; a bigint is a string of its digits. */
export function written(data: unknown): string {
  try {
    return JSON.stringify(data) ?? "null";
  } catch {
    return JSON.stringify(data, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  }
}
