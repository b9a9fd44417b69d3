import { element } from "./dom";

/** A round with somebody's initial, in a colour that is always theirs. */
export function avatar(name: string): HTMLElement {
  const initial = [...name.trim()][0] ?? "?";
  const badge = element("span", { class: "avatar", "aria-hidden": "true" }, initial.toUpperCase());
  badge.style.setProperty("--hue", String(hue(name)));
  return badge;
}

/** "Ada", "Ada and Grace", "Ada, Grace and 3 others". */
export function enumerate(names: readonly string[]): string {
  const [first = "", second = "", third = ""] = names;
  if (names.length <= 1) return first;
  if (names.length === 2) return `${first} and ${second}`;
  if (names.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${names.length - 2} others`;
}

/** A hue from the name alone (FNV-1a), so that it is the same on every page. */
function hue(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % 360;
}
