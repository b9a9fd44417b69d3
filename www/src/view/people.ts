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

/** One of twelve hues, a twelfth of the circle apart, so that two people rarely look alike. */
function hue(name: string): number {
  let sum = 7;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65521;
  return (sum % 12) * 30 + 10;
}
