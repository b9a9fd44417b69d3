/** What an application sees when the server may have another contract, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

const chat = { name: "chat", fingerprint: "ohXsWdg2TsKJg6Hs", actions: ["typing"], events: [] };

/** Loses the socket; the next one is welcomed with this verdict. */
async function reconnect(page, verdict) {
  const { length } = page.sockets;
  page.sockets.at(-1).end(1012);
  while (page.sockets.length === length) await page.pass(250);
  page.sockets.at(-1).welcome(verdict);
}

test("hello names the contract, on every socket", async (t) => {
  const page = openPage(t);
  await page.open({}, chat);
  await reconnect(page, "same");
  for (const { written } of page.sockets) assert.equal(written[0].hello.contract, chat.fingerprint);
});

test("without a contract, hello names none and there is no verdict", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  assert.deepEqual(Object.keys(socket.written[0].hello), ["session"]);
  assert.equal(session.contract, undefined);
});

test("the same and a compatible contract are no change", async (t) => {
  const page = openPage(t);
  const { session } = await page.open({}, chat);
  session.onContractChanged(() => assert.fail("nothing has changed"));
  for (const verdict of ["same", "compatible", "same"]) {
    await reconnect(page, verdict);
    assert.equal(session.contract, verdict);
  }
  assert.deepEqual(page.problems, []);
});

test("another contract is told once per change", async (t) => {
  const page = openPage(t);
  const { session } = await page.open({}, chat);
  let changes = 0;
  const off = session.onContractChanged(() => (changes += 1));
  const told = [];
  for (const verdict of ["same", "differs", "differs", "same", "differs"]) {
    await reconnect(page, verdict);
    told.push(changes);
  }
  assert.deepEqual(told, [0, 1, 1, 1, 2]);
  assert.deepEqual(page.problems.map(({ code }) => code), ["contractChanged", "contractChanged"]);
  off();
  await reconnect(page, "same");
  await reconnect(page, "differs");
  assert.equal(changes, 2);
});

test("whoever listens after the welcome is told at once", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  await page.settle();
  session.onState(({ state }) => state === "open" && assert.equal(session.contract, "differs"));
  page.sockets[0].welcome("differs");
  await session.ready;
  let told = false;
  session.onContractChanged(() => (told = true));
  assert.ok(told);
  assert.equal(page.problems.length, 1);
});

test("a contract that the server refuses ends the session with that code", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  const reply = session.send("typing", {});
  await page.settle();
  page.sockets[0].open();
  page.sockets[0].end(4400);
  await assert.rejects(session.ready, (error) => {
    assert.ok(error instanceof GatewireError);
    assert.equal(error.code, "contractRefused");
    return !error.temporary;
  });
  await assert.rejects(reply, { code: "contractRefused", message: "contract refused 4400" });
  await page.pass(3_600_000);
  assert.equal(page.sockets.length, 1, "it stays away");
});
