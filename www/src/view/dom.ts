/** What an element may be given beside its children. */
export type Attributes = Record<string, string | number | boolean | undefined>;

/** Makes an element: attributes that are `undefined` or `false` are left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** The element with this id, which the page's HTML has. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return found;
}

/** Runs `draw` before the next frame, once, however often it is asked for. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = (): void => {
      if (!asked) return;
      asked = false;
      draw();
    };
    // A hidden page gets no animation frames, and is still read by whoever comes back to it.
    if (document.hidden) setTimeout(run);
    else requestAnimationFrame(run);
  };
}
