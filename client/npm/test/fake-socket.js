/**
 * A scripted server behind a fake WebSocket, and a clock moved by hand.
 *
 * The manual, from most to least common use:
 * - `const page = openPage(t)` makes both for one test and puts the clock back afterwards;
 * - `const { session, socket } = await page.open()` is an open session and its socket; options and a
 *   contract may be given;
 * - `socket.say(frame)` is a frame from the server, `socket.end(code)` its close;
 * - `socket.written` is every frame the client wrote, parsed, with `hello` first;
 * - `await page.pass(milliseconds)` lets time pass and timers ring; `page.sleep(milliseconds)` is time that only
 *   the clock on the wall has seen;
 * - `page.hears(type, more)` is an event of the window, in tests that called `page.hasWindow(t)`;
 * - `page.sockets` are all sockets so far, `page.options` what makes a session use them,
 *   `page.problems` what it reported.
 */
import { mock } from "node:test";
import { createSession } from "gatewire";

/** When `performance.now()` was 0, in milliseconds since the epoch. */
const EPOCH = 1_700_000_000_000;

export const WELCOME = {
  connectionId: "Yk3nQcX9IAMCJ2g=",
  resumed: false,
  heartbeat: 25_000,
  limits: { message: 1_000, inFlight: 4 },
};

export function openPage(t) {
  const sockets = [];
  const problems = [];
  let now = 5_000;
  let slept = EPOCH;
  let window;
  mock.timers.enable({ apis: ["setTimeout"] });
  const clocks = [mock.method(performance, "now", () => now), mock.method(Date, "now", () => now + slept)];
  t.after(() => {
    mock.timers.reset();
    for (const clock of clocks) clock.mock.restore();
  });

  class FakeSocket {
    written = [];
    closed = undefined;
    bufferedAmount = 0;

    constructor(url, protocols, options) {
      // As browsers do (RFC 6455 §4.1).
      const token = /^[\w!#$%&'*+.^`|~-]+$/;
      if (!protocols.every((entry) => token.test(entry))) throw new DOMException(`${protocols}`, "SyntaxError");
      Object.assign(this, { url, protocols, options });
      sockets.push(this);
    }

    send(text) {
      this.written.push(JSON.parse(text));
    }

    close(code) {
      this.closed = code;
    }

    open() {
      this.onopen?.();
    }

    say(frame) {
      const ready = typeof frame === "string" || frame instanceof Blob;
      this.onmessage?.({ data: ready ? frame : JSON.stringify(frame) });
    }

    end(code) {
      this.onclose?.({ code });
    }

    /** With a verdict on the contract, or with other members. */
    welcome(more) {
      this.open();
      this.say({ welcome: { ...WELCOME, ...(typeof more === "string" ? { contract: more } : more) } });
    }
  }

  const page = {
    sockets,
    problems,
    options: { WebSocket: FakeSocket, onProblem: (problem) => problems.push(problem) },
    /** Promises that are ready go on. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    async pass(milliseconds) {
      now += milliseconds;
      mock.timers.tick(milliseconds);
      await page.settle();
    },
    sleep: (milliseconds) => (slept += milliseconds),
    hasWindow(t) {
      window = new EventTarget();
      globalThis.document = { hidden: false };
      globalThis.addEventListener = window.addEventListener.bind(window);
      t.after(() => {
        delete globalThis.document;
        delete globalThis.addEventListener;
      });
    },
    hears: (type, more) => window.dispatchEvent(Object.assign(new Event(type), more)),
    /** Waits for the next socket. */
    async next() {
      const { length } = sockets;
      while (sockets.length === length) await page.pass(250);
      return sockets.at(-1);
    },
    /** Loses the last socket and waits for the next. */
    lose(code = 1006) {
      sockets.at(-1).end(code);
      return page.next();
    },
    async open(options, contract) {
      const parts = ["wss://chat.test/ws", { ...page.options, ...options }];
      const session = contract ? createSession(contract, ...parts) : createSession(...parts);
      await page.settle();
      const socket = sockets.at(-1);
      if (options?.protocol === "plain") socket.open();
      else socket.welcome();
      await session.ready;
      return { session, socket };
    },
  };
  return page;
}
