/** One walk over a value and a shape together. What is wrong has the words of the server's, in Rust. */

/** What is wrong: the words, then the steps from there up to the whole value. */
type Fault = [words: string, ...steps: (string | number)[]];

/** How many shapes may be in each other, as on the server. */
const DEPTH = 256;

/** So many variants of enums may be tried, or four for each character of the text if that is more. */
const ATTEMPTS = 4096;

const NO_VARIANT = "not one of the variants";

export class Walk {
  /** The 64-bit integers: what holds each, and under which name. */
  integers: [holder: any, key: string | number][] = [];
  /** How many variants have been tried; infinite when that was too many. An enum of enums could go on for ever. */
  attempts = 0;
  #table: any[];
  #sizeOfText: () => number;
  /** Whether the value is the application's, which may have bigints anywhere. */
  #goesOut: boolean;

  constructor(table: any[], goesOut: boolean, sizeOfText: () => number) {
    this.#table = table;
    this.#goesOut = goesOut;
    this.#sizeOfText = sizeOfText;
  }

  /** Checks what is under this name, as `JSON.stringify` would write it there. */
  check(shape: any, holder: any, key: string | number, level = 0): Fault | undefined {
    if (typeof shape === "number") shape = this.#table[shape];
    const [kind, first, second] = shape;
    if (level === DEPTH) return ["nested too deeply"];
    if (kind === "|") return this.#anyOf(shape, holder, key, level);
    let value = holder[key];
    if (typeof value?.toJSON === "function") value = value.toJSON(key);
    const found = kindOf(value);
    if (kind === "?") return found === "null" ? undefined : this.check(first, holder, key, level + 1);
    if (!isA(kind, value, found)) return [`expected ${kind}, found ${found}`];
    if (kind === "string") return wrongText(value, first, second);
    if (kind === "int64") {
      this.integers.push([holder, key]);
      value = BigInt(value);
    }
    if (kind === "JSON" && !this.#goesOut) return;
    const others = kind === "JSON" ? shape : first;
    if (found === "array") return this.#items(shape, others, value, level);
    if (found === "object") return this.#members(shape, others, value, holder, key, level);
    return beyond(value, first, second, "less", "more");
  }

  #within(shape: any, holder: any, key: string | number, level: number): Fault | undefined {
    const fault = this.check(shape, holder, key, level + 1);
    fault?.push(key);
    return fault;
  }

  #items(shape: any, others: any, value: any[], level: number): Fault | undefined {
    for (let index = 0; index < value.length; index++) {
      const item = shape[index + 4] ?? others;
      const fault = item && this.#within(item, value, index, level);
      if (fault) return fault;
    }
    return beyond(value.length, shape[2], shape[3], "fewer items", "more items");
  }

  #members(shape: any, others: any, value: any, holder: any, key: string | number, level: number): Fault | undefined {
    const [, , how, names = []] = shape;
    const keys = Object.keys(value).filter((name) => !/^[uf]/.test(typeof value[name]));
    if (typeof how === "string") {
      if (!keys.includes(how)) return ["missing field", how];
      const fault = this.#within(["string", names], value, how, level);
      return fault ?? this.check(shape[names.indexOf(value[how]) + 4], holder, key, level + 1);
    }
    for (const name of keys) {
      const index = names.indexOf(name);
      const member = index < 0 ? others : shape[index + 4];
      if (!member) return [how < 0 ? NO_VARIANT : "unknown field", name];
      const fault = this.#within(member, value, name, level);
      if (fault) return fault;
    }
    if (how < 0 && keys.length !== 1) return [NO_VARIANT];
    const missing = names.find((name: string, index: number) => index < how && !keys.includes(name));
    return missing === undefined ? undefined : ["missing field", missing];
  }

  #anyOf(shapes: any[], holder: any, key: string | number, level: number): Fault | undefined {
    const { length } = this.integers;
    let deepest: Fault = [NO_VARIANT];
    for (const shape of shapes.slice(1)) {
      if (++this.attempts > ATTEMPTS && this.attempts > 4 * this.#sizeOfText()) this.attempts = Infinity;
      if (this.attempts === Infinity) break;
      const fault = this.check(shape, holder, key, level + 1);
      if (!fault) return;
      this.integers.length = length;
      // The variant that was almost right explains best.
      if (fault.length > deepest.length) deepest = fault;
    }
    return deepest;
  }
}

function isA(kind: string, value: any, found: string): boolean {
  switch (kind) {
    case "JSON":
      return found !== "bigint";
    case "integer": // what JSON writes without point and exponent
      return Number.isInteger(value) && Math.abs(value) < 1e21;
    case "int64":
      return ["bigint", "string"].includes(found) && /^(0|-?[1-9]\d{0,19})$/.test(value);
    default:
      return kind === found;
  }
}

function kindOf(value: any): string {
  if (value == null || (typeof value === "number" && !isFinite(value))) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** What is wrong with a string: its form, that it is none of several, or its length. */
function wrongText(value: string, how: any, most: number): Fault | undefined {
  if ((value as any).isWellFormed?.() === false) return ["half of a surrogate pair"];
  if (typeof how === "string") return RegExp(how).test(value) ? undefined : ["not of the right form"];
  if (typeof how === "object") return how.includes(value) ? undefined : [NO_VARIANT];
  return beyond(value.replace(/[\ud800-\udbff]/g, "").length, how, most, "shorter", "longer");
}

function beyond(size: number, least: number, most: number, under: string, over: string): Fault | undefined {
  if (size < least) return [`${under} than ${least}`];
  if (size > most) return [`${over} than ${most}`];
}
