/** What an application sees of integers of 64 bits, from the built package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./fake-socket.js";

const signed = ["int64", "-9223372036854775808", "9223372036854775807"];
const unsigned = ["int64", "0", "18446744073709551615"];
const total = ["object", 1, 1, ["cents", "parts", "note"], signed, ["array", ["?", unsigned]], ["string"]];

const bank = {
  name: "bank",
  actions: ["add", "count"],
  events: ["total", "counted"],
  shapes: JSON.stringify([
    {
      "data add": 2,
      "reply add": 2,
      "data count": unsigned,
      "reply count": unsigned,
      "data say": ["object", null, 1, ["text", "more"], ["string"], 1],
      "event total": 2,
      "event counted": signed,
      // The first fits until its last member; its conversions must not stay.
      "event guess": ["|", ["array", null, 2, 2, signed, ["null"]], ["array", ["string"]]],
    },
    ["JSON", 1],
    total,
  ]),
};

const value = { cents: -9223372036854775808n, parts: [null, 18446744073709551615n], note: "7" };
const text = { cents: "-9223372036854775808", parts: [null, "18446744073709551615"], note: "7" };

for (const validate of ["both", "out", "off"]) {
  test(`bigints go out as digits and come as bigints: ${validate}`, async (t) => {
    const page = openPage(t);
    const { session, socket } = await page.open({ validate }, bank);
    const heard = [];
    for (const event of ["total", "counted", "guess"]) session.on(event, (data) => heard.push(data));
    const replies = [session.send("add", value), session.send("count", 5n)];
    assert.deepEqual(socket.written.slice(1).map(({ data }) => data), [text, "5"]);
    assert.deepEqual(value.parts, [null, 18446744073709551615n], "what is sent stays as it is");
    socket.say({ id: 1, data: text });
    socket.say({ id: 2, data: "6" });
    socket.say({ event: "total", data: text });
    socket.say({ event: "counted", data: "-7" });
    socket.say({ event: "guess", data: ["8", "9"] });
    socket.say({ event: "guess", data: ["8", null] });
    assert.deepEqual(await Promise.all(replies), [value, 6n]);
    assert.deepEqual(heard, [value, -7n, ["8", "9"], [8n, null]]);
    assert.deepEqual(page.problems, []);
  });
}

test("a bigint that does not belong there is refused with its path", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, bank);
  for (const [action, data, message] of [
    ["add", { ...value, note: 7n }, "add.note: expected string, found bigint"],
    ["add", { ...value, more: { deep: [1, 7n] } }, "add.more.deep[1]: expected JSON, found bigint"],
    ["add", { ...value, cents: 2n ** 63n }, "add.cents: more than 9223372036854775807"],
    ["add", { ...value, parts: [-1n] }, "add.parts[0]: less than 0"],
    ["add", { ...value, cents: 1 }, "add.cents: expected int64, found number"],
    ["count", 2n ** 64n, "count: more than 18446744073709551615"],
    ["count", 10n ** 20n, "count: expected int64, found bigint"],
    ["count", "007", "count: expected int64, found string"],
    ["say", { text: "", more: 1n }, "say.more: expected JSON, found bigint"],
    ["say", { text: 1n }, "say.text: expected string, found bigint"],
  ]) {
    await assert.rejects(session.send(action, data), { code: "invalid", message });
  }
  assert.equal(socket.written.length, 1, "hello alone");
});

test("a reply that is no integer of 64 bits rejects its send", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open({}, bank);
  const replies = [session.send("count", 1n), session.send("count", 1n)];
  socket.say({ id: 1, data: 5 });
  socket.say({ id: 2, data: "-5" });
  await assert.rejects(replies[0], { message: "reply to count: expected int64, found number" });
  await assert.rejects(replies[1], { message: "reply to count: less than 0" });
});

test("without a table, a bigint is written as its digits", async (t) => {
  const page = openPage(t);
  const { session, socket } = await page.open();
  void session.send("count", { of: [1n, { all: 2n ** 64n }] });
  assert.deepEqual(socket.written[1].data, { of: ["1", { all: "18446744073709551616" }] });
  const circle = {};
  circle.self = circle;
  await assert.rejects(session.send("count", circle), TypeError);
});
