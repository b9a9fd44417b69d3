/** How tokens are fetched, travel and are renewed, from the built package. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createSession } from "gatewire";
import { openPage } from "./fake-socket.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A token that says how long it is good for, in milliseconds from now. */
function jwt(life) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ iat: now, exp: now + life / 1000, name: "Zoë?>~" })}.signature`;
}

/** A provider that counts; each token is another one. */
function provider(make = (count) => `token-${count}`) {
  const give = async () => make((give.count += 1));
  give.count = 0;
  return give;
}

/** Answers each request for a ticket with the next of these. */
function tickets(t, ...answers) {
  const requests = [];
  const fetch = mock.method(globalThis, "fetch", async (url, options) => {
    requests.push({ url: String(url), ...options });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  t.after(() => fetch.mock.restore());
  return requests;
}

test("before the token ends another one goes in band, and the connection stays", async (t) => {
  const page = openPage(t);
  const token = provider();
  const { session, socket } = await page.open({ token });
  const next = await page.lose();
  next.welcome({ expires: Date.now() + 10 * MINUTE });
  token.count = 0;
  await page.pass(9 * MINUTE);
  assert.deepEqual(next.written.filter(({ token }) => token), [{ token: "token-1" }]);
  next.say({ token: { expires: Date.now() + 10 * MINUTE } });
  await page.pass(9 * MINUTE);
  assert.equal(token.count, 2, "and so on");
  assert.equal(session.state, "open");
  assert.notEqual(socket, next);
});

test("a JWT says itself when it ends, where the server does not", async (t) => {
  const page = openPage(t);
  const token = provider(() => jwt(4 * MINUTE));
  const { socket } = await page.open({ token });
  await page.pass(2 * MINUTE);
  assert.equal(token.count, 1);
  await page.pass(MINUTE);
  assert.equal(token.count, 2);
  assert.equal(socket.written.at(-1).token.split(".").length, 3);
});

test("a clock that is behind makes no token last longer", async (t) => {
  const page = openPage(t);
  const token = provider(() => jwt(4 * MINUTE));
  const session = createSession("wss://chat.test/ws", { ...page.options, token });
  await page.settle();
  page.sleep(-60 * MINUTE);
  page.sockets[0].welcome();
  await session.ready;
  await page.pass(3 * MINUTE);
  assert.equal(token.count, 2);
});

test("a clock that is ahead does not ask for tokens without end", async (t) => {
  const page = openPage(t);
  const token = provider();
  const { session, socket } = await page.open({ token });
  socket.end(1006);
  const next = await page.next();
  next.welcome({ expires: Date.now() - MINUTE });
  token.count = 0;
  for (let second = 0; second < 60; second += 1) {
    await page.pass(SECOND);
    if (next.written.at(-1).token) next.say({ token: { expires: Date.now() - MINUTE } });
    else if (next.written.at(-1).ping) next.say({ pong: 1 });
  }
  assert.equal(session.state, "open");
  assert.ok(token.count > 0 && token.count <= 5, `${token.count}`);
});

test("a token that is given once is not asked for again", async (t) => {
  const page = openPage(t);
  const { socket } = await page.open({ token: jwt(MINUTE) });
  for (let minute = 0; minute < 3; minute += 1) {
    await page.pass(20 * SECOND);
    socket.say({ pong: 1 });
  }
  assert.equal(socket.written.filter(({ token }) => token).length, 0);
});

test("one fetch serves a renewal and an attempt", async (t) => {
  const page = openPage(t);
  let give;
  let count = 0;
  const token = () => {
    count += 1;
    return new Promise((resolve) => (give = resolve));
  };
  const session = createSession("wss://chat.test/ws", { ...page.options, token });
  give("one");
  await page.settle();
  page.sockets[0].welcome({ expires: Date.now() + 2 * MINUTE });
  await session.ready;
  await page.pass(90 * SECOND);
  assert.equal(count, 2);
  page.sockets[0].end(1006);
  await page.pass(5 * SECOND);
  assert.equal(count, 2, "nobody asks twice at once");
  give("two");
  await page.settle();
  assert.deepEqual(page.sockets[1].protocols, ["gatewire.v1", "gatewire.token.two"]);
});

test("a server that refuses the token ends the session and says so", async (t) => {
  const page = openPage(t);
  const session = createSession("wss://chat.test/ws", { ...page.options, token: "t" });
  let told = 0;
  session.onUnauthorized(() => (told += 1));
  await page.settle();
  page.sockets[0].open();
  page.sockets[0].end(4401);
  await assert.rejects(session.ready, { code: "unauthorized", temporary: false });
  assert.equal(told, 1);
});

test("nobody is told of a token when the session ends for another reason", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  session.onUnauthorized(() => assert.fail("the token was good"));
  socket.end(4403);
  assert.equal(session.state, "closed");
});

test("the token as a parameter of the URL", async (t) => {
  const page = openPage(t);
  for (const [url, expected] of [["wss://chat.test/ws", "?"], ["wss://chat.test/ws?room=1", "&"]]) {
    createSession(url, { ...page.options, token: "a b&c", tokenBy: "query" });
    await page.settle();
    assert.equal(page.sockets.at(-1).url, `${url}${expected}token=a%20b%26c`);
    assert.deepEqual(page.sockets.at(-1).protocols, ["gatewire.v1"]);
  }
});

test("the token as a header, where there can be one", async (t) => {
  const page = openPage(t);
  createSession("wss://chat.test/ws", { ...page.options, token: "t", tokenBy: "header" });
  await page.settle();
  assert.deepEqual(page.sockets[0].options, { headers: { authorization: "Bearer t" } });
  const { WebSocket, ...options } = page.options;
  const session = createSession("wss://chat.test/ws", { ...options, token: "t", tokenBy: "header" });
  await assert.rejects(session.ready, { code: "unusable", message: /header.*options\.WebSocket/ });
  assert.equal(page.sockets.length, 1);
});

test("without a token, no way of passing it matters", async (t) => {
  const page = openPage(t);
  for (const tokenBy of ["query", "header", "ticket", "subprotocol"]) {
    createSession("wss://chat.test/ws", { ...page.options, tokenBy });
    await page.settle();
    const { url, protocols } = page.sockets.at(-1);
    assert.deepEqual([url, protocols], ["wss://chat.test/ws", ["gatewire.v1"]]);
  }
});

test("the token exchanged for a ticket, each time anew", async (t) => {
  const page = openPage(t);
  const requests = tickets(t, Response.json({ ticket: "one/1" }), Response.json({ ticket: "two" }));
  const { session } = await page.open({ token: provider(), tokenBy: "ticket" });
  assert.equal(requests[0].url, "https://chat.test/ws/ticket");
  assert.equal(requests[0].method, "POST");
  assert.deepEqual(requests[0].headers, { authorization: "Bearer token-1" });
  assert.equal(page.sockets[0].url, "wss://chat.test/ws?ticket=one%2F1");
  const next = await page.lose();
  assert.equal(next.url, "wss://chat.test/ws?ticket=two");
  assert.equal(session.inspect().url, "wss://chat.test/ws");
});

test("tickets from elsewhere", async (t) => {
  const page = openPage(t);
  const requests = tickets(t, Response.json({ ticket: "one" }));
  await page.open({ token: "t", tokenBy: "ticket", ticketUrl: new URL("https://id.test/tickets") });
  assert.equal(requests[0].url, "https://id.test/tickets");
});

test("no ticket for this token ends the session, no ticket now does not", async (t) => {
  const page = openPage(t);
  const failures = [new TypeError("no network"), new Response("", { status: 503 }), new Response("later")];
  const requests = tickets(t, ...failures, new Response("", { status: 401 }));
  const session = createSession("wss://chat.test/ws", { ...page.options, token: "t", tokenBy: "ticket" });
  let told = 0;
  session.onUnauthorized(() => (told += 1));
  while (session.state !== "closed") await page.pass(250);
  assert.equal(requests.length, 4);
  assert.equal(told, 1);
  assert.equal(page.sockets.length, 0);
  await assert.rejects(session.ready, { code: "unauthorized" });
});

test("a ticket that comes too late opens nothing", async (t) => {
  const page = openPage(t);
  let give;
  const requests = tickets(t, new Promise((resolve) => (give = resolve)));
  const session = createSession("wss://chat.test/ws", { ...page.options, token: "t", tokenBy: "ticket" });
  await page.settle();
  session.close();
  assert.ok(requests[0].signal.aborted);
  give(Response.json({ ticket: "late" }));
  await page.settle();
  assert.equal(page.sockets.length, 0);
});
