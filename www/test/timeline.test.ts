import { describe, expect, test } from "vitest";
import type { Message } from "@gatewire/chat";
import { Timeline } from "../src/timeline";

describe("a timeline", () => {
  test("shows the newest page on a first visit and continues from there", () => {
    const timeline = new Timeline();
    expect(numbers(timeline.page([message(41), message(42)]))).toEqual([41, 42]);
    expect(timeline.last).toBe(42);
    expect(timeline.hasEarlier).toBe(true);
    expect(numbers(timeline.event(message(43)))).toEqual([43]);
    expect(timeline.need).toBe("nothing");
  });

  test("begins at one in a room where nobody spoke", () => {
    const timeline = new Timeline();
    timeline.page([]);
    expect(timeline.last).toBe(0);
    expect(timeline.hasEarlier).toBe(false);
    expect(numbers(timeline.event(message(1)))).toEqual([1]);
  });

  test("drops what it has", () => {
    const timeline = begun(2);
    expect(timeline.event(message(2))).toEqual([]);
    expect(timeline.page([message(1), message(2), message(3)])).toHaveLength(1);
    expect(numbers(timeline.messages)).toEqual([1, 2, 3]);
  });

  test("holds back what is ahead until history has closed the gap", () => {
    const timeline = begun(1);
    expect(timeline.event(message(4))).toEqual([]);
    expect(timeline.need).toBe("history");
    expect(numbers(timeline.page([message(2)]))).toEqual([2]);
    expect(timeline.need).toBe("history");
    expect(numbers(timeline.event(message(3)))).toEqual([3, 4]);
    expect(timeline.need).toBe("nothing");
  });

  test("keeps events that overtake the reply to join", () => {
    const timeline = new Timeline();
    expect(timeline.event(message(7))).toEqual([]);
    expect(timeline.event(message(8))).toEqual([]);
    expect(timeline.need).toBe("nothing");
    expect(numbers(timeline.page([message(6), message(7)]))).toEqual([6, 7, 8]);
    expect(timeline.need).toBe("nothing");
  });

  test("asks for the message of which only the reply arrived", () => {
    const timeline = begun(1);
    timeline.notice(2);
    expect(timeline.need).toBe("history");
    timeline.page([message(2)]);
    expect(timeline.need).toBe("nothing");
  });

  test("puts earlier messages before the first, once", () => {
    const timeline = new Timeline();
    timeline.page([message(3)]);
    expect(numbers(timeline.earlier([message(1), message(2)]))).toEqual([1, 2]);
    expect(timeline.earlier([message(1), message(2)])).toEqual([]);
    expect(numbers(timeline.messages)).toEqual([1, 2, 3]);
    expect(timeline.hasEarlier).toBe(false);
  });

  test("ends up the same whatever the order, the repetitions and the cuts", () => {
    const random = generator(7);
    for (let round = 0; round < 300; round += 1) {
      const timeline = new Timeline();
      const total = 1 + Math.floor(random() * 30);
      const all = Array.from({ length: total }, (_, index) => message(index + 1));
      timeline.page([]);
      for (let step = 0; step < total * 2; step += 1) {
        timeline.event(all[Math.floor(random() * total)] ?? message(1));
      }
      timeline.notice(total);
      while (timeline.need === "history") {
        const last = timeline.last ?? 0;
        timeline.page(all.slice(last, last + 1 + Math.floor(random() * 5)));
      }
      expect(timeline.messages).toEqual(all);
    }
  });
});

function begun(last: number): Timeline {
  const timeline = new Timeline();
  timeline.page(Array.from({ length: last }, (_, index) => message(index + 1)));
  return timeline;
}

function message(number: number): Message {
  return { room: "lobby", number, author: "Ada", text: `message ${number}`, sentAt: number };
}

function numbers(messages: readonly Message[]): number[] {
  return messages.map((message) => message.number);
}

/** A small repeatable source of randomness (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
