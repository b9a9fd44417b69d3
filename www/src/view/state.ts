import type { State, StateChange } from "gatewire";
import { byId, element } from "./dom";

/** What each state of the session is called on the page. */
const NAMES: Readonly<Record<State, string>> = {
  idle: "Not connected",
  connecting: "Connecting",
  open: "Connected",
  waiting: "Reconnecting",
  closed: "Closed",
};

let ticking: ReturnType<typeof setInterval> | undefined;

/** Shows where the session is, and counts down to the next attempt. */
export function showState({ state, retryIn }: StateChange): void {
  clearInterval(ticking);
  const pill = byId("state", HTMLParagraphElement);
  pill.dataset["state"] = state;
  pill.replaceChildren(NAMES[state]);
  if (state !== "waiting" || retryIn === undefined) return;

  // Hidden from screen readers, which would read each second aloud.
  const countdown = element("span", { "aria-hidden": "true" });
  pill.append(countdown);
  const at = performance.now() + retryIn;
  const tick = (): void => {
    const seconds = Math.ceil((at - performance.now()) / 1000);
    countdown.textContent = seconds > 0 ? `in ${seconds} s` : "";
  };
  tick();
  ticking = setInterval(tick, 250);
}
