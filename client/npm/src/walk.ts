/** One walk over a value, with what is wrong and where, in the words of `gatewire_core::shape`. */

/** Checks a value that begins at this place of its JSON text. */
export type Check = (value: any, place: number, walk: Walk) => boolean;

/** How deep values may be in each other: as deep as the server reads them. */
const DEPTH = 128;

/** How many bytes of a message there are before it is cut, as on the server. */
const LIMIT = 256;

export class Walk {
  /** Why the value is refused. */
  fault = "";
  /** Where in the text that is. */
  #place = 0;
  /** From the whole value to the one that is being checked. */
  #path: (string | number)[];
  #level = 0;
  #explains: boolean;

  /** Without a name it says whether the value fits and keeps nothing for a message, which is faster. */
  constructor(name?: string) {
    this.#path = [name ?? ""];
    this.#explains = name !== undefined;
  }

  /** Checks a value within the one that is being checked. */
  step(step: string | number, check: Check, value: unknown, place: number): boolean {
    this.#path.push(step);
    const fits = this.enter(check, value, place);
    this.#path.pop();
    return fits;
  }

  enter(check: Check, value: unknown, place: number): boolean {
    if (this.#level === DEPTH) return this.fail("nested too deeply", place);
    this.#level++;
    const fits = check(value, place, this);
    this.#level--;
    return fits;
  }

  /** Of the variants of an enum, the one that was almost right explains best: what is wrong furthest on. */
  fail(words: string, place: number, lastStep = ""): false {
    if (this.#explains && place >= this.#place) {
      this.#place = place;
      const [name, ...steps] = this.#path;
      this.fault = `${name}${steps.map(written).join("")}${lastStep}: ${words}`;
    }
    return false;
  }

  expected(kind: string, value: unknown, place: number, lastStep?: string): false {
    return this.fail(`expected ${kind}, found ${kindOf(value)}`, place, lastStep);
  }

  /** No variant of an enum fits. */
  failAll(place: number): boolean {
    return this.#place <= place && this.fail("not one of the variants", place);
  }

  /** How long a part of the value is in its text, where that matters. */
  size(value: unknown): number {
    return this.#explains ? JSON.stringify(value).length : 0;
  }
}

export function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** A message that is not too long; a character that would be cut in two is left out. */
export function shortened(message: string): string {
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= LIMIT) return message;
  return new TextDecoder().decode(bytes.subarray(0, LIMIT), { stream: true }) + "…";
}

/** A step of a path; names are as JSON has them. */
export function written(step: string | number): string {
  return typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step).slice(1, -1)}`;
}
