// A session that lives long keeps nothing of what has passed through it.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import binaryen from "binaryen";
import type { DrillActions, DrillEvents } from "@gatewire/drill";
import type * as gatewire from "gatewire";
import { serveFiles } from "./files";
import { program, repository, Server } from "./process";

type Drill = { actions: DrillActions; events: DrillEvents };

const FILES = { "/gatewire.js": "client/npm/dist/index.js", "/drill.js": "tests/fault/drill.js" };

const MESSAGES = 100_000;

/** What a heap may have grown by, in bytes: two bytes a message, where one entry of a map takes a hundred. */
const SLACK = 2 * MESSAGES;

declare global {
  interface Window {
    exchange(count: number): Promise<void>;
  }
}

test(`${MESSAGES} messages leave the heap where it was`, async ({ page }) => {
  const data = await mkdtemp(join(tmpdir(), "gatewire-memory-"));
  const server = await Server.start(program("drill", "DRILL_SERVER"), "--data", data);
  const files = await serveFiles(FILES);
  const developer = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await developer.send("HeapProfiler.collectGarbage");
    return (await developer.send("Runtime.getHeapUsage")).usedSize;
  };
  await page.goto(files.origin);
  await page.evaluate(prepare, `ws://127.0.0.1:${server.port}/ws`);

  await page.evaluate(() => window.exchange(2_000)); // until everything is compiled and every list as long as it gets
  const before = await heap();
  await page.evaluate((count) => window.exchange(count), MESSAGES);
  const after = await heap();

  console.log(`before ${before}, after ${after}`);
  expect(after - before).toBeLessThan(SLACK);
  files.close();
  await server.end("SIGKILL");
  await rm(data, { recursive: true });
});

for (const module of ["gatewire.wasm", "core.wasm"]) {
  test(`${module} has all the memory it will ever have`, async () => {
    const text = binaryen.readBinary(await readFile(join(repository, "client/npm/build", module))).emitText();
    expect(text).toContain("(memory ");
    expect(text).not.toContain("memory.grow");
  });
}

/** Runs in the page: one session that answers, listens and waits like an application's. */
async function prepare(url: string): Promise<void> {
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
