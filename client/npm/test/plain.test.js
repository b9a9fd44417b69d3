/** The session with a server that speaks only what API Gateway speaks, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

async function openPlain(t, options) {
  const page = openPage(t);
  const { session, socket } = await page.open({ protocol: "plain", ...options });
  return { page, session, socket };
}

test("an open socket is enough: no subprotocol, no hello", async (t) => {
  const { session, socket } = await openPlain(t, { token: "t" });
  assert.deepEqual(socket.protocols, []);
  assert.equal(socket.url, "wss://chat.test/ws?token=t");
  assert.equal(session.state, "open");
  assert.deepEqual(socket.written, []);
});

test("a trace has no place in a message", async (t) => {
  const outgoing = (message) => ({ ...message, trace: { traceparent: "00-1-2-01" } });
  const { session, socket } = await openPlain(t, { outgoing });
  void session.send("say", { room: "lobby" });
  assert.deepEqual(socket.written, [{ room: "lobby", action: "say" }]);
});

test("the members of the data are beside the action", async (t) => {
  const { session, socket } = await openPlain(t);
  const values = [{ room: "lobby" }, {}, [1], "text", undefined, { action: "mine" }];
  const sends = values.map((data) => session.send("say", data));
  assert.deepEqual(socket.written, [
    { room: "lobby", action: "say" },
    { action: "say" },
    { data: [1], action: "say" },
    { data: "text", action: "say" },
    { data: null, action: "say" },
    { action: "say" },
  ]);
  assert.deepEqual(await Promise.all(sends), [null, null, null, null, null, null], "written is done");
  assert.equal(sends[0].state, "answered");
});

test("what waits for the connection goes out when there is one", async (t) => {
  const { page, session } = await openPlain(t);
  page.sockets[0].end(1006);
  const sent = session.send("say", {});
  assert.equal(sent.state, "queued");
  const next = await page.next();
  next.open();
  assert.deepEqual(next.written, [{ action: "say" }]);
  assert.equal(await sent, null);
});

test("events have names or not, and * hears all", async (t) => {
  const { session, socket } = await openPlain(t);
  const heard = [];
  session.on("message", (data) => heard.push(data));
  session.on("*", (data, name) => heard.push([name, data]));
  socket.say({ event: "message", data: 1 });
  socket.say({ action: "message", text: "flat" });
  socket.say({ price: 7 });
  socket.say("no JSON");
  socket.say("null");
  assert.deepEqual(heard, [
    ...[1, ["message", 1]],
    ...[{ action: "message", text: "flat" }, ["message", { action: "message", text: "flat" }]],
    ...[["", { price: 7 }], ["", "no JSON"], ["", null]],
  ]);
});

test("frames of the gateway itself are errors", async (t) => {
  const { page, session, socket } = await openPlain(t);
  session.on("*", () => assert.fail("no event"));
  for (const message of ["Forbidden", "Internal server error", "Too Many Requests"]) {
    socket.say({ message, connectionId: "Yk3nQcX9IAMCJ2g=", requestId: "Yk3pTE7zIAMF9vA=" });
  }
  assert.ok(page.problems.every((problem) => problem instanceof GatewireError));
  assert.deepEqual(
    page.problems.map(({ code, message, temporary }) => [code, message, temporary]),
    [
      ["forbidden", "Forbidden", false],
      ["internalServerError", "Internal server error", true],
      ["tooManyRequests", "Too Many Requests", true],
    ],
  );
});

test("more than a frame of the gateway is refused, counted in bytes", async (t) => {
  const { session, socket } = await openPlain(t);
  await assert.rejects(session.send("say", "€".repeat(11_000)), {
    code: "tooLarge",
    message: "say: too large for a frame of API Gateway (32 KiB)",
  });
  await session.send("say", "x".repeat(32_000));
  assert.equal(socket.written.length, 1);
});

test("silence of 9 minutes is ended with another socket, before the gateway ends it", async (t) => {
  const { page, session, socket } = await openPlain(t);
  let gaps = 0;
  session.onGap(() => (gaps += 1));
  await page.pass(9 * 60_000);
  const [, next] = page.sockets;
  assert.equal(socket.closed, undefined, "made before broken");
  next.open();
  assert.equal(socket.closed, 4000);
  assert.equal(session.state, "open");
  assert.equal(gaps, 1, "what came in between is lost, and that is said");
});

test("two hours are survived", async (t) => {
  const { page, session } = await openPlain(t);
  const states = [];
  session.onState(({ state }) => states.push(state));
  for (let minute = 0; minute < 119; minute += 1) {
    await page.pass(60_000);
    const socket = page.sockets.at(-1);
    socket.open();
    socket.say({ event: "alive" });
  }
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(states, []);
});

test("a token that ends is followed by another socket with the next one", async (t) => {
  let count = 0;
  const now = () => Math.floor(Date.now() / 1000);
  const token = () => {
    const claims = { iat: now(), exp: now() + 240, n: (count += 1) };
    return `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  };
  const { page } = await openPlain(t, { token });
  await page.pass(180_000);
  assert.equal(count, 2);
  assert.equal(page.sockets.length, 2);
  assert.match(page.sockets[1].url, /\?token=h\./);
});
