/** The ways between a tab and the hub. */

import { Hub } from "./hub.ts";
import { aborted, whenGone } from "./lock.ts";
import type { ToHub, ToTab } from "./message.ts";

/** Opens a way until `signal`: what comes from the hub is told to `hear`, what is given to the result goes there. */
export type Way = (
  name: string,
  tab: string,
  signal: AbortSignal,
  hear: (message: ToTab) => void,
) => (message: ToHub) => void;

/** How long a worker may take to say something, in milliseconds. Ours: long for one that lives. */
const PATIENCE = 5_000;

/** The hub is in a shared worker. */
export const byWorker: Way = (name, tab, signal, hear) => {
  let post: (message: ToHub) => void;
  const start = () => {
    const worker = new SharedWorker(new URL("./share-worker.js", import.meta.url), { type: "module", name });
    const { port } = worker;
    post = (message) => port.postMessage(message);
    // Its file cannot be had: a bundler forgot it, or a policy forbids it. Chromium does not always say so.
    const doWithout = () => {
      heard();
      port.close();
      if (!signal.aborted) post = byLeader(name, tab, signal, hear);
    };
    const patience = setTimeout(doWithout, PATIENCE);
    const heard = () => {
      clearTimeout(patience);
      worker.onerror = null;
    };
    worker.onerror = doWithout;
    port.onmessage = ({ data }) => {
      heard();
      // A worker may be ended alone, for want of memory. Its tabs start the next.
      if (data.hub) whenGone(data.hub, signal, start);
      hear(data);
    };
    signal.addEventListener("abort", () => {
      heard();
      port.close();
    });
  };
  start();
  return (message) => post(message);
};

/** The hub is in one of the tabs: in the one that has the lock of that name. */
export const byLeader: Way = (name, tab, signal, hear) => {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => {
    if (data.to ? data.to.includes(tab) : data.hub) hear(data);
  };
  const post = (message: ToHub) => channel.postMessage(message);
  signal.addEventListener("abort", () => channel.close());
  post({ from: tab });
  whenGone(name, signal, () => lead(name, tab, signal));
  return post;
};

/** Is the hub until `signal`. */
async function lead(name: string, tab: string, signal: AbortSignal): Promise<void> {
  const channel = new BroadcastChannel(name);
  const hub = new Hub((to, message) => channel.postMessage({ ...message, to }));
  let begun = false;
  channel.onmessage = ({ data }) => {
    // This tab has waited for the lock longest: it comes first, with the session that is to go on.
    if (!data.from || (!begun && data.from !== tab)) return;
    hub.hear(data);
    if (begun || !data.join) return;
    begun = true;
    channel.postMessage({ hub: hub.id });
  };
  channel.postMessage({ hub: hub.id, to: [tab] });
  await aborted(signal);
  hub.stop();
  channel.close();
}
