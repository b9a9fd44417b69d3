/** `gatewire/core`: the same session with less around it, from the built package. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { connect, createSession, GatewireError } from "gatewire/core";
import { openPage } from "./fake-socket.js";

const ADDRESS = "wss://chat.test/ws";
const shapes = '[{"data typing":["string"],"reply typing":["null"]}]';
const chat = { name: "chat", fingerprint: "f", actions: ["typing"], events: [], shapes };

/** An open session of the core. */
async function open(page, options, contract) {
  const session = createSession(...(contract ? [contract] : []), ADDRESS, { ...page.options, ...options });
  await page.settle();
  const socket = page.sockets.at(-1);
  socket.welcome({ resumed: true });
  await session.ready;
  return { session, socket };
}

test("it connects, sends, and hears", async (t) => {
  const page = openPage(t);
  const connecting = connect(chat, ADDRESS, { ...page.options, token: async () => "t" });
  await page.settle();
  const [socket] = page.sockets;
  socket.welcome();
  const session = await connecting;
  assert.deepEqual(socket.protocols, ["gatewire.v1", "gatewire.token.t"]);
  assert.equal(socket.written[0].hello.contract, "f");
  const reply = session.send("typing", "x");
  socket.say({ id: 1, accepted: { messageId: "m" } });
  socket.say({ id: 1, data: null });
  assert.equal(await reply, null);
  const heard = [];
  const off = session.on("message", (data) => heard.push(data));
  for (const seq of [1, 1, 2]) socket.say({ event: "message", seq, data: seq });
  off();
  socket.say({ event: "message", seq: 3 });
  assert.deepEqual(heard, [1, 2]);
});

test("it checks, and says what is wrong", async (t) => {
  const page = openPage(t);
  const { session, socket } = await open(page, {}, chat);
  await assert.rejects(session.send("typing", 7), (error) => {
    assert.deepEqual([error.code, error.message], ["invalid", "typing: expected string, found number"]);
    return error instanceof GatewireError;
  });
  const reply = session.send("typing", "x");
  socket.say({ id: 1, data: 7 });
  await assert.rejects(reply, { code: "invalid", message: "reply to typing: expected null, found number" });
});

test("it comes back and goes on", async (t) => {
  const page = openPage(t);
  const { session, socket } = await open(page);
  const reply = session.send("typing", {});
  socket.say({ event: "message", seq: 1 });
  const next = await page.lose();
  next.welcome({ resumed: true, seen: 1 });
  assert.deepEqual(next.written[0].hello, { ...socket.written[0].hello, seen: 1 });
  assert.deepEqual([next.written[1].id, next.written[1].seen], [1, 1]);
  next.say({ id: 1, data: 7 });
  assert.equal(await reply, 7);
});

test("it goes elsewhere before it leaves, and for another token", async (t) => {
  const page = openPage(t);
  let count = 0;
  const { socket } = await open(page, { token: () => `t${(count += 1)}` });
  socket.say({ goaway: { in: 0, reason: "drain" } });
  const next = await page.next();
  assert.equal(socket.closed, undefined);
  next.welcome({ resumed: true, expires: Date.now() + 60_000 });
  assert.equal(socket.closed, 4000);
  await page.pass(44_000);
  const renewed = await page.next();
  assert.equal(renewed.protocols[1], "gatewire.token.t3");
  assert.equal(next.closed, undefined);
  renewed.welcome({ resumed: true });
  assert.equal(next.closed, 4000);
});

test("it asks after silence, and its errors say their code", async (t) => {
  const page = openPage(t);
  const { session, socket } = await open(page, { queueLength: 1 });
  await page.pass(25_000);
  assert.deepEqual(socket.written[1], { ping: 1 });
  const late = session.send("typing", {}, { timeout: 5 });
  void page.pass(5);
  await assert.rejects(late, { code: "timeout", message: "typing: timeout", temporary: true });
  socket.end(1006);
  const [waits, full] = [session.send("typing", {}), session.send("typing", {})];
  await assert.rejects(full, { code: "queueFull", message: "typing: queue full" });
  session.close();
  await assert.rejects(waits, { code: "closed", message: "closed", temporary: false });
  assert.equal(session.state, "closed");
});

test("what onProblem throws is not lost, and does not stop the session", () => {
  const script = `
    import { openPage } from "./test/fake-socket.js";
    import { createSession } from "gatewire/core";
    const page = openPage({ after() {} });
    const wrong = (text) => () => { throw new Error(text) };
    const session = createSession("${ADDRESS}", { ...page.options, onProblem: wrong("problem") });
    session.onState(wrong("listener"));
    const unhandled = [];
    process.on("unhandledRejection", ({ message }) => unhandled.push(message));
    await page.settle();
    page.sockets[0].welcome();
    const next = await page.lose();
    next.welcome();
    console.log(session.state, new Set(unhandled));
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  assert.equal(stdout, "open Set(1) { 'problem' }\n");
});
