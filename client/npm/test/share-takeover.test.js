/** What tabs see when the tab or worker that has their connection is gone, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser, outcome, pair } from "./fake-tabs.js";

for (const end of ["close", "crash"]) {
  test(`the next tab goes on with the session, without loss: ${end}`, async (t) => {
    const { browser, socket, first, second } = await pair(t, { shareBy: "leader" });
    const third = browser.tab({ shareBy: "leader" });
    await browser.until(() => third.session.state === "open");
    const heard = { second: [], third: [] };
    second.session.on("message", (data) => heard.second.push(data));
    second.session.onGap(() => heard.second.push("gap"));
    third.session.onGap(() => heard.third.push("gap"));
    await browser.settle();
    for (const seq of [1, 2]) socket.say({ event: "message", seq, data: seq });
    const doubtful = second.session.send("a", 1);
    await browser.until(() => doubtful.state === "sent" && heard.second.length === 2);
    if (end === "close") first.session.close();
    else browser.crash(first);
    const late = outcome(second.session.send("b", 2));
    assert.equal(await outcome(doubtful), "lost");
    await browser.until(() => browser.page.sockets.length === 2);
    if (end === "close") assert.equal(socket.closed, 4000, "a session that goes on");
    const next = browser.page.sockets[1];
    next.welcome({ resumed: true, seen: 1 });
    for (const seq of [2, 3]) next.say({ event: "message", seq, data: seq });
    await browser.until(() => heard.second.length === 3);
    assert.deepEqual(heard, { second: [1, 2, 3], third: [] });
    assert.equal(next.written[0].hello.session, socket.written[0].hello.session);
    assert.equal(next.written[0].hello.seen, undefined);
    // Of one that crashed nobody knows what it wrote last.
    if (end === "crash") return assert.equal(await late, "lost");
    await browser.until(() => next.written.length === 2);
    const { action, id } = next.written[1];
    assert.equal(action, "b");
    next.say({ id, data: "done" });
    assert.equal(await late, "done");
  });
}

for (const [count, heard] of [
  [256, Array.from({ length: 257 }, (_, index) => index + 1)],
  [257, [1, "gap"]],
]) {
  test(`a tab that comes late to a takeover is told ${count} events: ${count > 256 ? "too many" : "all"}`, async (t) => {
    const { browser, first, second } = await pair(t, { shareBy: "leader" });
    const third = browser.tab({ shareBy: "leader" });
    await browser.until(() => third.session.state === "open");
    const told = [];
    third.session.on("message", (data) => told.push(data));
    third.session.onGap(() => told.push("gap"));
    await browser.settle();
    browser.page.sockets[0].say({ event: "message", seq: 1, data: 1 });
    await browser.until(() => told.length === 1);
    third.late = [];
    browser.crash(first);
    await browser.until(() => browser.page.sockets.length === 2);
    const next = browser.page.sockets[1];
    next.welcome({ resumed: true, seen: 1 });
    await browser.until(() => second.session.resumed);
    for (let seq = 2; seq <= count + 1; seq++) next.say({ event: "message", seq, data: seq });
    await browser.settle();
    browser.catchUp(third);
    await browser.until(() => told.length === heard.length);
    next.say({ event: "message", seq: count + 2, data: "live" });
    await browser.until(() => told.length === heard.length + 1);
    assert.deepEqual(told, [...heard, "live"]);
  });
}

test("the server is told of an event once a tab has it: a crash must not lose what is acknowledged", async (t) => {
  const { browser, socket, first, second } = await pair(t, { shareBy: "leader" });
  for (const tab of [first, second]) tab.late = [];
  socket.say({ event: "message", seq: 1, data: 1 });
  const next = async () => {
    await browser.page.pass(25_000);
    return socket.written.at(-1);
  };
  const { ping } = await next();
  assert.deepEqual(socket.written.at(-1), { ping });
  socket.say({ pong: ping });
  await browser.settle();
  assert.equal((await next()).seen, undefined);
  socket.say({ pong: socket.written.at(-1).ping });
  for (const tab of [first, second]) browser.catchUp(tab);
  await browser.settle();
  assert.equal((await next()).seen, 1);
});

test("what waits for a connection goes out after a takeover", async (t) => {
  const { browser, socket, first, second } = await pair(t, { shareBy: "leader" });
  socket.end(1006);
  await browser.until(() => second.session.state === "waiting");
  const sent = second.session.send("a", 1);
  await browser.settle();
  first.session.close();
  await browser.until(() => browser.page.sockets.length === 2);
  browser.page.sockets[1].welcome({ resumed: true });
  await browser.until(() => browser.page.sockets[1].written.length === 2);
  browser.page.sockets[1].say({ id: browser.page.sockets[1].written[1].id, data: "done" });
  assert.equal(await sent, "done");
});

test("a server that forgot the session is a gap after a takeover, too", async (t) => {
  const { browser, first, second } = await pair(t, { shareBy: "leader" });
  const heard = [];
  second.session.onGap(() => heard.push("gap"));
  second.session.on("message", (data) => heard.push(data));
  await browser.settle();
  for (const seq of [1, 2]) browser.page.sockets[0].say({ event: "message", seq, data: seq });
  await browser.until(() => heard.length === 2);
  browser.crash(first);
  await browser.until(() => browser.page.sockets.length === 2);
  browser.page.sockets[1].welcome({ resumed: false });
  browser.page.sockets[1].say({ event: "message", seq: 1, data: "anew" });
  await browser.until(() => heard.length === 4);
  assert.deepEqual(heard, [1, 2, "gap", "anew"]);
});

test("a worker that ends alone is started again, with the same session", async (t) => {
  const { browser, socket, first, second } = await pair(t, { shareBy: "worker" });
  const doubtful = second.session.send("a", 1);
  await browser.until(() => doubtful.state === "sent");
  browser.crash(browser.worker);
  assert.equal(await outcome(doubtful), "lost");
  await browser.until(() => browser.page.sockets.length === 2);
  browser.page.sockets[1].welcome({ resumed: true });
  await browser.until(() => first.session.resumed && second.session.resumed);
  assert.equal(browser.page.sockets[1].written[0].hello.session, socket.written[0].hello.session);
});

test("where the file of the worker cannot be had a tab leads", async (t) => {
  const browser = openBrowser(t);
  browser.refusesWorkers = true;
  const [first, second] = [browser.tab(), browser.tab()];
  await browser.open(first, second);
  assert.equal(browser.page.sockets.length, 1);
});
