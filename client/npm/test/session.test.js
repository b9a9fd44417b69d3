/** What an application sees of a session, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { connect, createSession, GatewireError } from "gatewire";
import { openPage, WELCOME } from "./fake-socket.js";

const chat = { name: "chat", fingerprint: "ohXsWdg2TsKJg6Hs", actions: ["sendMessage", "typing"], events: ["message"] };

test("connecting offers the protocol and the token, and says hello first", async (t) => {
  const page = openPage(t);
  const { socket } = await page.open({ token: async () => "a.b-c_d" });
  assert.equal(socket.url, "wss://chat.test/ws");
  assert.deepEqual(socket.protocols, ["gatewire.v1", "gatewire.token.a.b-c_d"]);
  assert.match(socket.written[0].hello.session, /^[\w-]{16,64}$/);
});

test("connect resolves when the session is open", async (t) => {
  const page = openPage(t);
  const connecting = connect(chat, new URL("wss://chat.test/ws"), page.options);
  await page.settle();
  page.sockets[0].welcome();
  assert.equal((await connecting).state, "open");
});

test("a send is answered with the reply", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const reply = session.send("sendMessage", { room: "lobby", text: "hi" });
  assert.deepEqual(socket.written[1], {
    action: "sendMessage",
    id: 1,
    data: { room: "lobby", text: "hi" },
  });
  socket.say({ id: 1, accepted: { messageId: "m", sequenceNumber: "1" } });
  socket.say({ id: 1, data: { id: 7 } });
  assert.deepEqual(await reply, { id: 7 });
  socket.say({ id: 1, data: { id: 8 } });
  assert.deepEqual(page.problems, []);
});

test("what is sent before the session is open waits for it", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  void session.send("typing", { room: "lobby" });
  await page.settle();
  const [socket] = page.sockets;
  socket.open();
  assert.equal(socket.written.length, 1, "hello alone");
  socket.say({ welcome: WELCOME });
  assert.equal(socket.written[1].action, "typing");
});

test("an error has the words of the server, its code and whether to try again", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const reply = session.send("sendMessage", {});
  socket.say({ id: 1, error: { code: "throttled", message: "slow down", temporary: true } });
  await assert.rejects(reply, (error) => {
    assert.ok(error instanceof GatewireError);
    assert.equal(error.message, "slow down");
    assert.equal(error.code, "throttled");
    return error.temporary;
  });
});

test("events reach their listeners until they are taken away", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const heard = [];
  const off = session.on("message", ({ text }) => heard.push(text));
  session.on("message", () => {
    throw new Error("a listener's own mistake");
  });
  socket.say({ event: "message", data: { text: "hi" } });
  socket.say({ event: "nobodyListens", data: {} });
  off();
  socket.say({ event: "message", data: { text: "again" } });
  assert.deepEqual(heard, ["hi"]);
  assert.equal(page.problems.length, 2);
});

test("a lost connection comes back and what had no answer goes out again", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const changes = [];
  session.onState((change) => changes.push(change));
  const reply = session.send("sendMessage", { text: "hi" });
  socket.end(1006);
  assert.equal(session.state, "waiting");
  await page.pass(250);
  const [, second] = page.sockets;
  second.welcome();
  assert.deepEqual(second.written[0], socket.written[0], "the same session");
  assert.deepEqual(second.written[1], socket.written[1], "the same id");
  second.say({ id: 1, data: null });
  assert.equal(await reply, null);
  assert.deepEqual(
    changes.map(({ state, code }) => [state, code]),
    [["waiting", 1006], ["connecting", undefined], ["open", undefined]],
  );
  assert.ok(changes[0].retryIn <= 250);
});

test("a refused token rejects connect and every send", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  const reply = session.send("typing", {});
  await page.settle();
  page.sockets[0].open();
  page.sockets[0].end(4401);
  await assert.rejects(session.ready, { code: "unauthorized", message: /4401/ });
  await assert.rejects(reply, { code: "unauthorized", message: /4401/ });
  await assert.rejects(session.send("typing", {}), { code: "unauthorized" });
});

test("close hangs up, rejects what waits and stays closed", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const reply = session.send("typing", {});
  session.close();
  assert.equal(socket.closed, 1000);
  await assert.rejects(reply, { code: "closed" });
  await page.pass(3_600_000);
  assert.equal(page.sockets.length, 1);
});

test("no answer in time is a timeout", async (t) => {
  const page = openPage(t);
  const { session } = await page.open({ timeout: 50 });
  const short = session.send("typing", {});
  const long = session.send("typing", {}, { timeout: Infinity });
  void page.pass(50);
  await assert.rejects(short, { code: "timeout", temporary: true });
  session.close();
  await assert.rejects(long, { code: "closed" });
});

test("a message over the limit is refused, counted in bytes", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  await assert.rejects(session.send("say", "€".repeat(400)), { code: "tooLarge", temporary: false });
  assert.equal(socket.written.length, 1);
});

test("silence is answered with a ping, and more silence with a new socket", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  await page.pass(25_000);
  assert.deepEqual(socket.written[1], { ping: 1 });
  socket.say({ pong: 1 });
  socket.say({ ping: 9 });
  assert.deepEqual(socket.written[2], { pong: 9 });
  await page.pass(25_000);
  await page.pass(10_000);
  assert.equal(socket.closed, 4408);
  assert.notEqual(session.state, "open");
});

test("a frame that cannot be read is reported and does no harm", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const unreadable = ["", "hello", '{"id":1,', "null", new Blob(["{}"]), { welcome: 1 }, { welcome: {} }];
  for (const [index, frame] of unreadable.entries()) {
    socket.say(frame);
    assert.equal(page.problems.length, index + 1, JSON.stringify(frame));
  }
  page.problems.length = 0;
  for (const frame of [{}, "3", "[]", { from: "the future" }, { id: 9, data: 1 }, '\n {"pong":1}']) socket.say(frame);
  assert.deepEqual(page.problems, []);
  socket.say({ error: { code: "malformed", message: "not a frame" } });
  assert.equal(page.problems[0].code, "malformed");
  assert.equal(session.state, "open");
  assert.equal(socket.written.length, 1, "nothing but the hello");
});

test("a welcome that cannot be read opens nothing", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  await page.settle();
  page.sockets[0].open();
  page.sockets[0].say({ welcome: { ...WELCOME, limits: null } });
  assert.equal(page.problems.length, 1);
  assert.equal(session.state, "connecting");
});

test("a token that cannot be fetched is reported and fetched again", async (t) => {
  const page = openPage(t);
  let calls = 0;
  const token = () => {
    calls += 1;
    if (calls === 1) throw new Error("offline");
    return "t";
  };
  createSession(chat, "wss://chat.test/ws", { ...page.options, token });
  await page.pass(250);
  assert.equal(calls, 2);
  assert.equal(page.problems[0].message, "offline");
  assert.equal(page.sockets.length, 1);
});

test("a token that no subprotocol can carry ends the session, and is not repeated", async (t) => {
  const page = openPage(t);
  const connecting = connect(chat, "wss://chat.test/ws", { ...page.options, token: "my secret" });
  await assert.rejects(connecting, (error) => {
    assert.ok(error instanceof GatewireError);
    assert.equal(error.code, "unusable");
    assert.doesNotMatch(inspect(error), /my secret/);
    return !error.temporary;
  });
  assert.equal(page.sockets.length, 0);
});

test("a URL that is none ends the session, and is not repeated", async (t) => {
  const page = openPage(t);
  class Browser {
    constructor(url) {
      throw new DOMException(`the URL '${url}' is invalid`, "SyntaxError");
    }
  }
  const session = createSession(chat, "nowhere?ticket=secret", { ...page.options, WebSocket: Browser });
  const reply = session.send("typing", {});
  await assert.rejects(session.ready, (error) => {
    assert.equal(error.message, "unusable: check URL, token and options.WebSocket (SyntaxError)");
    assert.equal(error.code, "unusable");
    assert.doesNotMatch(inspect(error), /secret/);
    return error instanceof GatewireError;
  });
  await assert.rejects(reply, { code: "unusable" });
});

test("without a WebSocket the message says what to do", async () => {
  const { WebSocket } = globalThis;
  delete globalThis.WebSocket;
  try {
    await assert.rejects(createSession(chat, "wss://chat.test/ws").ready, /options\.WebSocket/);
  } finally {
    if (WebSocket) globalThis.WebSocket = WebSocket;
  }
});

test("two sessions do not share anything", async (t) => {
  const page = openPage(t);
  const one = await page.open();
  const other = await page.open();
  one.session.close();
  assert.equal(other.session.state, "open");
  void other.session.send("typing", {}).catch(() => {});
  assert.equal(other.socket.written[1].id, 1);
  assert.notEqual(other.socket.written[0].hello.session, one.socket.written[0].hello.session);
  other.session.close();
});

test("a listener may close or send while it is told", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  session.on("ask", () => void session.send("answer", {}).catch(() => {}));
  session.onState(({ state }) => state === "waiting" && session.close());
  socket.say({ event: "ask" });
  assert.equal(socket.written[1].action, "answer");
  socket.end(1006);
  assert.equal(session.state, "closed");
});
