/** The ways to hear of events, and to look at what passes, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

const event = (data, name = "message") => ({ event: name, data });

test("a loop gets every event in order, and its end ends the listening", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const events = session.events("message");
  for (const data of [1, 2]) socket.say(event(data));
  socket.say(event("another", "left"));
  const heard = [];
  for await (const data of events) {
    heard.push(data);
    if (data === 2) socket.say(event(3));
    if (data === 3) break;
  }
  assert.deepEqual(heard, [1, 2, 3]);
  socket.say(event(4));
  assert.deepEqual(await events.next(), { value: undefined, done: true });
});

test("readers that wait get what comes", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const events = session.events("message");
  const reads = [events.next(), events.next()];
  for (const data of [1, 2]) socket.say(event(data));
  assert.deepEqual(await Promise.all(reads), [{ value: 1, done: false }, { value: 2, done: false }]);
});

test("a loop ends with the session, after what had come", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const [events, waiting] = [session.events("message"), session.events("message")];
  const read = waiting.next();
  socket.say(event(1));
  const next = waiting.next();
  session.close();
  assert.deepEqual(await read, { value: 1, done: false });
  assert.deepEqual(await next, { value: undefined, done: true });
  const heard = [];
  for await (const data of events) heard.push(data);
  assert.deepEqual(heard, [1]);
  assert.equal((await session.events("message").next()).done, true);
});

test("return() ends a read that waits", async (t) => {
  const page = openPage(t);
  const { session } = await page.open();
  const events = session.events("message");
  const read = events.next();
  await events.return();
  assert.equal((await read).done, true);
});

test("a reader that is too slow is told, after what it has room for", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const events = session.events("message", { limit: 2 });
  for (const data of [1, 2, 3, 4]) socket.say(event(data));
  const heard = [];
  await assert.rejects(
    async () => {
      for await (const data of events) heard.push(data);
    },
    (error) => error instanceof GatewireError && error.code === "overflow" && error.message === "message: overflow",
  );
  assert.deepEqual(heard, [1, 2]);
});

test("* hears every event, with its name", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const heard = [];
  const off = session.on("*", (data, name) => heard.push([name, data]));
  session.on("message", (data, name) => heard.push([name, data, "own"]));
  socket.say(event(1));
  socket.say(event(2, "left"));
  off();
  socket.say(event(3, "left"));
  assert.deepEqual(heard, [["message", 1, "own"], ["message", 1], ["left", 2]]);
});

test("interceptors see and change what goes and what comes", async (t) => {
  const page = openPage(t);
  const seen = [];
  const { session, socket } = await page.open({
    outgoing: ({ action, data }) => ({ action: `v2/${action}`, data: { ...data, at: 5 } }),
    incoming(message) {
      seen.push(message);
      return { ...message, data: `<${message.data}>` };
    },
  });
  const heard = [];
  session.on("message", (data) => heard.push(data));
  const reply = session.send("typing", { room: "lobby" });
  assert.deepEqual(socket.written[1], { action: "v2/typing", id: 1, data: { room: "lobby", at: 5 } });
  socket.say({ id: 1, data: "ok" });
  socket.say({ event: "message", seq: 1, data: "hi" });
  socket.say({ event: "message", seq: 1, data: "hi" });
  assert.equal(await reply, "<ok>");
  assert.deepEqual(heard, ["<hi>"]);
  assert.deepEqual(seen, [{ action: "v2/typing", data: "ok" }, { event: "message", data: "hi" }]);
});

test("an interceptor says which trace a send is part of, on every connection, and the trace shows it", async (t) => {
  const page = openPage(t);
  const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const frames = [];
  const { session, socket } = await page.open({
    outgoing: (message) => (message.action === "traced" ? { ...message, trace } : message),
    trace: ({ frame }) => frames.push(JSON.parse(frame)),
  });
  void session.send("traced", 1);
  void session.send("other", 2);
  const written = [{ action: "traced", id: 1, trace, data: 1 }, { action: "other", id: 2, data: 2 }];
  assert.deepEqual(socket.written.slice(1), written);
  const next = await page.lose();
  next.welcome({ resumed: true });
  assert.deepEqual(next.written.slice(1), written);
  await page.settle();
  assert.deepEqual(frames.filter(({ action }) => action), [...written, ...written]);
});

test("a trace counts as part of what is sent", async (t) => {
  const page = openPage(t);
  const trace = { tracestate: "a=".padEnd(900, "x") };
  const { session, socket } = await page.open({ outgoing: (message) => ({ ...message, trace }) });
  await assert.rejects(session.send("say", "x".repeat(60)), { code: "tooLarge" });
  void session.send("say", 1);
  assert.deepEqual(socket.written.at(-1).trace, trace);
});

test("an interceptor's own mistake ends the one message", async (t) => {
  const page = openPage(t);
  let wrong = true;
  const pass = (message) => {
    if (wrong) throw new RangeError("mine");
    return message;
  };
  const { session, socket } = await page.open({ outgoing: pass, incoming: pass });
  await assert.rejects(session.send("a", {}), RangeError);
  wrong = false;
  const reply = session.send("b", {});
  wrong = true;
  socket.say({ id: 1, data: 1 });
  await assert.rejects(reply, RangeError);
  socket.say(event(1));
  assert.deepEqual(page.problems.map(({ message }) => message), ["mine"]);
  assert.equal(session.state, "open");
});

test("a trace shows the frames that pass, without tokens", async (t) => {
  const page = openPage(t);
  const entries = [];
  const token = () => "secret";
  const { socket } = await page.open({ token, trace: (entry) => entries.push(entry) });
  socket.say({ event: "message", data: 1 });
  const next = await page.lose();
  next.welcome({ expires: Date.now() + 60_000 });
  await page.pass(45_000);
  assert.deepEqual(next.written.at(-1), { token: "secret" });
  assert.deepEqual(entries.slice(0, 3).map(({ kind }) => kind), ["sent", "received", "received"]);
  assert.deepEqual(JSON.parse(entries[0].frame), socket.written[0]);
  assert.ok(entries.every(({ at }) => Number.isInteger(at)));
  assert.deepEqual(entries.filter(({ frame }) => frame.includes("secret")), []);
  assert.ok(entries.some(({ kind, frame }) => kind === "sent" && frame === '{"token":"…"}'));
});

test("inspect shows what goes on", async (t) => {
  const page = openPage(t);
  const chat = { name: "chat", fingerprint: "f", actions: [], events: [] };
  const options = { ...page.options, session: "0123456789abcdef" };
  const session = createSession(chat, "wss://chat.test/ws?ticket=secret", options);
  await page.settle();
  page.sockets[0].welcome({ resumed: true, seen: 7, contract: "same" });
  session.on("message", () => {});
  void session.send("typing", {});
  page.sockets[0].bufferedAmount = 12;
  assert.deepEqual(session.inspect(), {
    state: "open",
    url: "wss://chat.test/ws",
    key: "0123456789abcdef",
    connectionId: "Yk3nQcX9IAMCJ2g=",
    resumed: true,
    contract: "same",
    seen: 7,
    buffered: 12,
    pending: [{ id: 1, action: "typing", state: "sent" }],
    listeners: ["message"],
  });
});
