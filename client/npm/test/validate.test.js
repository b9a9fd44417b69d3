/** What an application sees of payloads that are not what the contract says, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

const chat = {
  name: "chat",
  actions: ["sendMessage", "typing"],
  events: ["message"],
  shapes: table("asendMessage @0@1atyping snvmessage @2", "o!room s!tags [s;", "o!id i0 255 ;", "o!text s-at ?d;"),
};

/** A table of these names; in place of `@0` goes the place of the first list, and so on. */
function table(names, ...lists) {
  const digits = (place) => [57 * 57, 57, 1].map((unit) => String.fromCharCode(35 + (Math.floor(place / unit) % 57)));
  const length = `1${names};`.replace(/@\d/g, "@###").length;
  const place = (index) => length + lists.slice(0, index).join("").length;
  return `1${names};`.replace(/@(\d)/g, (_, index) => `@${digits(place(+index)).join("")}`) + lists.join("");
}

const right = { room: "lobby", tags: ["a"] };
const wrong = { room: "lobby", tags: ["a", "b", null] };
const words = "sendMessage.tags[2]: expected string, found null";

test("what is not as the contract says is refused before anything is written", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, chat);
  await assert.rejects(session.send("sendMessage", wrong), (error) => {
    assert.ok(error instanceof GatewireError);
    assert.deepEqual([error.code, error.message, error.temporary], ["invalid", words, false]);
    return true;
  });
  assert.equal(socket.written.length, 1, "hello alone");
  void session.send("sendMessage", right);
  assert.equal(socket.written[1].id, 1, "and it took no number");
});

test("what is sent is checked as JSON has it", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, chat);
  void session.send("sendMessage", { ...right, draft: undefined, room: { toJSON: () => "lobby" } });
  assert.deepEqual(socket.written[1].data, right);
  await assert.rejects(session.send("sendMessage", { ...right, room: undefined }), {
    message: "sendMessage.room: missing field",
  });
  await assert.rejects(session.send("typing"), { message: "typing: expected string, found null" });
});

test("a refusal is told while there is no connection too", async (t) => {
  const page = openPage(t);
  const session = createSession(chat, "wss://chat.test/ws", page.options);
  await assert.rejects(session.send("typing", 7), { code: "invalid" });
});

test("a reply that is not as the contract says rejects its send", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, chat);
  const [first, second, third] = [session.send("sendMessage", right), session.send("typing", "x"), session.send("typing", "x")];
  socket.say({ id: 1, data: { id: 256 } });
  socket.say({ id: 2 });
  socket.say({ id: 3, error: { code: "throttled", message: "slow down", temporary: true } });
  await assert.rejects(first, { code: "invalid", message: "reply to sendMessage.id: more than 255" });
  assert.equal(await second, null, "a reply without data is null");
  await assert.rejects(third, { code: "throttled" });
  void session.send("typing", "y");
  assert.equal(socket.written.at(-1).id, 4, "the session goes on");
});

test("an event that is not as the contract says is reported, and no listener is told", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, chat);
  const heard = [];
  session.on("message", ({ text }) => heard.push(text));
  session.on("later", (value) => heard.push(value));
  socket.say({ event: "message", data: { text: 7 } });
  socket.say({ event: "message", data: { text: "hi", at: null, more: "of a newer server" } });
  socket.say({ event: "later", data: "not of this contract" });
  assert.deepEqual(heard, ["hi", "not of this contract"]);
  assert.deepEqual(page.problems.map(({ code, message }) => [code, message]), [
    ["invalid", "message.text: expected string, found number"],
  ]);
});

test("with `out`, what comes is believed", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({ validate: "out" }, chat);
  await assert.rejects(session.send("sendMessage", wrong), { message: words });
  const heard = [];
  session.on("message", ({ text }) => heard.push(text));
  socket.say({ event: "message", data: { text: 7 } });
  const reply = session.send("sendMessage", right);
  socket.say({ id: 1, data: {} });
  assert.deepEqual(await reply, {});
  assert.deepEqual(heard, [7]);
});

test("with `off`, or without a table, nothing is checked", async (t) => {
  const page = openPage(t);
  for (const [options, contract] of [[{ validate: "off" }, chat], [{}, { ...chat, shapes: undefined }], [{}, undefined]]) {
    const { session, socket } = await page.open(options, contract);
    void session.send("sendMessage", wrong);
    assert.deepEqual(socket.written[1].data, wrong);
  }
});

test("a table from the future is left to the server", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, { ...chat, shapes: `2${chat.shapes.slice(1)}` });
  void session.send("sendMessage", wrong);
  assert.deepEqual(socket.written[1].data, wrong);
});

test("a long refusal is cut as the server cuts it, between characters", async (t) => {
  const page = openPage(t);
  const { session } = await page.open({}, { ...chat, shapes: "1atyping msn;" });
  await assert.rejects(session.send("typing", { [`ab${"é".repeat(200)}`]: 1 }), ({ message }) => {
    assert.equal(message, `typing.ab${"é".repeat(123)}…`);
    return true;
  });
});

test("a damaged table is an error and never a session that hangs", (t) => {
  const page = openPage(t);
  const whole = "1asay (sl1 2 )nvmessage m[s;";
  createSession({ ...chat, shapes: whole }, "wss://chat.test/ws", page.options).close();
  for (let length = 1; length < whole.length; length++) {
    const half = { ...chat, shapes: whole.slice(0, length) };
    assert.throws(() => createSession(half, "wss://chat.test/ws", page.options), RangeError, half.shapes);
  }
});

test("a contract of 100 actions is read in a moment, and only as far as it is used", async (t) => {
  const page = openPage(t);
  const names = Array.from({ length: 100 }, (_, index) => `aact${index} @0n`).join("");
  const { session } = await page.open({}, { ...chat, shapes: table(names, "o!self ?@0;").replace("@0", "?n") });
  await assert.rejects(session.send("act99", {}), { message: "act99.self: missing field" });
});
