/** What an application sees of payloads that are not what the contract says, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, GatewireError } from "gatewire";
import { openPage } from "./fake-socket.js";

const chat = {
  name: "chat",
  actions: ["sendMessage", "typing"],
  events: ["message"],
  shapes: table({
    "data sendMessage": ["object", 1, 1, ["room", "tags"], ["string"], ["array", ["string"]]],
    "reply sendMessage": ["object", 1, 1, ["id"], ["integer", 0, 255]],
    "data typing": ["string"],
    "reply typing": ["null"],
    "event message": ["object", 1, 1, ["text", "at"], ["string"], ["?", ["number"]]],
  }),
};

/** A table of these shapes; a number is the place of a list, of which the first is at 2. */
function table(named, ...lists) {
  return JSON.stringify([named, ["JSON", 1], ...lists]);
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
  const { session, socket } = await page.open({}, { ...chat, shapes: JSON.stringify([2, ...JSON.parse(chat.shapes)]) });
  void session.send("sendMessage", wrong);
  assert.deepEqual(socket.written[1].data, wrong);
});

test("a long refusal is cut as the server cuts it, after 256 characters", async (t) => {
  const page = openPage(t);
  const { session } = await page.open({}, { ...chat, shapes: table({ "data typing": ["object", ["null"]] }) });
  await assert.rejects(session.send("typing", { [`ab${"🦊".repeat(300)}`]: 1 }), ({ message }) => {
    assert.equal(message, `typing.ab${"🦊".repeat(247)}…`);
    return true;
  });
});

test("a damaged table is an error and never a session that hangs", (t) => {
  const page = openPage(t);
  const whole = chat.shapes;
  createSession(chat, "wss://chat.test/ws", page.options).close();
  for (let length = 1; length < whole.length; length++) {
    const half = { ...chat, shapes: whole.slice(0, length) };
    assert.throws(() => createSession(half, "wss://chat.test/ws", page.options), SyntaxError, half.shapes);
  }
});

test("what is sent may have dates and what JSON leaves out, and is not copied", async (t) => {
  const page = openPage(t);
  const shapes = table({ "data typing": ["object", null, 1, ["at", "more"], ["string"], ["array", ["?", ["number"]]]] });
  const { session, socket } = await page.open({}, { ...chat, shapes });
  const at = new Date(0);
  class Typing {
    at = at;
    more = [NaN, undefined, 1];
    draft = undefined;
  }
  const typing = Object.freeze(new Typing());
  void session.send("typing", typing);
  assert.deepEqual(socket.written[1].data, { at: at.toISOString(), more: [null, null, 1] });
  await assert.rejects(session.send("typing", { at: 1 }), { message: "typing.at: expected string, found number" });
  await assert.rejects(session.send("typing", { at, more: new Set() }), {
    message: "typing.more: expected array, found object",
  });
});

test("an enum of enums cannot keep it busy for ever", async (t) => {
  const page = openPage(t);
  const half = (end) => ["object", null, 2, ["next", end], 2, ["null"]];
  const shapes = table({ "data typing": 2 }, ["|", half("x"), half("y"), ["null"]]);
  const { session } = await page.open({}, { ...chat, shapes });
  let value = {};
  for (let depth = 0; depth < 60; depth++) value = { next: value };
  await assert.rejects(session.send("typing", value), { message: "typing: too many variants to try" });
});

test("a shape that is itself is no loop", async (t) => {
  const page = openPage(t);
  const shapes = table({ "data typing": 2, "data say": 3 }, ["?", 2], ["|", 3]);
  const { session } = await page.open({}, { ...chat, shapes });
  await assert.rejects(session.send("typing", 1), { message: "typing: nested too deeply" });
  await assert.rejects(session.send("say", 1), { message: "say: not one of the variants" });
});
