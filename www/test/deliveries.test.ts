import { describe, expect, test } from "vitest";
import { Deliveries } from "../src/deliveries";
import type { Frame } from "../src/tap";

describe("a delivery", () => {
  test("goes from queued to answered", () => {
    const deliveries = new Deliveries();
    deliveries.queue("a", "hello", 1);
    expect(deliveries.get("a")?.stage).toBe("queued");
    deliveries.see(out(2, { action: "sendMessage", id: 7, data: { text: "hello", tag: "a" } }));
    expect(deliveries.get("a")?.stage).toBe("sent");
    deliveries.see(into(3, { id: 7, accepted: { messageId: "m", sequenceNumber: "1" } }));
    expect(deliveries.get("a")?.stage).toBe("accepted");
    deliveries.see(into(4, { id: 7, data: { number: 41 } }));
    expect(deliveries.get("a")).toMatchObject({
      stage: "answered",
      number: 41,
      sent: 1,
      times: { queued: 1, sent: 2, accepted: 3, answered: 4 },
    });
    expect(deliveries.open).toBe(0);
  });

  test("that goes out again after a reconnect is the same one", () => {
    const deliveries = new Deliveries();
    const frame = { action: "sendMessage", id: 7, data: { text: "hello", tag: "a" } };
    deliveries.queue("a", "hello", 1);
    deliveries.see(out(2, frame));
    deliveries.see(into(3, { id: 7, accepted: {} }));
    deliveries.see(out(4, frame));
    expect(deliveries.get("a")).toMatchObject({ stage: "accepted", sent: 2 });
    expect(deliveries.list(9)).toHaveLength(1);
  });

  test("fails with the server's words", () => {
    const deliveries = new Deliveries();
    deliveries.queue("a", "", 1);
    deliveries.see(out(2, { action: "sendMessage", id: 1, data: { text: "", tag: "a" } }));
    deliveries.see(into(3, { id: 1, error: { code: "invalid", message: "it is empty" } }));
    expect(deliveries.get("a")).toMatchObject({ stage: "failed", error: "it is empty" });
  });

  test("sent from the console, without a tag, is shown too", () => {
    const deliveries = new Deliveries();
    deliveries.see(out(2, { action: "sendMessage", id: 3, data: { text: "hi" } }));
    expect(deliveries.list(1)[0]).toMatchObject({ text: "hi", stage: "sent" });
  });

  test("is forgotten when many others followed, but not before it is answered", () => {
    const deliveries = new Deliveries();
    deliveries.queue("open", "waits", 0);
    for (let id = 1; id <= 500; id += 1) {
      deliveries.see(out(id, { action: "sendMessage", id, data: { text: "x" } }));
      deliveries.see(into(id, { id, data: { number: id } }));
    }
    expect(deliveries.get("open")).toBeDefined();
    expect(deliveries.list(1000)).toHaveLength(200);
  });

  test("is not what other frames are about", () => {
    const deliveries = new Deliveries();
    deliveries.see(out(1, { hello: { session: "s" } }));
    deliveries.see(out(2, { action: "join", id: 1, data: { room: "lobby" } }));
    deliveries.see(into(3, { id: 1, data: { messages: [] } }));
    deliveries.see(into(4, { event: "presence", data: { members: [] } }));
    deliveries.see(into(5, null));
    expect(deliveries.list(9)).toEqual([]);
  });
});

function out(at: number, frame: unknown): Frame {
  return { direction: "out", text: JSON.stringify(frame), at };
}

function into(at: number, frame: unknown): Frame {
  return { direction: "in", text: JSON.stringify(frame), at };
}
