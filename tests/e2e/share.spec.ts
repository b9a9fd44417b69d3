// Tabs of one real browser with one connection, counted where the server would count it.

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, type BrowserContext, expect, type Page } from "@playwright/test";
import type * as share from "gatewire/share";
import { serveFiles } from "./files";
import { program, Server } from "./process";

const FILES = {
  "/share.js": "client/npm/dist/share.js",
  "/share-worker.js": "client/npm/dist/share-worker.js",
};

/** A server that answers `work` with its number, notes what it ran, and tells everybody `tick`: 1, 2, 3… */
type Drill = {
  actions: { work: { data: { number: number; padding: string }; reply: { number: number } } };
  events: { tick: { number: number } };
};

/** What a tab has at hand. */
interface Tab {
  session: share.Session<Drill>;
  ticks: (number | "gap")[];
  /** Per number: what became of it. */
  work: Record<number, string>;
}

/** The server, behind a door that counts. */
class Drilled {
  /** The connections that are open, and how many there were. */
  readonly open = new Set<net.Socket>();
  total = 0;

  constructor(
    private readonly server: Server,
    private readonly door: net.Server,
    private readonly data: string,
  ) {
    door.on("connection", (socket) => {
      this.total += 1;
      this.open.add(socket);
      const onward = net.connect(server.port, "127.0.0.1");
      socket.pipe(onward).pipe(socket);
      for (const [end, other] of [[socket, onward], [onward, socket]] as const) {
        end.on("error", () => other.destroy());
        end.on("close", () => other.destroy());
      }
      socket.on("close", () => this.open.delete(socket));
    });
  }

