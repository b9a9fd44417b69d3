/**
 * The table of a generated contract, and what travels checked against it, with the words of the server.
 *
 * What a table is, `shared/core/src/shape.rs` says; that is what reads it on the server, and a test holds
 * the two together. Here it is TypeScript because the browser has the value parsed already: the Rust one
 * in wasm is more than the rest of the package together, and has to be given the text.
 */

import { type Check, kindOf, shortened, Walk, written } from "./walk.ts";

/** What of a contract travels. */
export type Part = "data" | "reply" | "event";

/** What is wrong with a value of the right kind, or with a number of items. */
type Wrong = (value: any) => string | false | undefined;

export class Shapes {
  #table: string;
  /** Where the table is being read. */
  #at = 0;
  /** The shapes by part and name. */
  #named = new Map<string, Check>();
  /** The shapes that others refer to, by their place. */
  #placed = new Map<number, Check>();

  constructor(table: string) {
    this.#table = table;
    if (this.#next() !== "1") return; // from the future: the server checks all the same
    for (let kind; /[av]/.test((kind = this.#next())); ) {
      const name = this.#name();
      this.#named.set((kind === "a" ? "data " : "event ") + name, this.#shape());
      if (kind === "a") this.#named.set(`reply ${name}`, this.#shape());
    }
  }

  /** Why a value, as `JSON.parse` gives it, is not what the contract says. What it does not name passes. */
  refusal(part: Part, name: string, value: unknown): string | undefined {
    const check = this.#named.get(`${part} ${name}`);
    if (!check || new Walk().enter(check, value, 0)) return;
    const walk = new Walk(name);
    walk.enter(check, value, 0);
    return shortened(walk.fault);
  }

  #next(): string {
    const next = this.#table[this.#at++];
    if (!next) throw new RangeError("the table of the contract is damaged");
    return next;
  }

  /** A name or a bound. */
  #name(): string {
    const start = this.#at;
    while (this.#next() !== " ");
    return unescaped(this.#table.slice(start, this.#at - 1));
  }

  /** The members of a list, each after its mark. */
  #list<T>(member: (mark: string) => T): T[] {
    const members = [];
    for (let mark; (mark = this.#next()) > ";" || mark < ";"; ) members.push(member(mark));
    return members;
  }

  #shape(): Check {
    const kind = this.#next();
    switch (kind) {
      case "*":
        return () => true;
      case "?": {
        const check = this.#shape();
        return (value, place, walk) => value === null || check(value, place, walk);
      }
      case "@":
        return this.#reference();
      case "n":
        return leaf("null");
      case "b":
        return leaf("boolean");
      case "d":
        return leaf("number");
      case "i":
        return integer(this.#bounds("less than ", "more than "));
      case "r":
        return leaf("number", this.#bounds("less than ", "more than "));
      case "[": {
        const check = this.#shape();
        return items(() => check);
      }
      case "L": {
        const wrong = this.#bounds("fewer items than ", "more items than ");
        const check = this.#shape();
        return items(() => check, wrong);
      }
      case "(":
        return this.#tuple();
      case "t":
        return this.#tagged();
      case "|":
        return this.#anyOf();
      case "m":
      case "o":
      case "O":
      case "x":
        return this.#members(kind);
      default:
        return text(this.#wrongText(kind));
    }
  }

  /** Read when it is needed: a shape may contain itself. */
  #reference(): Check {
    let target = 0;
    for (const end = this.#at + 3; this.#at < end; ) target = target * 57 + this.#table.charCodeAt(this.#at++) - 35;
    return (value, place, walk) => {
      let check = this.#placed.get(target);
      if (!check) {
        this.#at = target;
        this.#placed.set(target, (check = this.#shape()));
      }
      return check(value, place, walk);
    };
  }

  #bounds(under: string, over: string): Wrong {
    const least = this.#name();
    const most = this.#name();
    return (size) => (least && size < +least ? under + least : most && size > +most && over + most);
  }

  #wrongText(kind: string): Wrong {
    switch (kind) {
      case "l": {
        const wrong = this.#bounds("shorter than ", "longer than ");
        return (value) => wrong([...value].length);
      }
      case "e": {
        const names = this.#list(() => this.#name());
        return (value) => !names.includes(value) && NO_VARIANT;
      }
      case "I":
      case "U":
        return (value) => !isInteger64(value, kind === "I") && "not an integer of 64 bits";
      case "6":
        return (value) => !isBase64(value) && "not base64";
      case "p": {
        const pattern = this.#pattern();
        return (value) => !pattern.test(value) && "not of the right form";
      }
      default:
        return () => kind !== "s" && "the table is damaged"; // as the server says it
    }
  }

  /** Classes of characters, each so many times. */
  #pattern(): RegExp {
    const end = /(?:\[[^\]]*\][\d,]*;)* /y;
    end.lastIndex = this.#at;
    const [classes = ""] = end.exec(this.#table) ?? [];
    this.#at += classes.length;
    const one = (_: string, ranges: string, times: string) => `[${ranged(unescaped(ranges))}]{${times}}`;
    return new RegExp(`^${classes.trim().replace(/\[([^\]]*)\]([\d,]*);/g, one)}$`, "u");
  }

  #tuple(): Check {
    const checks: Check[] = [];
    while (this.#table[this.#at] !== ")") checks.push(this.#shape());
    this.#at++;
    return items(
      (index) => checks[index],
      (length) => length < checks.length && "too few items",
    );
  }

  /** A map, an object with fields, or an enum with the variant as its one member. */
  #members(kind: string): Check {
    const every = kind === "m" && this.#shape();
    const fields = new Map<string, Check>();
    const required: string[] = [];
    if (!every) {
      this.#list((mark) => {
        const name = this.#name();
        fields.set(name, this.#shape());
        if (mark === "!") required.push(name);
      });
    }
    return (value, place, walk) => {
      if (kindOf(value) !== "object") return walk.expected("object", value, place);
      const names = Object.keys(value);
      let next = place + 1;
      for (const name of names) {
        const check = every || fields.get(name);
        if (!check && kind !== "o") {
          return walk.fail(kind === "O" ? "unknown field" : NO_VARIANT, next, written(name));
        }
        next += walk.size(name);
        if (check && !walk.step(name, check, value[name], next)) return false;
        next += walk.size(value[name]);
      }
      if (kind === "x" && names.length !== 1) return walk.fail("not one variant", next);
      const missing = required.find((name) => !Object.hasOwn(value, name));
      return missing === undefined || walk.fail("missing field", next, `.${missing}`);
    };
  }

  /** An object whose shape depends on one of its members. */
  #tagged(): Check {
    const tag = this.#name();
    const variants = new Map(this.#list(() => [this.#name(), this.#shape()]));
    return (value, place, walk) => {
      if (kindOf(value) !== "object") return walk.expected("object", value, place);
      let next = place + 1;
      for (const name of Object.keys(value)) {
        next += walk.size(name);
        const variant = value[name];
        if (name !== tag) {
          next += walk.size(variant);
          continue;
        }
        if (typeof variant !== "string") return walk.expected("string", variant, next, written(tag));
        const check = variants.get(variant);
        return check ? walk.enter(check, value, place) : walk.fail(NO_VARIANT, next, written(tag));
      }
      return walk.fail("missing field", next, `.${tag}`);
    };
  }

  #anyOf(): Check {
    const checks = this.#list(() => this.#shape());
    return (value, place, walk) => checks.some((check) => walk.enter(check, value, place)) || walk.failAll(place);
  }
}

