import type { Frame } from "./tap";

/** How far a message has come, in this order; `failed` may follow any of them. */
export type Stage = "queued" | "sent" | "accepted" | "answered" | "failed";

/** What happened to one message, read from the frames themselves. */
export interface Delivery {
  readonly key: string;
  readonly text: string;
  stage: Stage;
  /** When it reached each stage, in milliseconds on the page's clock. */
  readonly times: Partial<Record<Stage, number>>;
  /** How often it went out: more than once after a reconnect. */
  sent: number;
  /** Its place in the room, once answered. */
  number?: number;
  /** Why it failed. */
  error?: string;
}

/** The most messages remembered; the oldest finished one goes first. */
const KEPT = 200;

/** What of a frame matters here; any of it may be missing. */
interface Seen {
  action?: unknown;
  id?: unknown;
  data?: { tag?: unknown; text?: unknown; number?: unknown } | null;
  accepted?: unknown;
  error?: { message?: unknown };
}

/** The messages this page has sent, and what became of each. */
export class Deliveries {
  readonly #byKey = new Map<string, Delivery>();
  readonly #byId = new Map<number, Delivery>();

  /** Newest first. */
  list(count: number): Delivery[] {
    return [...this.#byKey.values()].slice(-count).reverse();
  }

  get(key: string): Delivery | undefined {
    return this.#byKey.get(key);
  }

  /** How many are not answered yet. */
  get open(): number {
    return [...this.#byKey.values()].filter((delivery) => !isDone(delivery)).length;
  }

  /** A message was handed to the session; written again, it begins anew. */
  queue(key: string, text: string, at: number): void {
    this.#add({ key, text, stage: "queued", times: { queued: at }, sent: 0 });
  }

  /** Looks at a frame that passed. */
  see({ direction, text, at }: Frame): void {
    const frame = JSON.parse(text) as Seen | null;
    if (frame === null || typeof frame.id !== "number") return;
    if (direction === "out") this.#out(frame.id, frame, at);
    else this.#in(frame.id, frame, at);
  }

  #out(id: number, { action, data }: Seen, at: number): void {
    if (action !== "sendMessage") return;
    const key = typeof data?.tag === "string" ? data.tag : `action ${id}`;
    const delivery = this.#byKey.get(key) ?? this.#add(unannounced(key, data?.text, at));
    this.#byId.set(id, delivery);
    delivery.sent += 1;
    if (delivery.stage === "queued") reach(delivery, "sent", at);
  }

  #in(id: number, { accepted, data, error }: Seen, at: number): void {
    const delivery = this.#byId.get(id);
    if (delivery === undefined) return;
    if (accepted !== undefined) {
      reach(delivery, "accepted", at);
      return;
    }
    this.#byId.delete(id);
    if (error !== undefined) {
      delivery.error = String(error.message);
      reach(delivery, "failed", at);
      return;
    }
    if (typeof data?.number === "number") delivery.number = data.number;
    reach(delivery, "answered", at);
  }

  #add(delivery: Delivery): Delivery {
    this.#byKey.delete(delivery.key);
    this.#byKey.set(delivery.key, delivery);
    if (this.#byKey.size > KEPT) this.#forget();
    return delivery;
  }

  #forget(): void {
    for (const delivery of this.#byKey.values()) {
      if (!isDone(delivery)) continue;
      this.#byKey.delete(delivery.key);
      return;
    }
  }
}

function isDone({ stage }: Delivery): boolean {
  return stage === "answered" || stage === "failed";
}

function reach(delivery: Delivery, stage: Stage, at: number): void {
  delivery.stage = stage;
  delivery.times[stage] = at;
}

function unannounced(key: string, text: unknown, at: number): Delivery {
  return { key, text: String(text), stage: "queued", times: { queued: at }, sent: 0 };
}
