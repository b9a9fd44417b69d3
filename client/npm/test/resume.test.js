/** What an application sees of events after a reconnection, a reload and a handover, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "gatewire";
import { openPage, WELCOME } from "./fake-socket.js";

const KEY = "a-key-of-the-application";

/** A session that notes what it hears. */
async function listening(page, options) {
  const { session, socket } = await page.open(options);
  const heard = [];
  session.on("message", (data) => heard.push(data));
  session.onGap(() => heard.push("gap"));
  return { session, socket, heard };
}

function event(seq) {
  return { event: "message", seq, data: seq };
}

test("events that came already come no more, and what was handled is acknowledged", async (t) => {
  const page = openPage(t);
  const { session, socket, heard } = await listening(page);
  for (const seq of [1, 2, 2, 1, 3]) socket.say(event(seq));
  assert.deepEqual(heard, [1, 2, 3]);
  void session.send("typing", {});
  assert.equal(socket.written[1].seen, 3);
  await page.pass(25_000);
  assert.deepEqual(socket.written[2], { ping: 1, seen: 3 });
});

test("a lost connection is taken up where it was", async (t) => {
  const page = openPage(t);
  const { session, socket, heard } = await listening(page);
  assert.equal(socket.written[0].hello.seen, undefined);
  assert.equal(session.resumed, false);
  socket.say(event(1));
  const next = await page.lose();
  next.welcome({ resumed: true, seen: 1 });
  assert.equal(next.written[0].hello.seen, 1);
  assert.equal(next.written[0].hello.session, session.key);
  assert.equal(session.resumed, true);
  for (const seq of [2, 3]) next.say(event(seq));
  assert.deepEqual(heard, [1, 2, 3]);
});

test("what the server has no longer is told before anything newer", async (t) => {
  const page = openPage(t);
  const { socket, heard } = await listening(page);
  socket.say(event(1));
  let next = await page.lose();
  next.welcome({ resumed: true, seen: 5, gap: true });
  next.say(event(6));
  assert.deepEqual(heard, [1, "gap", 6]);
  next = await page.lose();
  next.welcome({ resumed: false, seen: 0 });
  next.say(event(1));
  assert.deepEqual(heard, [1, "gap", 6, "gap", 1], "a server that forgot everything");
});

test("a hole between two events is told", async (t) => {
  const page = openPage(t);
  const { socket, heard } = await listening(page);
  for (const seq of [1, 3]) socket.say(event(seq));
  assert.deepEqual(heard, [1, "gap", 3]);
});

test("an event without a number is delivered", async (t) => {
  const page = openPage(t);
  const { socket, heard } = await listening(page);
  for (const data of ["a", "b"]) socket.say({ event: "message", data });
  assert.deepEqual(heard, ["a", "b"]);
});

test("a page that is loaded again goes on with its key", async (t) => {
  const page = openPage(t);
  const { session, socket, heard } = await listening(page, { session: KEY });
  assert.equal(session.key, KEY);
  assert.deepEqual(socket.written[0], { hello: { session: KEY } });
  socket.welcome({ resumed: true, seen: 41, lastId: 7 });
  assert.deepEqual(heard, []);
});

/** The last id of the page before; ids begin with the time, so this is one of the far future. */
const LAST = 9e12;

test("its ids go on after those of the page before, and its events after what that one had", async (t) => {
  const page = openPage(t);
  const session = createSession("wss://chat.test/ws", { ...page.options, session: KEY });
  const heard = [];
  session.on("message", (data) => heard.push(data));
  const early = session.send("early", {});
  await page.settle();
  const [socket] = page.sockets;
  socket.welcome({ resumed: true, seen: 41, lastId: LAST });
  assert.deepEqual([socket.written[1].id, socket.written[1].seen], [LAST + 1, 41]);
  for (const seq of [41, 42]) socket.say(event(seq));
  assert.deepEqual(heard, [42]);
  socket.say({ id: LAST + 1, accepted: { messageId: "m", sequenceNumber: "1" } });
  assert.equal(early.state, "accepted");
  socket.say({ id: LAST + 1, data: "done" });
  assert.equal(await early, "done");
  void session.send("late", {});
  const next = await page.lose();
  next.welcome({ resumed: true, seen: 42, lastId: LAST + 2 });
  assert.equal(next.written[1].id, LAST + 2, "the offset is that of the first welcome");
});

test("ids that a server has forgotten are not used again: its queue may know them still", async (t) => {
  const page = openPage(t);
  const session = createSession("wss://chat.test/ws", { ...page.options, session: KEY });
  void session.send("first", {});
  await page.settle();
  page.sockets[0].welcome({ resumed: false });
  assert.ok(page.sockets[0].written[1].id > Date.now() - 60_000);
});

test("goaway: the new connection is made before the old one is left", async (t) => {
  const page = openPage(t);
  const { session, socket, heard } = await listening(page);
  const changes = [];
  session.onState(({ state }) => changes.push(state));
  const [first, second] = [session.send("a", {}), session.send("b", {})];
  socket.say({ goaway: { in: 1_200, reason: "drain" } });
  const next = await page.next();
  socket.say(event(1));
  socket.say({ id: 1, data: "from the old one" });
  next.open();
  assert.equal(next.written[0].hello.seen, 1);
  socket.say(event(2));
  assert.equal(socket.closed, undefined);
  next.say({ welcome: { ...WELCOME, resumed: true, seen: 1 } });
  assert.equal(socket.closed, 4000);
  assert.equal(await first, "from the old one");
  assert.deepEqual(next.written.slice(1).map(({ id }) => id), [2], "what has no answer goes out again");
  for (const seq of [2, 3]) next.say(event(seq));
  next.say({ id: 2, data: 2 });
  assert.equal(await second, 2);
  assert.deepEqual(heard, [1, 2, 3]);
  assert.deepEqual(changes, [], "nobody noticed");
});

test("the old connection may close first, taken over by the new one", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  socket.say({ goaway: { in: 0, reason: "lifetime" } });
  const next = await page.next();
  next.open();
  socket.end(4409);
  next.say({ welcome: { ...WELCOME, resumed: true, seen: 0 } });
  assert.equal(session.state, "open");
  void session.send("typing", {});
  assert.equal(next.written[1].action, "typing");
});

test("a session that another page took over is closed", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({ session: KEY });
  socket.end(4409);
  assert.equal(session.state, "closed");
  await assert.rejects(session.send("typing", {}), { code: "ended", message: "ended 4409" });
});
