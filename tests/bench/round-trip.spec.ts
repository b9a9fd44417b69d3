// What a round trip through the client costs beyond a raw WebSocket with JSON.parse and
// JSON.stringify, over the same wire to the same server.
//
//     ./dev bench
//
// Two figures, each per round trip:
// - the wall clock, which is what a user waits for. It is nearly all the way between the processes of the
//   browser, the kernel and the server, and differs from block to block by more than the client adds;
// - the processor time of the page's main thread, which is the answer to what the client adds: whatever it
//   does, from `send` to the code that awaits the reply, garbage included, happens there, and what other
//   processes do at the same time does not count. It needs no clock within the page, whose reading would
//   cost as much as what is measured.
//
// Blocks of round trips alternate between the two, so that what disturbs the machine disturbs both. Told is
// the median block of each, and of the differences between neighbours the median and the quartiles. A
// benchmark: it prints, and judges nothing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, test } from "@playwright/test";
import type { DrillActions, DrillEvents } from "@gatewire/drill";
import type * as gatewire from "gatewire";
import { serveFiles } from "../e2e/files";
import { program, Server } from "../e2e/process";

type Drill = { actions: DrillActions; events: DrillEvents };

type Way = "raw" | "client";

/** Sends so many notes of this length, so many at once, and says how many milliseconds that took. */
type Block = (way: Way, length: number, count: number, atOnce: number) => Promise<number>;

/** Microseconds of one round trip. */
interface Cost {
  wall: number;
  thread: number;
}

declare global {
  var block: Block;
}

const FILES = { "/gatewire.js": "client/npm/dist/index.js", "/drill.js": "tests/fault/drill.js" };

/** How long the text of a note is, so that the whole message has this many bytes. */
const SIZES = { "200 B": 90, "4 kB": 3_980 };

/** Alone, each finds the processor's caches full of other things than the page; among others it does so less. */
const AT_ONCE = [1, 20];

/** So many have made the browser compile both ways as well as it will. */
const WARM_UP = 4_000;

const BLOCKS = Number(process.env["BLOCKS"] ?? 150);
const ROUND_TRIPS = 100;

test("round trip", async ({ page }) => {
  test.setTimeout(600_000);
  const data = await mkdtemp(join(tmpdir(), "gatewire-bench-"));
  const server = await Server.start(program("drill", "DRILL_SERVER"), "--quiet", "--data", data);
  const files = await serveFiles(FILES);
  await page.goto(files.origin);
  await page.evaluate(prepare, `ws://127.0.0.1:${server.port}/ws`);
  const measure = await meter(page);
  console.log("µs per round trip  wall clock                                         main thread");
  const heads = "raw   client   ratio   added (quartiles)         ";
  console.log(`size    at once        ${heads}        ${heads}`);
  for (const [name, length] of Object.entries(SIZES)) {
    for (const atOnce of AT_ONCE) {
      for (const way of ["raw", "client"] as const) await measure(way, length, WARM_UP, atOnce);
      const blocks: Record<Way, Cost>[] = [];
      for (let index = 0; index < BLOCKS; index++) {
        // Who goes first alternates, too.
        const first = index % 2 === 0 ? await measure("raw", length, ROUND_TRIPS, atOnce) : undefined;
        const client = await measure("client", length, ROUND_TRIPS, atOnce);
        blocks.push({ raw: first ?? (await measure("raw", length, ROUND_TRIPS, atOnce)), client });
      }
      console.log(`${name.padEnd(8)}${String(atOnce).padEnd(8)}${compared(blocks, "wall")}${compared(blocks, "thread")}`);
    }
  }
  files.close();
  await server.end("SIGKILL");
  await rm(data, { recursive: true });
});

/** One of the costs: raw, client, their ratio, and what is added. */
function compared(blocks: Record<Way, Cost>[], cost: keyof Cost): string {
  const raw = quantile(blocks.map((block) => block.raw[cost]));
  const client = quantile(blocks.map((block) => block.client[cost]));
  const differences = blocks.map((block) => block.client[cost] - block.raw[cost]);
  const [lower, added, upper] = [0.25, 0.5, 0.75].map((at) => quantile(differences, at).toFixed(1));
  return (
    raw.toFixed(1).padStart(10) +
    client.toFixed(1).padStart(9) +
    (client / raw).toFixed(3).padStart(8) +
    `${added!.padStart(8)} (${lower} to ${upper})`.padEnd(28)
  );
}

/** What tells the cost of a block. */
async function meter(page: Page): Promise<(...block: Parameters<Block>) => Promise<Cost>> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("Performance.enable", { timeDomain: "threadTicks" });
  const threadTime = async () => {
    const { metrics } = await inspector.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ThreadTime")!.value;
  };
  return async (...block) => {
    const before = await threadTime();
    const milliseconds = await page.evaluate((block) => globalThis.block(...block), block);
    const seconds = (await threadTime()) - before;
    const count = block[2];
    return { wall: (milliseconds * 1e3) / count, thread: (seconds * 1e6) / count };
  };
}

/** Connects both ways, and leaves in the page what runs a block. */
async function prepare(url: string): Promise<void> {
  const library: typeof gatewire = await import("/gatewire.js" as string);
  const { drill }: { drill: gatewire.Contract<Drill> } = await import("/drill.js" as string);
  const session = await library.connect(drill, url);
  const raw = await open();

  /** What an application without a library writes. */
  async function open(): Promise<(data: unknown) => Promise<unknown>> {
    const socket = new WebSocket(url, ["gatewire.v1"]);
    const waiting = new Map<number, (data: unknown) => void>();
    let id = 0;
    await new Promise<void>((resolve) => {
      socket.onopen = () => socket.send(JSON.stringify({ hello: { session: "raw-raw-raw-raw-raw" } }));
      socket.onmessage = (message) => {
        const frame = JSON.parse(message.data);
        if (frame.welcome) resolve();
        if (frame.id === undefined) return;
        waiting.get(frame.id)?.(frame.data);
        waiting.delete(frame.id);
      };
    });
    return (data) =>
      new Promise((resolve) => {
        waiting.set(++id, resolve);
        socket.send(JSON.stringify({ action: "echo", id, data }));
      });
  }

  const ways = { raw, client: (data: DrillActions["echo"]["data"]) => session.send("echo", data) };

  globalThis.block = async (way, length, count, atOnce) => {
    const send = ways[way];
    const note = { author: "Ada Lovelace", at: 1_790_000_000_000, tags: ["first", "second"], text: "x".repeat(length) };
    const lane = async () => {
      for (let index = 0; index < count; index += atOnce) await send(note);
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: atOnce }, lane));
    return performance.now() - begin;
  };
}

function quantile(values: number[], at = 0.5): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(at * (sorted.length - 1))]!;
}
