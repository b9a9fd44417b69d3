import type { Deliveries, Delivery, Stage } from "../deliveries";
import type { Frame } from "../tap";
import { summary } from "../frames";
import { byId, element, oncePerFrame } from "./dom";

/** The stops of a message on its way, in order. */
const STAGES: readonly Stage[] = ["queued", "sent", "accepted", "answered"];

/** How many messages and frames are listed. */
const MESSAGES_SHOWN = 8;
const FRAMES_SHOWN = 40;

/** The panel that shows what goes over the wire. It only looks: nothing passes through it. */
export class Inspector {
  readonly #panel = byId("inspector", HTMLElement);
  readonly #figures = element("dl", { class: "figures" });
  readonly #deliveries = element("ol", { class: "deliveries" });
  readonly #frames = element("ol", { class: "frames" });
  readonly #recent: { frame: Frame; index: number }[] = [];
  readonly #count = { in: 0, out: 0 };
  readonly #bytes = { in: 0, out: 0 };
  #sockets = 0;
  #drawnTo = 0;
  readonly #draw = oncePerFrame(() => this.#drawAll());

  constructor(private readonly deliveries: Deliveries) {
    const legend = STAGES.map((stage) => element("span", {}, stage));
    this.#panel.replaceChildren(
      section("Wire", this.#figures),
      section("Your messages", element("p", { class: "legend", "aria-hidden": "true" }, ...legend), this.#deliveries),
      section("Frames", this.#frames),
    );
    this.#draw();
  }

  /** A frame passed. */
  frame(frame: Frame): void {
    this.#count[frame.direction] += 1;
    this.#bytes[frame.direction] += frame.text.length;
    if (frame.text.startsWith('{"hello"')) this.#sockets += 1;
    this.#recent.push({ frame, index: this.#count.in + this.#count.out });
    if (this.#recent.length > FRAMES_SHOWN) this.#recent.shift();
    this.#draw();
  }

  /** Something beside the frames changed. */
  changed(): void {
    this.#draw();
  }

  #drawAll(): void {
    this.#figures.replaceChildren(
      figure("Frames in", this.#count.in, size(this.#bytes.in)),
      figure("Frames out", this.#count.out, size(this.#bytes.out)),
      figure("Unanswered", this.deliveries.open, "of yours"),
      figure("Sockets", this.#sockets, "this session"),
    );
    const deliveries = this.deliveries.list(MESSAGES_SHOWN).map(delivery);
    const nothing = element("li", { class: "nothing" }, "Write something and follow it here.");
    this.#deliveries.replaceChildren(...(deliveries.length > 0 ? deliveries : [nothing]));
    this.#drawFrames();
  }

  /** Adds the new frames only, so that one that is unfolded stays so. */
  #drawFrames(): void {
    const fresh = this.#recent.filter(({ index }) => index > this.#drawnTo);
    this.#frames.prepend(...fresh.reverse().map(({ frame }) => frameRow(frame)));
    this.#drawnTo = this.#count.in + this.#count.out;
    while (this.#frames.childElementCount > FRAMES_SHOWN) this.#frames.lastElementChild?.remove();
  }
}

function section(title: string, ...children: Node[]): HTMLElement {
  return element("section", {}, element("h2", {}, title), ...children);
}

function figure(name: string, value: number, note: string): HTMLElement {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", {}, element("b", {}, value.toLocaleString()), element("small", {}, note)),
  );
}

function delivery({ text, stage, times, sent, number, error }: Delivery): HTMLElement {
  const stops = STAGES.map((stop) => {
    const at = times[stop];
    const since = at === undefined ? "not yet" : `after ${duration(at - (times.queued ?? at))}`;
    return element("i", { "data-reached": at !== undefined, title: `${stop}: ${since}` });
  });
  const took = stage === "queued" ? "" : ` · ${duration((times[stage] ?? 0) - (times.queued ?? 0))}`;
  const again = sent > 1 ? ` · sent ${sent}×` : "";
  const place = number === undefined ? "" : ` · #${number}`;
  return element(
    "li",
    { "data-stage": stage },
    element("span", { class: "what" }, text),
    element("span", { class: "track", "aria-hidden": "true" }, ...stops),
    element("span", { class: "outcome" }, `${error ?? stage}${took}${place}${again}`),
  );
}

function frameRow({ direction, text }: Frame): HTMLElement {
  const { name, rest, whole } = summary(text);
  const line = element(
    "summary",
    {},
    element("span", { class: "arrow", title: direction === "in" ? "received" : "sent" }, direction === "in" ? "↓" : "↑"),
    element("span", {}, name),
    element("code", {}, rest),
  );
  return element("li", { "data-direction": direction }, element("details", {}, line, element("pre", {}, whole)));
}

function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function size(characters: number): string {
  if (characters < 1000) return `${characters} B`;
  return `${(characters / 1000).toFixed(characters < 10_000 ? 1 : 0)} kB`;
}
