/** How long somebody counts as typing after the last sign of it, in milliseconds. */
const LINGER = 4000;

/** Who is typing, each until a while after the last sign of it. */
export class Typists {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly changed: (names: string[]) => void) {}

  /** Somebody types. */
  saw(name: string): void {
    const known = this.#timers.get(name);
    clearTimeout(known);
    this.#timers.set(name, setTimeout(() => this.stopped(name), LINGER));
    if (known === undefined) this.#tell();
  }

  /** Somebody has stopped, or sent what they typed. */
  stopped(name: string): void {
    clearTimeout(this.#timers.get(name));
    if (this.#timers.delete(name)) this.#tell();
  }

  /** Nobody types. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tell(): void {
    this.changed([...this.#timers.keys()].sort());
  }
}
