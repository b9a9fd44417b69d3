/** What an application can know of a send, and do about it, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

const RECEIPT = { messageId: "m", sequenceNumber: "00000000000000000007" };

function offline(page, options) {
  return createSession("wss://chat.test/ws", { ...page.options, ...options });
}

test("a send goes through its states", async (t) => {
  const page = openPage(t);
  const session = offline(page);
  const sent = session.send("sendMessage", {});
  assert.ok(sent instanceof Promise);
  assert.equal(sent.state, "queued");
  await page.settle();
  page.sockets[0].welcome();
  assert.equal(sent.state, "sent");
  page.sockets[0].say({ id: 1, accepted: RECEIPT });
  assert.equal(sent.state, "accepted");
  assert.deepEqual(await sent.accepted, RECEIPT);
  page.sockets[0].say({ id: 1, data: 7 });
  assert.equal(sent.state, "answered");
  assert.equal(await sent, 7);
  assert.deepEqual(await sent.accepted, RECEIPT);
});

test("what is answered without a queue has no receipt", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const [before, after] = [session.send("a", {}), session.send("b", {})];
  const { accepted } = before;
  socket.say({ id: 1, data: 1 });
  socket.say({ id: 2, data: 2 });
  assert.equal(await accepted, undefined);
  assert.equal(await after.accepted, undefined);
});

test("a failed send fails its receipt, and nobody has to look at both", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const [one, other] = [session.send("a", {}), session.send("b", {})];
  const receipts = [one.accepted, other.accepted];
  const failing = [assert.rejects(receipts[0], { code: "throttled" }), assert.rejects(other, { code: "throttled" })];
  for (const id of [1, 2]) socket.say({ id, error: { code: "throttled", message: "slow down", temporary: true } });
  await Promise.all(failing);
  assert.equal(one.state, "failed");
  await page.settle();
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("what is cancelled rejects and never leaves", async (t) => {
  const page = openPage(t);
  const session = offline(page);
  const sent = session.send("typing", {});
  sent.cancel();
  await assert.rejects(sent, (error) => {
    assert.deepEqual([error.code, error.message, error.temporary], ["cancelled", "typing: cancelled", false]);
    return error instanceof GatewireError;
  });
  assert.equal(sent.state, "failed");
  await page.settle();
  page.sockets[0].welcome();
  assert.equal(page.sockets[0].written.length, 1, "hello alone");
});

test("a cancel after the answer changes nothing", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const sent = session.send("typing", {});
  socket.say({ id: 1, data: 1 });
  sent.cancel();
  assert.equal(sent.state, "answered");
  assert.equal(await sent, 1);
});

test("what was sent and cancelled is not sent again, and its answer finds nobody", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const sent = session.send("typing", {});
  sent.cancel();
  await assert.rejects(sent, { code: "cancelled" });
  socket.say({ id: 1, data: 1 });
  const next = await page.lose();
  next.welcome();
  assert.equal(next.written.length, 1, "hello alone");
  assert.deepEqual(page.problems, []);
});

test("a signal cancels, before and after", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  await assert.rejects(session.send("typing", {}, { signal: AbortSignal.abort() }), { code: "cancelled" });
  assert.equal(socket.written.length, 1, "hello alone");
  const abort = new AbortController();
  const sent = session.send("typing", {}, { signal: abort.signal });
  abort.abort();
  await assert.rejects(sent, { code: "cancelled" });
});

test("a signal that lives long keeps no send", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const { signal } = new AbortController();
  let listeners = 0;
  signal.addEventListener = () => (listeners += 1);
  signal.removeEventListener = () => (listeners -= 1);
  const answered = session.send("typing", {}, { signal });
  const late = session.send("typing", {}, { signal, timeout: 10 });
  assert.equal(listeners, 2);
  socket.say({ id: 1, data: null });
  void page.pass(10);
  await assert.rejects(late, { code: "timeout" });
  await answered;
  assert.equal(listeners, 0);
});

test("what is not sent in time expires, and never leaves", async (t) => {
  const page = openPage(t);
  const session = offline(page, { ttl: 1_000 });
  const [usual, own] = [session.send("a", {}), session.send("b", {}, { ttl: 2_000 })];
  void page.pass(1_000);
  await assert.rejects(usual, { code: "expired", message: "a: expired", temporary: true });
  page.sockets[0].welcome();
  assert.equal(page.sockets[0].written[1].action, "b");
  await page.pass(5_000);
  assert.equal(own.state, "sent", "written in time is enough");
});

test("one send with a key waits at a time", async (t) => {
  const page = openPage(t);
  const session = offline(page, { queueLength: 2 });
  const first = session.send("cursor", { x: 1 }, { key: "cursor" });
  const other = session.send("typing", {});
  const second = session.send("cursor", { x: 2 }, { key: "cursor" });
  await assert.rejects(first, { code: "replaced", temporary: true });
  assert.equal(second.state, "queued", "the queue had room for it");
  await page.settle();
  const [socket] = page.sockets;
  socket.welcome();
  assert.deepEqual(socket.written.slice(1).map(({ data }) => data), [{}, { x: 2 }]);
  const third = session.send("cursor", { x: 3 }, { key: "cursor" });
  assert.deepEqual([other.state, second.state, third.state], ["sent", "sent", "sent"], "what was sent stays");
});

test("a full queue rejects the newest, or drops the oldest", async (t) => {
  const page = openPage(t);
  const strict = offline(page, { queueLength: 2 });
  const [, , third] = [1, 2, 3].map((data) => strict.send("a", data));
  await assert.rejects(third, { code: "queueFull", message: "a: queue full", temporary: true });
  const lax = offline(page, { queueLength: 2, overflow: "drop-oldest" });
  const [first, , last] = [1, 2, 3].map((data) => lax.send("a", data));
  await assert.rejects(first, { code: "dropped", temporary: true });
  assert.equal(last.state, "queued");
});

test("a socket that sends slowly is not given more", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({ highWater: 100, lowWater: 10 });
  socket.bufferedAmount = 101;
  const sends = [1, 2, 3].map((data) => session.send("a", data));
  assert.equal(socket.written.length, 2, "the first one told how much waits");
  socket.bufferedAmount = 11;
  await page.pass(50);
  assert.equal(socket.written.length, 2);
  socket.bufferedAmount = 10;
  await page.pass(50);
  assert.equal(socket.written.length, 4);
  assert.deepEqual(sends.map(({ state }) => state), ["sent", "sent", "sent"]);
});

test("what cannot be sent rejects and throws nothing", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  const circle = {};
  circle.circle = circle;
  await assert.rejects(session.send("a", circle), TypeError);
  assert.equal(socket.written.length, 1);
});