  static async start(): Promise<Drilled> {
    const data = await mkdtemp(join(tmpdir(), "gatewire-share-"));
    const door = net.createServer();
    await once(door.listen(0, "127.0.0.1"), "listening");
    return new Drilled(await Server.start(program("drill", "DRILL_SERVER"), "--data", data), door, data);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.door.address() as AddressInfo).port}/ws`;
  }

  /** The numbers of all work that was run, in order. */
  async ran(): Promise<number[]> {
    const lines = (await readFile(join(this.data, "ran"), "utf8")).trim().split("\n");
    return lines.map((line) => Number(line.split(" ")[1]));
  }

  async remove(): Promise<void> {
    this.door.close();
    await this.server.end("SIGKILL");
    await rm(this.data, { recursive: true });
  }
}

const test = base.extend<{ drill: Drilled; origin: string }>({
  drill: async ({}, use) => {
    const drill = await Drilled.start();
    await use(drill);
    await drill.remove();
  },
  origin: async ({}, use) => {
    const files = await serveFiles(FILES);
    await use(files.origin);
    files.close();
  },
});

for (const shareBy of ["worker", "leader"] as const) {
  test(`tabs have one socket, their own replies and the events they listen to: ${shareBy}`, async ({
    context,
    drill,
    origin,
  }) => {
    const open = () => visit(context, origin, drill.url, shareBy);
    const [first, second] = [await open(), await open()];
    expect(drill.open.size).toBe(1);
    await listen(first);
    expect(await Promise.all([work(first, 1), work(second, 2), work(first, 3)])).toEqual(["1", "2", "3"]);
    await ticks(first, 20);
    expect(holes(await heard(first))).toEqual([]);
    expect(await heard(second)).toEqual([]);
    expect(await key(first)).toBe(await key(second));
    expect(drill.total).toBe(1);
  });

  test(`the connection ends with the last tab, and the next has another: ${shareBy}`, async ({
    context,
    drill,
    origin,
  }) => {
    const elsewhere = await context.newPage(); // keeps the browser
    const open = () => visit(context, origin, drill.url, shareBy);
    const [first, second] = [await open(), await open()];
    const before = await key(first);
    await second.close();
    expect(await work(first, 1)).toBe("1");
    expect(drill.open.size).toBe(1);
    await first.close();
    await expect.poll(() => drill.open.size).toBe(0);
    const third = await open();
    expect(await key(third)).not.toBe(before);
    await elsewhere.close();
  });

  test(`a tab that crashes is missed by nobody: ${shareBy}`, async ({ context, drill, origin }) => {
    const open = () => visit(context, origin, drill.url, shareBy);
    const [first, second] = [await open(), await open()];
    await listen(first);
    await crash(second);
    await ticks(first, 10);
    expect(await work(first, 1)).toBe("1");
    expect(drill.total).toBe(1);
    // The worker and the page live on; that the connection ends says that the other tab is known to be gone.
    await first.evaluate(() => (window as unknown as Tab).session.close());
    await expect.poll(() => drill.open.size).toBe(0);
  });
}

for (const [how, answer] of Object.entries({
  "is missing": { status: 404 },
  "says nothing": { contentType: "text/javascript", body: "" },
})) {
  test(`where the file of the worker ${how} a tab leads`, async ({ context, drill, origin }) => {
    await context.route("**/share-worker.js", (route) => route.fulfill(answer));
    const open = () => visit(context, origin, drill.url, undefined);
    const [first, second] = [await open(), await open()];
    expect(await Promise.all([work(first, 1), work(second, 2)])).toEqual(["1", "2"]);
    expect(await key(first)).toBe(await key(second));
    expect(drill.total).toBe(1);
  });
}

const ends: Record<string, (leader: Page) => Promise<unknown>> = {
  crashes: crash,
  "is closed": (leader) => leader.close({ runBeforeUnload: false }),
  "goes elsewhere": (leader) => leader.goto("about:blank"),
  "closes its session": (leader) => leader.evaluate(() => (window as unknown as Tab).session.close()),
  "is frozen": (leader) => lives(leader, "freeze"),
};

for (const [how, end] of Object.entries(ends)) {
  test(`when the leader ${how} the next goes on: no event is lost or doubled, no send runs twice`, async ({
    context,
    drill,
    origin,
  }) => {
    const open = () => visit(context, origin, drill.url, "leader");
    const [leader, second, third] = [await open(), await open(), await open()];
    for (const page of [second, third]) await listen(page);
    await ticks(second, 10);
    for (const [index, page] of [second, third].entries()) await workOn(page, index * 10_000);
    await expect.poll(async () => (await drill.ran()).length).toBeGreaterThan(20);
    await end(leader);
    await expect.poll(() => drill.total).toBeGreaterThan(1);
    await expect.poll(() => drill.open.size).toBe(1);
    const length = (await heard(third)).length;
    for (const page of [second, third]) await ticks(page, length + 50);
    const done = [...(await stopWork(second)), ...(await stopWork(third))];

    for (const page of [second, third]) expect(holes(await heard(page))).toEqual([]);
    const ran = await drill.ran();
    expect(ran.length).toBe(new Set(ran).size);
    expect(done.filter(([number, result]) => result !== number && result !== "lost")).toEqual([]);
    const answered = done.filter(([, result]) => result !== "lost").map(([number]) => Number(number));
    expect(answered.filter((number) => !ran.includes(number))).toEqual([]);
    expect(answered.length).toBeGreaterThan(20);
    expect(await key(second)).toBe(await key(third));
  });
}

test("a frozen leader that wakes up joins again, and is told of a gap", async ({ context, drill, origin }) => {
  const open = () => visit(context, origin, drill.url, "leader");
  const [leader, second] = [await open(), await open()];
  for (const page of [leader, second]) await listen(page);
  await ticks(leader, 5);
  await lives(leader, "freeze");
  await expect.poll(() => drill.total).toBe(2);
  const length = (await heard(second)).length;
  await ticks(second, length + 10);
  await lives(leader, "resume");
  await leader.waitForFunction(() => (window as unknown as Tab).ticks.slice(-5).every(Number));
  await leader.waitForFunction(() => (window as unknown as Tab).ticks.includes("gap"));
  expect(await work(leader, 1)).toBe("1");
  expect(await key(leader)).toBe(await key(second));
  expect(holes(await heard(second))).toEqual([]);
  expect(drill.total).toBe(2);
});

/** A tab with an open session. */
async function visit(
  context: BrowserContext,
  origin: string,
  url: string,
  shareBy: share.ShareOptions["shareBy"],
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.evaluate(
    async ({ url, shareBy }) => {
      const file = "/share.js"; // known to the page alone
      const { connect } = (await import(file)) as typeof share;
      const session = await connect<Drill>(url, { share: "ada", ...(shareBy && { shareBy }) });
      Object.assign(window, { session, ticks: [], work: {} } satisfies Tab);
    },
    { url, shareBy },
  );
  return page;
}

/** Tells a page what a browser would, which freezes no page that it thinks is looked at. */
async function lives(page: Page, type: "freeze" | "resume"): Promise<void> {
  await page.evaluate((type) => document.dispatchEvent(new Event(type)), type);
}

async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { session, ticks } = window as unknown as Tab;
    session.on("tick", ({ number }) => ticks.push(number));
    session.onGap(() => ticks.push("gap"));
  });
}

/** Waits until a tab has heard so many ticks. */
async function ticks(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => (window as unknown as Tab).ticks.length >= count, count);
}

async function heard(page: Page): Promise<(number | "gap")[]> {
  return page.evaluate(() => (window as unknown as Tab).ticks);
}

/** Where a number does not follow the one before. */
function holes(ticks: (number | "gap")[]): unknown[] {
  return ticks.flatMap((tick, index) => {
    const before = ticks[index - 1];
    return index && tick !== Number(before) + 1 ? [[before, tick]] : [];
  });
}

/** What becomes of one send. */
async function work(page: Page, number: number): Promise<string> {
  return page.evaluate(async (number) => {
    const sent = (window as unknown as Tab).session.send("work", { number, padding: "" });
    return sent.then((reply) => `${reply.number}`, ({ code }: share.GatewireError) => code);
  }, number);
}

/** Sends one after the other, several at a time, until `stopWork`. */
async function workOn(page: Page, from: number): Promise<void> {
  await page.evaluate((from) => {
    const { session, work } = window as unknown as Tab;
    let number = from;
    const next = async (): Promise<void> => {
      const own = ++number;
      work[own] = "waits";
      const sent = session.send("work", { number: own, padding: "" });
      work[own] = await sent.then((reply) => `${reply.number}`, ({ code }: share.GatewireError) => code);
      if (!("stopped" in window)) return next();
    };
    Object.assign(window, { working: Promise.all([next(), next(), next()]) });
  }, from);
}

/** What became of each, by number. */
async function stopWork(page: Page): Promise<[string, string][]> {
  return page.evaluate(async () => {
    Object.assign(window, { stopped: true });
    await (window as unknown as { working: Promise<void> }).working;
    return Object.entries((window as unknown as Tab).work);
  });
}

/** Ends the process of the tab. */
async function crash(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => {}); // nobody is left to answer
  await crashed;
}

async function key(page: Page): Promise<string> {
  return page.evaluate(() => (window as unknown as Tab).session.key);
}
