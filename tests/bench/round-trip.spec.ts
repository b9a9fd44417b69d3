// What a round trip through the client costs beyond a raw WebSocket with JSON.parse and
// JSON.stringify, over the same wire to the same server.
//
//     npm run bench -w tests
//
// Blocks of round trips, one after the other, alternate between the two, so that what disturbs the
// machine disturbs both; told is the median block of each, and the median of the differences between
// neighbours. A benchmark: it prints, and judges nothing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "@playwright/test";
import type { DrillActions, DrillEvents } from "@gatewire/drill";
import type * as gatewire from "gatewire";
import { serveFiles } from "../e2e/files";
import { program, Server } from "../e2e/process";

type Drill = { actions: DrillActions; events: DrillEvents };

const FILES = { "/gatewire.js": "client/npm/dist/index.js", "/drill.js": "tests/fault/drill.js" };

/** How long the text of a note is, so that the whole message has this many bytes. */
const SIZES = { "200 B": 90, "4 kB": 3_980 };

const BLOCKS = 120;
const ROUND_TRIPS = 100;

test("round trip", async ({ page }) => {
  test.setTimeout(600_000);
  const data = await mkdtemp(join(tmpdir(), "gatewire-bench-"));
  const server = await Server.start(program("drill", "DRILL_SERVER"), "--quiet", "--data", data);
  const files = await serveFiles(FILES);
  await page.goto(files.origin);
  console.log("message     raw, µs   client, µs   ratio   added, µs (quartiles)");
  for (const [name, length] of Object.entries(SIZES)) {
    const blocks = await page.evaluate(measure, {
      url: `ws://127.0.0.1:${server.port}/ws`,
      length,
      blocks: BLOCKS,
      roundTrips: ROUND_TRIPS,
    });
    const raw = quantile(blocks.map(([raw]) => raw));
    const client = quantile(blocks.map(([, client]) => client));
    const added = [0.25, 0.5, 0.75].map((at) => quantile(blocks.map(([raw, client]) => client - raw), at).toFixed(1));
    console.log(
      name.padEnd(8) +
        raw.toFixed(1).padStart(11) +
        client.toFixed(1).padStart(13) +
        (client / raw).toFixed(3).padStart(8) +
        `   ${added[1]} (${added[0]} to ${added[2]})`,
    );
  }
  files.close();
  await server.end("SIGKILL");
  await rm(data, { recursive: true });
});

/** Per block, the microseconds of one round trip: raw, and through the client. Runs in the page. */
async function measure(options: {
  url: string;
  length: number;
  blocks: number;
  roundTrips: number;
}): Promise<[raw: number, client: number][]> {
  const { url, length, blocks, roundTrips } = options;
  const library: typeof gatewire = await import("/gatewire.js" as string);
  const { drill }: { drill: gatewire.Contract<Drill> } = await import("/drill.js" as string);
  const session = await library.connect(drill, url);
  const raw = await open(url);
  const note = { author: "Ada Lovelace", at: 1_790_000_000_000, tags: ["first", "second"], text: "x".repeat(length) };

  /** What an application without a library writes. */
  async function open(url: string): Promise<(data: unknown) => Promise<unknown>> {
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

  async function block(send: (data: typeof note) => Promise<unknown>): Promise<number> {
    const begin = performance.now();
    for (let index = 0; index < roundTrips; index++) await send(note);
    return ((performance.now() - begin) * 1_000) / roundTrips;
  }

  const through = (data: typeof note) => session.send("echo", data);
  for (let warm = 0; warm < 20; warm++) {
    await block(raw);
    await block(through);
  }
  const results: [number, number][] = [];
  for (let index = 0; index < blocks; index++) {
    // Who goes first alternates, too.
    const first = index % 2 === 0 ? await block(raw) : 0;
    const client = await block(through);
    results.push([first || (await block(raw)), client]);
  }
  session.close();
  return results;
}

function quantile(values: number[], at = 0.5): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(at * (sorted.length - 1))]!;
}
