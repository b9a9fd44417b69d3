/**
 * A scripted server behind a fake WebSocket, and a clock moved by hand.
 *
 * The manual, from most to least common use:
 * - `const page = openPage(t)` makes both for one test and puts the clock back afterwards;
 * - `const { session, socket } = await page.open()` is an open session and its socket; options and a
 *   contract may be given;
 * - `socket.say(frame)` is a frame from the server, `socket.end(code)` its close;
 * - `socket.written` is every frame the client wrote, parsed, with `hello` first;
 * - `await page.pass(milliseconds)` lets time pass and timers ring;
 * - `page.sockets` are all sockets so far, `page.options` what makes a session use them,
 *   `page.problems` what it reported.
 */
import { mock } from "node:test";
import { createSession } from "gatewire";

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
  mock.timers.enable({ apis: ["setTimeout"] });
  const clock = mock.method(performance, "now", () => now);
  t.after(() => {
    mock.timers.reset();
    clock.mock.restore();
  });

  class FakeSocket {
    written = [];
    closed = undefined;

    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
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

    welcome(contract) {
      this.open();
      this.say({ welcome: { ...WELCOME, contract } });
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
    async open(options, contract) {
      const parts = ["wss://chat.test/ws", { ...page.options, ...options }];
      const session = contract ? createSession(contract, ...parts) : createSession(...parts);
      await page.settle();
      const socket = sockets.at(-1);
      socket.welcome();
      await session.ready;
      return { session, socket };
    },
  };
  return page;
}
