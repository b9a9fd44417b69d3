import { expect, test } from "vitest";
import { summary } from "../src/frames";

test("a frame is named by what it is", () => {
  expect(summary('{"hello":{"session":"s"}}')).toMatchObject({ name: "hello", rest: '{"session":"s"}' });
  expect(summary('{"action":"join","id":7,"data":{}}')).toMatchObject({ name: "join 7", rest: "{}" });
  expect(summary('{"action":"typing"}')).toMatchObject({ name: "typing", rest: "" });
  expect(summary('{"event":"presence","seq":4,"data":1}')).toMatchObject({ name: "presence", rest: "1" });
  expect(summary('{"id":7,"accepted":{"messageId":"m"}}').name).toBe("accepted 7");
  expect(summary('{"id":7,"error":{"code":"invalid"}}').name).toBe("error 7");
  expect(summary('{"id":7,"data":null}')).toMatchObject({ name: "answer 7", rest: "null" });
  expect(summary('{"ping":3}')).toMatchObject({ name: "ping", rest: "3" });
});

test("a token is not shown", () => {
  expect(summary('{"token":"secret"}')).toMatchObject({
    name: "token",
    rest: "…",
    whole: "…",
  });
});
