/** What a frame of `gatewire.v1` is called, and what it carries, as short as one line. */
export interface Summary {
  readonly name: string;
  readonly rest: string;
  /** The frame to read whole; without what nobody should see, not even over a shoulder. */
  readonly whole: string;
}

/** How much of a frame's content one line can hold, in characters. */
const REST = 120;

/** The members that name a frame by themselves. */
const NAMED = ["hello", "welcome", "accepted", "error", "goaway", "ping", "pong"] as const;

/** The longest frame shown whole, in characters. */
const WHOLE = 2000;

/** Says in a line what a frame is. */
export function summary(text: string): Summary {
  const whole = text.length > WHOLE ? `${text.slice(0, WHOLE)}…` : text;
  const frame = JSON.parse(text) as Record<string, unknown> | null;
  if (frame === null) return { name: "null", rest: "", whole };
  if ("token" in frame) return { name: "token", rest: "…", whole: "…" };
  const number = typeof frame["id"] === "number" ? ` ${frame["id"]}` : "";
  const title = frame["action"] ?? frame["event"];
  if (typeof title === "string") return { name: title + number, rest: short(frame["data"]), whole };
  const named = NAMED.find((member) => member in frame);
  if (named === undefined) return { name: `answer${number}`, rest: short(frame["data"]), whole };
  return { name: named + number, rest: short(frame[named]), whole };
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "").slice(0, REST);
}
