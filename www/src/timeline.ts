import type { Message } from "@gatewire/chat";

/** What the room's messages need next. */
export type Need = "nothing" | "history";

/**
 * The messages of one room, each once and in order.
 *
 * Messages come twice and from two sides: as events, and as history after a reconnect. They are
 * numbered without a hole, so the number alone decides: the next one is shown, a known one is
 * dropped, and one further on waits until history has brought what lies between.
 */
export class Timeline {
  readonly #messages: Message[] = [];
  readonly #early = new Map<number, Message>();
  #noticed = 0;

  /** Everything up to here is shown, or lies before what is shown. */
  #last: number | undefined;

  /** The messages to show, in order, without a hole. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** The number to ask history for; `undefined` before the first page. */
  get last(): number | undefined {
    return this.#last;
  }

  /** Whether the room has messages before the first one shown. */
  get hasEarlier(): boolean {
    return (this.#messages[0]?.number ?? 1) > 1;
  }

  /** Takes one event and returns the messages that can be shown because of it. */
  event(message: Message): Message[] {
    this.#keep(message);
    return this.#advance();
  }

  /** Takes a page that continues where the timeline ends, and returns what is new. */
  page(messages: readonly Message[]): Message[] {
    this.#last ??= (messages[0]?.number ?? 1) - 1;
    for (const message of messages) this.#keep(message);
    return this.#advance();
  }

  /** Takes a page that ends before the first message, and returns what is new. */
  earlier(messages: readonly Message[]): Message[] {
    const first = this.#messages[0]?.number ?? 1;
    const fresh = messages.filter((message) => message.number < first);
    this.#messages.unshift(...fresh);
    return fresh;
  }

  /** Hears that the room has a message of this number, for example from the reply to a send. */
  notice(number: number): void {
    this.#noticed = Math.max(this.#noticed, number);
  }

  /** Whether something is known to be missing. */
  get need(): Need {
    const last = this.#last;
    if (last === undefined) return "nothing"; // the first page is on its way
    return this.#early.size > 0 || this.#noticed > last ? "history" : "nothing";
  }

  #keep(message: Message): void {
    if (message.number > (this.#last ?? 0)) this.#early.set(message.number, message);
  }

  #advance(): Message[] {
    const fresh: Message[] = [];
    if (this.#last === undefined) return fresh;
    for (const number of this.#early.keys()) {
      if (number <= this.#last) this.#early.delete(number); // came before the first page did
    }
    for (;;) {
      const next = this.#early.get(this.#last + 1);
      if (next === undefined) break;
      this.#early.delete(next.number);
      this.#last = next.number;
      fresh.push(next);
    }
    this.#messages.push(...fresh);
    return fresh;
  }
}
