/**
 * The table of a generated contract, and what travels checked against it, with the words of the server.
 *
 * What a table is, `shared/src/shape.rs` says. For the driver:
 * - `new Shapes(contract.shapes, options.validate)`, which has the whole policy;
 * - `refusal(part, action or event, frame)` says what is wrong with `frame.data`, which is the application's
 *   value as it is, or what `JSON.parse` gave; in what comes it makes bigints of 64-bit integers;
 * - `written(frame)` in `written.ts` is the JSON of `frame.data`, with or without a table.
 */

import { Walk } from "./walk.ts";
import type { Frame } from "./written.ts";

/** What of a contract travels. */
export type Part = "data" | "reply" | "event";

export class Shapes {
  declare _table: any[];
  declare _validate: string;
  /** Whether anything is an integer of 64 bits. */
  declare _converts: boolean;

  constructor(table: string, validate = "both") {
    this._table = JSON.parse(table);
    this._validate = validate;
    this._converts = table.includes('"int64"');
  }

  /** Why `frame.data` is not what the contract says. What it does not name passes. */
  refusal(part: Part, name: string, frame: Frame): string | undefined {
    const goesOut = part === "data";
    const shape = this._table[0][`${part} ${name}`];
    const believed = this._validate === "off" || (this._validate === "out" && !goesOut);
    if (!shape || (believed && (goesOut || !this._converts))) return;
    const walk = new Walk(this._table, frame, goesOut);
    const fault = walk.check(shape, frame, "data");
    if (goesOut) frame.integers = !!walk.integers[0];
    else for (const [holder, key] of walk.integers) holder[key] = BigInt(holder[key]);
    if (!fault || believed) return;
    if (walk.attempts > walk.most) return `${name}: too many variants to try`;
    const [words, ...steps] = fault;
    const path = steps.reduceRight((path, step) => path + (step === `${step}` ? `.${step}` : `[${step}]`), name);
    return `${path}: ${words}`.replace(/^([^]{256})[^]+/u, "$1…"); // cut as the server cuts it
  }
}
