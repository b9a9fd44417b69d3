// A session that lives long keeps nothing of what has passed through it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { DrillActions, DrillEvents } from "@gatewire/drill";
import type * as gatewire from "gatewire";
import { serveFiles } from "./files";
import { program, Server } from "./process";

type Drill = { actions: DrillActions; events: DrillEvents };

const FILES = { "/gatewire.js": "client/npm/dist/index.js", "/drill.js": "tests/fault/drill.js" };

const MESSAGES = 100_000;

/** What a heap may have grown by, in bytes: two bytes a message, where one entry of a map takes a hundred. */
const SLACK = 2 * MESSAGES;

/** Bytes of one page's heaps. */
interface Heaps {
  readonly javascript: number;
  readonly wasm: number;
}

declare global {
  interface Window {
    /** What every module that was instantiated exports. */
    instances: WebAssembly.Exports[];
    exchange(count: number): Promise<void>;
  }
}

test(`${MESSAGES} messages leave the heap where it was`, async ({ page }) => {
  const data = await mkdtemp(join(tmpdir(), "gatewire-memory-"));
  const server = await Server.start(program("drill", "DRILL_SERVER"), "--data", data);
  const files = await serveFiles(FILES);
  const developer = await page.context().newCDPSession(page);
  const heaps = async (): Promise<Heaps> => {
    await developer.send("HeapProfiler.collectGarbage");
    const { usedSize } = await developer.send("Runtime.getHeapUsage");
    const wasm = await page.evaluate(() => {
      const memories = window.instances.flatMap((exports) => Object.values(exports));
      return memories.reduce((sum, it) => sum + (it instanceof WebAssembly.Memory ? it.buffer.byteLength : 0), 0);
    });
    return { javascript: usedSize, wasm };
  };
  await page.goto(files.origin);
  await page.evaluate(prepare, `ws://127.0.0.1:${server.port}/ws`);

  await page.evaluate(() => window.exchange(2_000)); // until everything is compiled and every list as long as it gets
  const before = await heaps();
  expect(before.wasm).toBeGreaterThan(0);
  await page.evaluate((count) => window.exchange(count), MESSAGES);
  const after = await heaps();

  console.log(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  expect(after.wasm).toBe(before.wasm);
  expect(after.javascript - before.javascript).toBeLessThan(SLACK);
  files.close();
  await server.end("SIGKILL");
  await rm(data, { recursive: true });
});

/** Runs in the page: one session that answers, listens and waits like an application's. */
async function prepare(url: string): Promise<void> {
  const { Instance } = WebAssembly;
  window.instances = [];
  WebAssembly.Instance = class extends Instance {
    constructor(...made: ConstructorParameters<typeof Instance>) {
      super(...made);
      window.instances.push(this.exports);
    }
  };
  const library: typeof gatewire = await import("/gatewire.js" as string);
  const { drill }: { drill: gatewire.Contract<Drill> } = await import("/drill.js" as string);
  const session = await library.connect(drill, url);
  let ticks = 0;
  session.on("tick", () => void ticks++);
  window.exchange = async (count) => {
    const note = { author: "Ada", at: 1_790_000_000_000, tags: ["one"], text: "a note" };
    for (let sent = 0; sent < count; sent += 50) {
      await Promise.all(Array.from({ length: 50 }, () => session.send("echo", note)));
    }
  };
}
