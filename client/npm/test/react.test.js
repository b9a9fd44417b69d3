/** Sessions in components, with React itself in StrictMode and a scripted server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "gatewire";
import { Window } from "happy-dom";
import { openPage } from "./fake-socket.js";

const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
globalThis.navigator ??= window.navigator; // Node has one from 21 on

// React looks for a document when it is loaded.
const { act, Activity, createElement: h, StrictMode, useState } = await import("react");
const { createRoot } = await import("react-dom/client");
const { renderToString } = await import("react-dom/server");
const { useEvent, useSession, useSessionState } = await import("gatewire/react");

/** What every story shows: the state of its session and the last message. */
function Chat({ page, name = "chat", prefix = "" }) {
  const session = useSession(() => createSession(`wss://${name}.test/ws`, page.options), [name]);
  const [last, keep] = useState("");
  useEvent(session, "message", (text) => keep(prefix + text));
  return `${useSessionState(session)} ${last}`;
}

/** The chat in StrictMode, and what it shows. */
function openApp(t) {
  const page = openPage(t);
  const element = document.createElement("main");
  const root = createRoot(element);
  t.after(() => act(() => root.unmount()));
  return {
    page,
    shown: () => element.textContent,
    async show(properties, Component = Chat) {
      await act(async () => {
        root.render(h(StrictMode, null, h(Component, { page, ...properties })));
        await page.settle();
      });
    },
    leave: () => act(() => root.unmount()),
  };
}

test("a component has one connection, StrictMode or not", async (t) => {
  const { page, show, shown } = openApp(t);
  await show();
  assert.equal(page.sockets.length, 1);
  assert.equal(shown(), "connecting ");
  await act(() => page.sockets[0].welcome());
  assert.equal(shown(), "open ");
  await show();
  assert.deepEqual(page.sockets.map(({ closed }) => closed), [undefined]);
});

test("an event that comes with the welcome is heard", async (t) => {
  const { page, show, shown } = openApp(t);
  await show();
  await act(() => {
    page.sockets[0].welcome();
    page.sockets[0].say({ event: "message", data: "first" });
  });
  assert.equal(shown(), "open first");
});

test("what a session says when it is made is heard", async (t) => {
  const heard = [];
  const eager = {
    close() {},
    on(_event, listener) {
      this.listener = listener;
      return () => {};
    },
  };
  const make = () => {
    queueMicrotask(() => eager.listener("at once"));
    return eager;
  };
  const { show } = openApp(t);
  await show({}, () => void useEvent(useSession(make), "message", (text) => heard.push(text)));
  assert.deepEqual(heard, ["at once"]);
});

test("an event finds the listener of the last render", async (t) => {
  const { page, show, shown } = openApp(t);
  await show({ prefix: "old " });
  await act(() => page.sockets[0].welcome());
  await show({ prefix: "new " });
  await act(() => page.sockets[0].say({ event: "message", data: "hi" }));
  assert.equal(shown(), "open new hi");
});

test("a listener to everything is told what it hears", async (t) => {
  const heard = [];
  const { page, show } = openApp(t);
  const Log = ({ page }) => {
    useEvent(useSession(() => createSession("wss://chat.test/ws", page.options)), "*", (...told) => heard.push(told));
  };
  await show({}, Log);
  await act(() => page.sockets[0].welcome());
  await act(() => page.sockets[0].say({ event: "message", data: "hi" }));
  assert.deepEqual(heard, [["hi", "message"]]);
});

test("another dependency is another session, and the one before is closed", async (t) => {
  const { page, show, shown } = openApp(t);
  await show({ name: "one" });
  await act(() => page.sockets[0].welcome());
  await show({ name: "two" });
  const [one, two] = page.sockets;
  assert.deepEqual([one.url, two.url], ["wss://one.test/ws", "wss://two.test/ws"]);
  assert.deepEqual([one.closed, two.closed, page.sockets.length], [1000, undefined, 2]);
  assert.equal(shown(), "connecting ");
  await act(() => two.welcome());
  assert.equal(shown(), "open ");
});

test("a component that leaves closes its session, and nothing reconnects", async (t) => {
  const { page, show, leave } = openApp(t);
  await show();
  await act(() => page.sockets[0].welcome());
  await leave();
  assert.equal(page.sockets[0].closed, 1000);
  await page.pass(3_600_000);
  assert.equal(page.sockets.length, 1);
});

test("a hidden activity has no connection, and a shown one has one again", async (t) => {
  const { page, show, shown } = openApp(t);
  const Tab = ({ mode, page }) => h(Activity, { mode }, h(Chat, { page }));
  await show({ mode: "visible" }, Tab);
  await act(() => page.sockets[0].welcome());
  await show({ mode: "hidden" }, Tab);
  assert.equal(page.sockets[0].closed, 1000);
  await show({ mode: "visible" }, Tab);
  assert.equal(page.sockets.length, 2);
  await act(() => page.sockets[1].welcome());
  assert.equal(shown(), "open ");
});

test("a session that cannot be made is the error of its component", async (t) => {
  const { show } = openApp(t);
  const make = () => {
    throw new TypeError("no session");
  };
  const refused = ({ errors }) => errors.every(({ message }) => message === "no session"); // React tries twice
  await assert.rejects(show({}, () => void useSession(make)), refused);
});

test("on a server there is no session, and nobody is asked for one", () => {
  const Page = () => useSessionState(useSession(() => assert.fail("made on a server")));
  assert.equal(renderToString(h(StrictMode, null, h(Page))), "idle");
});
