import type { Message } from "@gatewire/chat";
import type { Pending } from "../room";
import { byId, element } from "./dom";
import { avatar } from "./people";

/** Messages of one author this close together share one heading, in milliseconds. */
const GROUPED_WITHIN = 5 * 60_000;

/** How near to the end, in pixels, counts as reading along. */
const NEAR_THE_END = 80;

const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** The messages on the page, and whether the reader follows them. */
export class Conversation {
  readonly #scroller = byId("scroller", HTMLDivElement);
  readonly #log = byId("log", HTMLOListElement);
  readonly #pending = byId("pending", HTMLOListElement);
  readonly #latest = byId("latest", HTMLButtonElement);
  readonly #resized: ResizeObserver;
  #newest: Message | undefined;
  #unread = 0;

  /** Whether the reader reads along, and new messages should scroll into view. */
  #following = true;

  constructor(
    private readonly me: string,
    private readonly retry: (pending: Pending) => void,
  ) {
    this.#log.replaceChildren();
    this.#pending.replaceChildren();
    this.#scroller.onscroll = () => {
      this.#following = this.#isAtEnd();
      if (this.#following) this.#read();
    };
    this.#latest.onclick = () => this.toEnd();
    // A keyboard, a notice or the inspector takes room away: who was at the end stays there.
    this.#resized = new ResizeObserver(() => {
      if (this.#following) this.toEnd();
    });
    this.#resized.observe(this.#scroller);
    this.#read();
  }

  /** Lets go of the page. */
  close(): void {
    this.#resized.disconnect();
  }

  /** Adds messages at the end, and scrolls along if the reader is there. */
  append(messages: readonly Message[]): void {
    const fragment = new DocumentFragment();
    for (const message of messages) {
      fragment.append(...this.#rows(message, this.#newest));
      this.#newest = message;
    }
    this.#log.append(fragment);
    if (this.#following) this.toEnd();
    else this.#missed(messages.filter(({ author }) => author !== this.me).length);
  }

  /** Draws the whole log again and leaves the reader where they were: earlier messages came. */
  redraw(messages: readonly Message[]): void {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const rows = messages.flatMap((message, index) => this.#rows(message, messages[index - 1]));
    this.#log.replaceChildren(...rows);
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
  }

  /** Shows what is on its way. */
  setPending(pending: readonly Pending[]): void {
    const grew = pending.length > this.#pending.childElementCount;
    this.#pending.replaceChildren(...pending.map((one) => this.#waiting(one)));
    if (grew || this.#following) this.toEnd();
  }

  /** Scrolls to the newest message. */
  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#following = true;
    this.#read();
  }

  #rows(message: Message, previous: Message | undefined): HTMLElement[] {
    const sentAt = new Date(message.sentAt);
    const newDay = previous === undefined || !sameDay(sentAt, new Date(previous.sentAt));
    const continues =
      !newDay &&
      previous.author === message.author &&
      message.sentAt - previous.sentAt < GROUPED_WITHIN;
    const row = element(
      "li",
      {
        class: continues ? "message continues" : "message",
        "data-testid": "message",
        "data-number": message.number,
        "data-mine": message.author === this.me,
      },
      ...(continues ? [] : [avatar(message.author), heading(message.author, sentAt)]),
      element("p", { class: "text" }, message.text),
      element("span", { class: "number", title: `Message ${message.number} of this room` }, String(message.number)),
    );
    if (!newDay) return [row];
    return [element("li", { class: "day" }, element("span", {}, day.format(sentAt))), row];
  }

  #waiting(pending: Pending): HTMLElement {
    const row = element(
      "li",
      { class: pending.error === undefined ? "message waiting" : "message refused", "data-testid": "pending" },
      element("p", { class: "text" }, pending.text),
    );
    if (pending.error === undefined) return row;
    const again = element("button", { type: "button", class: "quiet" }, "Try again");
    again.onclick = () => this.retry(pending);
    row.append(element("p", { class: "reason" }, pending.error, again));
    return row;
  }

  #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  #missed(count: number): void {
    this.#unread += count;
    this.#latest.hidden = this.#unread === 0;
    this.#latest.textContent = this.#unread === 1 ? "1 new message" : `${this.#unread} new messages`;
  }

  #read(): void {
    this.#unread = 0;
    this.#latest.hidden = true;
  }
}

function heading(author: string, sentAt: Date): HTMLElement {
  return element(
    "p",
    { class: "heading" },
    element("strong", {}, author),
    element("time", { datetime: sentAt.toISOString() }, time.format(sentAt)),
  );
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
