/** One walk over a value and a shape together. What is wrong has the words of the server's, in Rust. */

import { type Frame, written } from "./written.ts";

/** What is wrong: the words, then the steps from there up to the whole value. */
type Fault = [words: string, ...steps: (string | number)[]];

/** How many shapes may be in each other, as on the server. */
const DEPTH = 256;

const NO_VARIANT = "not one of the variants";

export class Walk {
  /** The 64-bit integers: what holds each, and under which name. */
  _integers: [holder: any, key: string | number][] = [];
  /** How many variants have been tried, and may be: an enum of enums could go on for ever. */
  _attempts = 0;
  _most = 4096;
  declare _table: any[];
  declare _frame: Frame;
  /** Whether the value is the application's, which may have what JSON has not. */
  declare _goesOut: boolean;

  constructor(table: any[], frame: Frame, goesOut: boolean) {
    this._table = table;
    this._frame = frame;
    this._goesOut = goesOut;
  }

  /** Checks what is under this name, as `JSON.stringify` would write it there. */
  _check(shape: any, holder: any, key: string | number, level = 0): Fault | undefined {
    if (typeof shape === "number") shape = this._table[shape];
    const kind = shape[0];
    if (level === DEPTH) return ["nested too deeply"];
    if (kind === "|") return this._anyOf(shape, holder, key, level);
    let value = holder[key];
    if (this._goesOut && typeof value?.toJSON === "function") value = value.toJSON(key);
    const isNull = value == null || (typeof value === "number" && !isFinite(value));
    const found = isNull ? "null" : Array.isArray(value) ? "array" : typeof value;
    if (kind === "?") return found === "null" ? undefined : this._check(shape[1], holder, key, level + 1);
    const fits =
      kind === found ||
      (kind === "JSON" && found !== "bigint") ||
      // what JSON writes without point and exponent
      (kind === "integer" && Number.isInteger(value) && Math.abs(value) < 1e21) ||
      (kind === "int64" && /^(bi|st)/.test(found) && /^(0|-?[1-9]\d{0,19})$/.test(value));
    if (!fits) return [`expected ${kind}, found ${found}`];
    if (kind === "string") return wrongText(value, shape[1], shape[2]);
    if (kind === "int64") {
      this._integers.push([holder, key]);
      value = BigInt(value);
    }
    if (kind === "JSON" && !this._goesOut) return;
    if (found === "array") return this._items(shape, value, level);
    if (found === "object") return this._members(shape, value, holder, key, level);
    if (kind !== "JSON") return beyond(value, shape[1], shape[2], "less", "more");
  }

  _within(shape: any, holder: any, key: string | number, level: number): Fault | undefined {
    const fault = this._check(shape, holder, key, level + 1);
    fault?.push(key);
    return fault;
  }

  _items(shape: any, value: any[], level: number): Fault | undefined {
    for (let index = 0; index < value.length; index++) {
      const item = shape[1] ?? shape[index + 4];
      const fault = item && this._within(item, value, index, level);
      if (fault) return fault;
    }
    return beyond(value.length, shape[2], shape[3], "fewer items", "more items");
  }

  _members(shape: any, value: any, holder: any, key: string | number, level: number): Fault | undefined {
    const how = shape[2];
    const names = shape[3] ?? [];
    const keys = Object.keys(value);
    if (typeof how === "string") {
      if (value[how] === undefined || !keys.includes(how)) return ["missing field", how];
      const fault = this._within(["string", names], value, how, level);
      return fault ?? this._check(shape[names.indexOf(value[how]) + 4], holder, key, level + 1);
    }
    let present = 0;
    let required = 0;
    for (const name of keys) {
      if (value[name] === undefined) continue;
      const index = names.indexOf(name);
      const member = index < 0 ? shape[1] : shape[index + 4];
      if (!member) return [how < 0 ? NO_VARIANT : "unknown field", name];
      const fault = this._within(member, value, name, level);
      if (fault) return fault;
      present++;
      if (index >= 0 && index < how) required++;
    }
    if (how < 0 && present !== 1) return [NO_VARIANT];
    if (required < how) {
      return ["missing field", names.find((name: string) => value[name] === undefined || !keys.includes(name))];
    }
  }

  _anyOf(shapes: any[], holder: any, key: string | number, level: number): Fault | undefined {
    const { length } = this._integers;
    let deepest: Fault = [NO_VARIANT];
    for (const shape of shapes.slice(1)) {
      if (++this._attempts > this._most && this._attempts > (this._most = 4 * written(this._frame).length)) break;
      const fault = this._check(shape, holder, key, level + 1);
      if (!fault) return;
      this._integers.length = length;
      // The variant that was almost right explains best.
      if (fault.length > deepest.length) deepest = fault;
    }
    return deepest;
  }
}

/** What is wrong with a string: its form, that it is none of several, or its length. */
function wrongText(value: string, how: any, most: number): Fault | undefined {
  // Not a half of a surrogate pair; Node 20, Safari 16.4.
  const isHalved = (value as any).isWellFormed?.() === false;
  if (isHalved || (typeof how === "string" && !RegExp(how).test(value))) return ["of the wrong form"];
  if (typeof how === "number") {
    // Those that are pairs lose a half, where that can matter: it takes long.
    const counted = how > 1 || value.length > most ? value.replace(/[\ud800-\udbff]/g, "") : value;
    return beyond(counted.length, how, most, "shorter", "longer");
  }
  if (Array.isArray(how) && !how.includes(value)) return [NO_VARIANT];
}

function beyond(size: number, least: number, most: number, under: string, over: string): Fault | undefined {
  if (size < least) return [`${under} than ${least}`];
  if (size > most) return [`${over} than ${most}`];
}