const NO_VARIANT = "not one of the variants";

function leaf(kind: string, wrong: Wrong = () => false): Check {
  return (value, place, walk) => {
    if (kindOf(value) !== kind) return walk.expected(kind, value, place);
    const words = wrong(value);
    return !words || walk.fail(words, place);
  };
}

function text(wrong: Wrong): Check {
  return leaf("string", (value) => (/\p{Cs}/u.test(value) ? "half of a surrogate pair" : wrong(value)));
}

/** What JSON writes without point and exponent. */
function integer(wrong: Wrong): Check {
  const number = leaf("number", wrong);
  return (value, place, walk) =>
    typeof value === "number" && /^-?\d+$/.test(`${value}`)
      ? number(value, place, walk)
      : walk.expected("integer", value, place);
}

function items(checkOf: (index: number) => Check | undefined, wrong: Wrong = () => false): Check {
  return (value, place, walk) => {
    if (kindOf(value) !== "array") return walk.expected("array", value, place);
    let next = place + 1;
    for (let index = 0; index < value.length; index++) {
      const check = checkOf(index);
      if (!check) return walk.fail("too many items", next);
      if (!walk.step(index, check, value[index], next)) return false;
      next += walk.size(value[index]);
    }
    const words = wrong(value.length);
    return !words || walk.fail(words, next);
  };
}

function isInteger64(digits: string, signed: boolean): boolean {
  if (!/^(0|-?[1-9]\d{0,19})$/.test(digits)) return false;
  const number = BigInt(digits);
  return number === (signed ? BigInt.asIntN(64, number) : BigInt.asUintN(64, number));
}

/** With padding and without anything that means nothing, as the server writes it. */
function isBase64(value: string): boolean {
  try {
    return btoa(atob(value)) === value;
  } catch {
    return false;
  }
}

/** In a name, `~e9;` is a character by its code. */
function unescaped(name: string): string {
  return name.replace(/~(\w+);/g, (_, code) => String.fromCodePoint(parseInt(code, 16)));
}

/** Pairs of first and last characters, as a regular expression has them. */
function ranged(pairs: string): string {
  const codes = [...pairs].map((character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return codes.map((code, index) => (index % 2 ? "-" : "") + code).join("");
}
