/**
 * Tabs of one browser, for `gatewire/share`: locks, shared workers and channels that end with their tab.
 *
 * The manual, from most to least common use:
 * - `const browser = openBrowser(t)` is for one test; `browser.page` is the scripted server of `fake-socket.js`;
 * - `browser.tab(options, contract)` is a tab with a session, as `tab.session`;
 * - `await browser.until(() => …)` lets messages arrive until it is so, `await browser.settle()` until none is left;
 * - `await browser.open(…tabs)` answers the next socket and waits until these tabs are open;
 * - `browser.crash(tab)` ends a tab without a word, `browser.crash(browser.worker)` the shared worker;
 * - `tab.late = []` has a tab hear nothing, `browser.catchUp(tab)` all that was said meanwhile;
 * - `browser.refusesWorkers = true` has workers whose file cannot be loaded;
 * - `await pair(t, options)` is two open tabs of one browser, with their socket.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { createSession, GatewireError } from "gatewire/share";
import { openPage } from "./fake-socket.js";

/** Which tab or worker is running: Node has one global object for all of them. */
const running = new AsyncLocalStorage();

let workers = 0;

export function openBrowser(t) {
  const page = openPage(t);
  const tabs = [];
  const locks = new Locks();

  /** The browser's side of a page or worker: what ends with it. */
  const place = () => ({ ends: new Set(), dead: false });
  /** Ends with whoever makes it. */
  const owned = (thing) => {
    thing.owner = running.getStore();
    thing.owner.ends.add(() => thing.close());
    return thing;
  };

  const browser = {
    page,
    worker: undefined,
    refusesWorkers: false,
    tab(options, contract) {
      const tab = place();
      tabs.push(tab);
      const parts = ["wss://chat.test/ws", { share: "ada", onProblem: page.options.onProblem, ...options }];
      const make = () => (contract ? createSession(contract, ...parts) : createSession(...parts));
      tab.session = running.run(tab, make);
      return tab;
    },
    async settle() {
      for (let left = 30; left > 0; left--) await turn();
    },
    async until(condition) {
      // Only this clock is not the test's.
      const end = process.hrtime.bigint() + 20_000_000_000n;
      while (!condition()) {
        if (process.hrtime.bigint() > end) throw new Error(`never so: ${condition}`);
        await turn();
      }
    },
    async open(...opened) {
      await browser.until(() => page.sockets.at(-1) && !page.sockets.at(-1).written.length);
      const socket = page.sockets.at(-1);
      socket.welcome();
      await browser.until(() => opened.every(({ session }) => session.state === "open"));
      return socket;
    },
    catchUp(tab) {
      const { late } = tab;
      tab.late = undefined;
      for (const hear of late) hear();
    },
    crash(place) {
      place.dead = true;
      for (const end of place.ends) end();
      locks.crash(place);
      if (place === browser.worker) browser.worker = undefined;
    },
  };

  class FakeSharedWorker {
    constructor(url, options) {
      Object.assign(this, { url: String(url), options });
      const { port1, port2 } = new MessageChannel();
      this.port = owned(port1);
      if (browser.refusesWorkers) setImmediate(() => this.onerror());
      else void connect(port2);
    }
  }

  async function connect(port) {
    const worker = (browser.worker ??= { ...place(), started: undefined });
    worker.ends.add(() => port.close());
    // Each import of another address is another worker.
    worker.started ??= running.run(worker, () => import(`../dist/share-worker.js?${++workers}`)).then(() => onconnect);
    const connected = await worker.started;
    // Node hands messages over in the context in which a channel was made; these come in the worker.
    const own = {
      postMessage: (message) => port.postMessage(message),
      set onmessage(hear) {
        port.onmessage = (event) => running.run(worker, hear, event);
      },
    };
    running.run(worker, connected, { ports: [own] });
  }

  const globals = {
    navigator: { locks },
    SharedWorker: FakeSharedWorker,
    WebSocket: page.options.WebSocket,
    BroadcastChannel: class extends BroadcastChannel {
      constructor(name) {
        super(name);
        owned(this);
      }

      set onmessage(hear) {
        const { owner } = this;
        super.onmessage = (event) => (owner.late ? owner.late.push(() => hear(event)) : hear(event));
      }
    },
    document: { baseURI: "https://chat.test/app/", hidden: false },
  };
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const name in globals) Object.defineProperty(globalThis, name, { value: globals[name], configurable: true });
  t.after(() => {
    for (const place of [...tabs, browser.worker]) if (place) browser.crash(place);
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  });
  return browser;
}

/** Two tabs that are open, and their socket. */
export async function pair(t, options, contract) {
  const browser = openBrowser(t);
  const [first, second] = [browser.tab(options, contract), browser.tab(options, contract)];
  const socket = await browser.open(first, second);
  return { browser, socket, first, second };
}

/** How it ended: the reply, or the code of the error. */
export function outcome(sent) {
  return sent.then(
    (data) => data ?? "null",
    (error) => (error instanceof GatewireError ? error.code : error),
  );
}

/** Web Locks, exclusive ones, each with an owner. */
class Locks {
  /** By name: who has the lock, then who waits. */
  #queues = new Map();

  request(name, ...rest) {
    const callback = rest.pop();
    const { signal } = rest[0] ?? {};
    const owner = running.getStore();
    return new Promise((resolve, reject) => {
      const request = { name, owner, callback, resolve, reject, held: false };
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      queue.push(request);
      signal?.addEventListener("abort", () => {
        if (request.held) return;
        this.#remove(request);
        reject(signal.reason);
      });
      queueMicrotask(() => this.#grant(name));
    });
  }

  crash(owner) {
    for (const queue of this.#queues.values()) {
      for (const request of queue.filter((request) => request.owner === owner)) this.#remove(request);
    }
  }

  #grant(name) {
    const [first] = this.#queues.get(name);
    if (!first || first.held) return;
    first.held = true;
    const run = async () => first.callback({ name });
    first.resolve(running.run(first.owner, run).finally(() => this.#remove(first)));
  }

  #remove(request) {
    const queue = this.#queues.get(request.name);
    if (queue.includes(request)) queue.splice(queue.indexOf(request), 1);
    queueMicrotask(() => this.#grant(request.name));
  }
}
