/** What the tabs of a browser see of the one session that they share, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, createSession, GatewireError } from "gatewire/share";
import { openBrowser, outcome, pair } from "./fake-tabs.js";
import { openPage } from "./fake-socket.js";

const chat = {
  name: "chat",
  actions: ["sendMessage"],
  events: ["message"],
  fingerprint: "f00d",
  shapes: JSON.stringify([
    {
      "data sendMessage": ["object", 1, 1, ["cents"], 2],
      "reply sendMessage": 2,
      "event message": 2,
    },
    ["JSON", 1],
    ["int64", "-9", "9"],
  ]),
};

for (const shareBy of ["worker", "leader"]) {
  test(`two tabs have one socket and each its own replies: ${shareBy}`, async (t) => {
    const { browser, socket, first, second } = await pair(t, { shareBy });
    assert.equal(browser.page.sockets.length, 1);
    assert.equal(first.session.key, second.session.key);
    assert.equal(socket.written[0].hello.session, first.session.key);
    const sent = [first.session.send("a", { from: 1 }), second.session.send("b", { from: 2 })];
    await browser.until(() => socket.written.length === 3);
    await browser.until(() => sent.every(({ state }) => state === "sent"));
    for (const { id, data } of socket.written.slice(1).reverse()) socket.say({ id, data });
    assert.deepEqual(await Promise.all(sent), [{ from: 1 }, { from: 2 }]);
    assert.deepEqual(first.session.inspect().pending, []);
  });

  test(`events reach the tabs that listen: ${shareBy}`, async (t) => {
    const { browser, socket, first, second } = await pair(t, { shareBy });
    const heard = [];
    const off = first.session.on("message", (data) => heard.push(["first", data]));
    second.session.on("*", (data, name) => heard.push(["second", name, data]));
    await browser.settle();
    socket.say({ event: "message", seq: 1, data: 1 });
    socket.say({ event: "typing", seq: 2, data: 2 });
    await browser.until(() => heard.length === 3);
    assert.deepEqual(heard.filter(([tab]) => tab === "first"), [["first", 1]]);
    assert.deepEqual(heard.filter(([tab]) => tab === "second"), [["second", "message", 1], ["second", "typing", 2]]);
    assert.equal(first.session.inspect().seen, 1, "the second did not even cross");
    off();
    await browser.settle();
    socket.say({ event: "message", seq: 3, data: 3 });
    await browser.until(() => heard.length === 4);
    await browser.settle();
    assert.deepEqual(heard.at(-1), ["second", "message", 3]);
    assert.equal(first.session.inspect().seen, 2, "where it was when it stopped to listen");
  });

  test(`the socket is closed with the last tab: ${shareBy}`, async (t) => {
    const { browser, socket, first, second } = await pair(t, { shareBy });
    second.session.close();
    assert.equal(second.session.state, "closed");
    await assert.rejects(second.session.send("a", 1), { code: "closed" });
    await browser.settle();
    assert.equal(socket.closed, undefined);
    assert.equal(first.session.state, "open");
    first.session.close();
    await browser.until(() => socket.closed === 1000);
    const third = browser.tab({ shareBy });
    const next = await browser.open(third);
    assert.notEqual(next.written[0].hello.session, socket.written[0].hello.session);
  });

  test(`a tab that vanishes is noticed: ${shareBy}`, async (t) => {
    const { browser, socket, first, second } = await pair(t, { shareBy });
    second.session.on("message", () => {});
    browser.crash(second);
    await browser.settle();
    assert.equal(socket.closed, undefined);
    first.session.close();
    await browser.until(() => socket.closed === 1000);
  });

  test(`a token is asked of a tab that lives: ${shareBy}`, async (t) => {
    const browser = openBrowser(t);
    const asked = [];
    const provider = (name, token) => ({ shareBy, token: () => (asked.push(name), token) });
    const first = browser.tab(provider("first", "of-first"));
    await browser.until(() => browser.page.sockets.length === 1);
    await browser.open(first);
    assert.deepEqual(browser.page.sockets[0].protocols, ["gatewire.v1", "gatewire.token.of-first"]);
    const second = browser.tab(provider("second", new Promise(() => {})));
    await browser.until(() => second.session.state === "open");
    browser.page.sockets[0].end(1006);
    await browser.page.pass(30_000);
    await browser.until(() => asked.length === 2);
    assert.deepEqual(asked, ["first", "second"], "the one that came last");
    browser.crash(second);
    await browser.until(() => browser.page.sockets.length === 2);
    assert.deepEqual(asked, ["first", "second", "first"]);
  });

  test(`what ends the session ends it in every tab: ${shareBy}`, async (t) => {
    const browser = openBrowser(t);
    const [first, second] = [browser.tab({ shareBy }), browser.tab({ shareBy })];
    const refused = [];
    for (const { session } of [first, second]) session.onUnauthorized(() => refused.push(session.state));
    const sent = [outcome(first.session.send("a", 1)), outcome(second.session.send("b", 2))];
    await browser.until(() => second.session.state === "connecting" && browser.page.sockets.length === 1);
    browser.page.sockets[0].open();
    browser.page.sockets[0].end(4401);
    await assert.rejects(first.session.ready, { code: "unauthorized", message: /4401/ });
    assert.deepEqual(await Promise.all(sent), ["unauthorized", "unauthorized"]);
    await browser.until(() => refused.length === 2);
    assert.deepEqual(refused, ["closed", "closed"]);
    const third = browser.tab({ shareBy });
    assert.notEqual((await browser.open(third)).written[0].hello.session, first.session.key);
  });

  test(`a send can be cancelled, replaced and accepted: ${shareBy}`, async (t) => {
    const { browser, socket, first } = await pair(t, { shareBy });
    const accepted = first.session.send("a", 1);
    await browser.until(() => socket.written.length === 2);
    socket.say({ id: socket.written[1].id, accepted: { messageId: "m", sequenceNumber: "1" } });
    assert.deepEqual(await accepted.accepted, { messageId: "m", sequenceNumber: "1" });
    assert.equal(accepted.state, "accepted");
    socket.end(1006);
    await browser.until(() => first.session.state === "waiting");
    const waiting = [
      first.session.send("b", 1, { key: "cursor" }),
      first.session.send("b", 2, { key: "cursor" }),
      first.session.send("c", 3),
    ];
    const codes = waiting.slice(0, 2).map(outcome);
    const cancelled = outcome(waiting[2]);
    waiting[2].cancel();
    assert.equal(await cancelled, "cancelled");
    assert.equal(await codes[0], "replaced");
    await browser.page.pass(30_000);
    const next = await browser.open(first);
    await browser.until(() => next.written.length === 3);
    assert.deepEqual(next.written.slice(1).map(({ action, data }) => [action, data]), [["a", 1], ["b", 2]]);
  });
}

test("what a tab sends is checked there, and integers of 64 bits are bigints on both sides", async (t) => {
  const { browser, socket, first } = await pair(t, { shareBy: "worker" }, chat);
  assert.equal(socket.written[0].hello.contract, "f00d");
  await assert.rejects(first.session.send("sendMessage", { cents: 10n }), {
    code: "invalid",
    message: "sendMessage.cents: more than 9",
  });
  const heard = [];
  first.session.on("message", (data) => heard.push(data));
  const sent = first.session.send("sendMessage", { cents: 7n, toJSON: undefined });
  await browser.until(() => socket.written.length === 2);
  assert.deepEqual(socket.written[1].data, { cents: "7" });
  socket.say({ event: "message", seq: 1, data: "-3" });
  socket.say({ id: socket.written[1].id, data: "8" });
  assert.equal(await sent, 8n);
  assert.deepEqual(heard, [-3n]);
  socket.say({ event: "message", seq: 2, data: "99" });
  await browser.until(() => browser.page.problems.length === 1);
  assert.equal(browser.page.problems[0].message, "message: more than 9");
});

test("interceptors and the trace are the tab's own", async (t) => {
  const browser = openBrowser(t);
  const traced = [];
  const first = browser.tab({
    outgoing: ({ action, data }) => ({ action: action.toUpperCase(), data, trace: { traceparent: "00-1-2-01" } }),
    incoming: ({ data }) => ({ data: data + 1 }),
    trace: ({ kind, frame }) => traced.push([kind, JSON.parse(frame).action]),
  });
  const second = browser.tab();
  const socket = await browser.open(first, second);
  const sent = [first.session.send("a", 1), second.session.send("a", 1)];
  await browser.until(() => socket.written.length === 3);
  for (const { id, data } of socket.written.slice(1)) socket.say({ id, data });
  assert.deepEqual(await Promise.all(sent), [2, 1]);
  const traces = Object.fromEntries(socket.written.slice(1).map(({ action, trace }) => [action, trace]));
  assert.deepEqual(traces, { A: { traceparent: "00-1-2-01" }, a: undefined });
  await browser.until(() => traced.filter(([kind]) => kind === "received").length === 3);
  assert.deepEqual(traced[0], ["sent", undefined], "hello");
});

test("a server's own refusal crosses as it is", async (t) => {
  const { browser, socket, first } = await pair(t);
  const sent = first.session.send("a", 1);
  await browser.until(() => socket.written.length === 2);
  socket.say({ id: socket.written[1].id, error: { code: "throttled", message: "a: slower", temporary: true } });
  await assert.rejects(sent, (error) => {
    assert.ok(error instanceof GatewireError);
    assert.deepEqual([error.code, error.message, error.temporary], ["throttled", "a: slower", true]);
    return true;
  });
});

test("a gap and another contract are told in every tab", async (t) => {
  const { browser, socket, first, second } = await pair(t);
  const told = [];
  for (const { session } of [first, second]) {
    session.onGap(() => told.push("gap"));
    session.onContractChanged(() => told.push("contract"));
  }
  socket.end(1006);
  await browser.until(() => first.session.state === "waiting");
  await browser.page.pass(30_000);
  await browser.until(() => browser.page.sockets.length === 2);
  browser.page.sockets[1].welcome({ resumed: false, contract: "differs" });
  await browser.until(() => told.length === 4);
  assert.deepEqual(told.sort(), ["contract", "contract", "gap", "gap"]);
  await browser.page.lose();
  browser.page.sockets[2].welcome({ resumed: true, seen: 9, gap: true, contract: "differs" });
  await browser.until(() => told.length === 6);
  assert.deepEqual(told.slice(4), ["gap", "gap"]);
});

test("another user, another URL and another contract have another socket", async (t) => {
  const browser = openBrowser(t);
  const names = new Set();
  const { BroadcastChannel } = globalThis;
  Object.defineProperty(globalThis, "BroadcastChannel", {
    configurable: true,
    value: class extends BroadcastChannel {
      constructor(name) {
        super(name);
        names.add(name);
      }
    },
  });
  const leader = { shareBy: "leader" };
  browser.tab(leader);
  browser.tab({ ...leader, share: "bob" });
  browser.tab(leader, chat);
  browser.tab(leader, { ...chat, fingerprint: "beef" });
  browser.tab({ ...leader, share: "" });
  await browser.until(() => browser.page.sockets.length === 5);
  assert.equal(names.size, 5);
});

test("nothing happens before a session connects, and then it connects", async (t) => {
  const browser = openBrowser(t);
  const { session } = browser.tab({ connect: false });
  await browser.settle();
  assert.equal(session.state, "idle");
  assert.equal(browser.worker, undefined);
  const tab = browser.tab();
  await browser.open(tab);
});

test("where tabs cannot share, a session has a socket of its own", async (t) => {
  const page = openPage(t);
  for (const share of ["ada", undefined]) {
    const opened = connect("wss://chat.test/ws", { ...page.options, share });
    await page.settle();
    page.sockets.at(-1).welcome();
    assert.equal((await opened).state, "open");
  }
  assert.equal(page.sockets.length, 2);
  assert.equal(createSession("wss://chat.test/ws", { share: "ada", connect: false }).state, "idle");
});
