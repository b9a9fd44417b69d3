/** What a session does as its page sleeps, wakes, goes and comes back, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./fake-socket.js";

const KEY = "a-key-of-the-application";

async function openInWindow(t, options) {
  const page = openPage(t);
  page.hasWindow(t);
  return { page, ...(await page.open(options)) };
}

test("what may have broken the connection is followed by a question", async (t) => {
  const { page, socket } = await openInWindow(t);
  let pings = 0;
  for (const type of ["offline", "online", "visibilitychange", "resume", "pageshow"]) {
    page.hears(type);
    pings += 1;
    assert.deepEqual(socket.written.at(-1), { ping: pings }, type);
    socket.say({ pong: pings });
  }
});

test("a connection that does not answer the question in 3 s is replaced", async (t) => {
  const { page, session, socket } = await openInWindow(t);
  page.hears("online");
  await page.pass(3_000);
  assert.equal(socket.closed, 4408);
  assert.notEqual(session.state, "open");
});

test("a page that becomes hidden asks nothing", async (t) => {
  const { page, socket } = await openInWindow(t);
  document.hidden = true;
  page.hears("visibilitychange");
  assert.equal(socket.written.length, 1, "hello alone");
});

test("the network being back ends the wait for the next attempt", async (t) => {
  const { page, session, socket } = await openInWindow(t);
  for (let attempt = 0; attempt < 6; attempt += 1) await page.lose();
  page.sockets.at(-1).end(1006);
  const { length } = page.sockets;
  assert.equal(session.state, "waiting");
  page.hears("online");
  await page.settle();
  assert.equal(page.sockets.length, length + 1);
  assert.notEqual(socket, page.sockets.at(-1));
});

for (const [type, more] of [["freeze"], ["pagehide", { persisted: true }]]) {
  test(`${type}: the connection is closed, and made again when the page is back`, async (t) => {
    const { page, session, socket } = await openInWindow(t);
    const changes = [];
    session.onState((change) => changes.push(change));
    const reply = session.send("typing", {}, { timeout: Infinity });
    page.hears(type, more);
    assert.equal(socket.closed, 4000);
    assert.deepEqual(changes.at(-1), { state: "waiting", code: 4000 });
    await page.pass(180_000);
    assert.equal(page.sockets.length, 1, "a page that is away does nothing");
    page.hears(type === "freeze" ? "resume" : "pageshow", more);
    await page.settle();
    page.sockets[1].welcome({ resumed: true, seen: 0 });
    page.sockets[1].say({ id: 1, data: "done" });
    assert.equal(await reply, "done");
  });
}

test("a page that goes for good closes the session", async (t) => {
  const { page, session, socket } = await openInWindow(t);
  page.hears("pagehide", { persisted: false });
  assert.equal(socket.closed, 1000);
  assert.equal(session.state, "closed");
});

test("a page whose session is gone on with says what it has seen, and leaves the closing to the browser", async (t) => {
  const { page, session, socket } = await openInWindow(t, { session: KEY });
  socket.say({ event: "message", seq: 1 });
  page.hears("pagehide", { persisted: false });
  assert.deepEqual(socket.written.at(-1), { ping: 1, seen: 1 });
  assert.equal(socket.closed, undefined);
  assert.equal(session.state, "open");
});

test("a closed session hears nothing of its page", async (t) => {
  const { page, session, socket } = await openInWindow(t);
  session.close();
  const { length } = socket.written;
  for (const type of ["online", "offline", "freeze", "pageshow", "pagehide"]) page.hears(type);
  await page.pass(3_600_000);
  assert.equal(socket.written.length, length);
  assert.equal(page.sockets.length, 1);
});

test("a clock on the wall that jumped means that the machine slept", async (t) => {
  const { page, session, socket } = await openInWindow(t);
  await page.pass(25_000);
  socket.say({ pong: 1 });
  page.sleep(8 * 3_600_000);
  await page.pass(25_000);
  assert.deepEqual(socket.written.at(-1), { ping: 2 });
  await page.pass(3_000);
  assert.equal(socket.closed, 4408, "3 s, not the 10 s of a page that was awake");
  assert.notEqual(session.state, "open");
});
