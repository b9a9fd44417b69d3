/** The shared worker: a hub, and a port for each tab. */

import { Hub } from "./share/hub.ts";
import { hold } from "./share/lock.ts";

const ports = new Map<string, MessagePort>();

const hub = new Hub(
  (to, message) => {
    for (const tab of to) ports.get(tab)?.postMessage(message);
  },
  (tab) => ports.delete(tab),
);

const held = hold(hub.id);

(globalThis as any).onconnect = async ({ ports: [port] }: { ports: [MessagePort] }) => {
  port.onmessage = ({ data }) => {
    ports.set(data.from, port);
    hub.hear(data);
  };
  await held;
  port.postMessage({ hub: hub.id });
};
