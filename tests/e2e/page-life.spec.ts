// What happens to pages: networks that come and go, tabs that are frozen, history, sleep.
//
// The server asks for a ping after 25 s of silence, so a ping that comes sooner is one that doubts.

import { type Browser, chromium, expect, type Page, test as base, type WebSocket } from "@playwright/test";
import type { ZooActions, ZooEvents } from "@gatewire/zoo";
import type * as gatewire from "gatewire";
import { type Files, serveFiles } from "./files";
import { program, Server } from "./process";

type Zoo = { actions: ZooActions; events: ZooEvents };

const FILES = { "/gatewire.js": "client/npm/dist/index.js", "/zoo.js": "tests/zoo/contract/zoo.js" };

declare global {
  interface Window {
    session: gatewire.Session<Zoo>;
    feed(): Promise<unknown>;
  }
}

const test = base.extend<{ server: Server; files: Files; sockets: WebSocket[]; visited: Page }>({
  server: async ({}, use) => {
    const server = await Server.start(program("zoo-server", "ZOO_SERVER"));
    await use(server);
    await server.end("SIGKILL");
  },
  files: async ({}, use) => {
    const files = await serveFiles(FILES);
    await use(files);
    files.close();
  },
  /** Every socket that the page has opened. */
  sockets: async ({ page }, use) => {
    const sockets: WebSocket[] = [];
    page.on("websocket", (socket) => sockets.push(socket));
    await use(sockets);
  },
  /** A page with an open session. */
  visited: async ({ page, server, files, sockets: _ }, use) => {
    await visit(page, server, files);
    await use(page);
  },
});

async function visit(page: Page, server: Server, files: Files): Promise<void> {
  await page.goto(files.origin);
  await page.evaluate(async (url) => {
    const library: typeof gatewire = await import("/gatewire.js" as string);
    const { zoo }: { zoo: gatewire.Contract<Zoo> } = await import("/zoo.js" as string);
    window.session = await library.connect(zoo, url);
    window.feed = () =>
      window.session.send("feed", { food: "berries", amount: 1.5, times: 2, label: "fox01", names: ["fox"] });
  }, `ws://127.0.0.1:${server.port}/ws`);
}

/** The next ping on this socket. */
function ping(socket: WebSocket): Promise<unknown> {
  return socket.waitForEvent("framesent", ({ payload }) => String(payload).startsWith('{"ping":'));
}

for (const offline of [true, false]) {
  test(`a page that goes ${offline ? "offline" : "online"} asks whether the server is still there`, async ({
    context,
    visited,
    sockets,
  }) => {
    if (!offline) {
      const doubted = ping(sockets[0]!);
      await context.setOffline(true);
      await doubted;
    }
    const asked = ping(sockets[0]!);
    await context.setOffline(offline);
    await asked;
    await context.setOffline(false);
    expect(await visited.evaluate(() => window.feed())).toEqual({ animals: 1 });
    expect(sockets).toHaveLength(1);
  });
}

test("a frozen page gives up its socket and comes back to the same session", async ({ context, visited, sockets }) => {
  const developer = await context.newCDPSession(visited);
  const key = await visited.evaluate(() => window.session.key);
  const closed = sockets[0]!.waitForEvent("close");
  await developer.send("Page.setWebLifecycleState", { state: "frozen" });
  await closed;
  await developer.send("Page.setWebLifecycleState", { state: "active" });
  await visited.waitForFunction(() => window.session.state === "open");
  expect(await visited.evaluate(() => window.feed())).toEqual({ animals: 1 });
  expect(await visited.evaluate(() => ({ key: window.session.key, resumed: window.session.resumed }))).toEqual({
    key,
    resumed: true,
  });
});

test("a clock that has jumped is a reason to ask", async ({ visited, sockets }) => {
  const asked = ping(sockets[0]!);
  // As after sleep: wall-clock time has passed, and the page's own clock has stood still.
  await visited.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 3_600_000;
    // A timer is armed with the next action, and finds out when it fires.
    return window.feed();
  });
  await asked;
  expect(sockets).toHaveLength(1);
});

test("a page in the back/forward cache comes back to the same session", async ({ server, files }) => {
  const browser = await launchWithCache();
  const page = await browser.newPage();
  await visit(page, server, files);
  const key = await page.evaluate(() => window.session.key);
  await page.goto(`${files.origin}elsewhere`);
  await page.goBack();
  // A page that was loaded anew would have no session here.
  expect(await page.evaluate(() => window.session?.key)).toBe(key);
  await page.waitForFunction(() => window.session.state === "open");
  expect(await page.evaluate(() => window.feed())).toEqual({ animals: 1 });
  expect(await page.evaluate(() => window.session.resumed)).toBe(true);
  await browser.close();
});

test("a page that is left for good ends its session", async ({ visited, sockets, files }) => {
  const closed = sockets[0]!.waitForEvent("close");
  await visited.goto(`${files.origin}elsewhere`);
  await closed;
});

/** The browser of the other tests, with the cache that its automation switches off. */
async function launchWithCache(): Promise<Browser> {
  return chromium.launch({
    ...base.info().project.use.launchOptions,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}
