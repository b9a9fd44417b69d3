// What happens to pages: networks that come and go, history, sleep.
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

test("a page that goes offline asks whether the server is still there", async ({ context, visited, sockets }) => {
  const asked = ping(sockets[0]!);
  await context.setOffline(true);
  await asked;
  await context.setOffline(false);
  expect(await visited.evaluate(() => window.feed())).toEqual({ animals: 1 });
  expect(sockets).toHaveLength(1);
});

for (const event of ["online", "pageshow", "resume"]) {
  test(`a page that hears "${event}" asks whether the server is still there`, async ({ visited, sockets }) => {
    const asked = ping(sockets[0]!);
    await visited.evaluate((event) => void window.dispatchEvent(new Event(event)), event);
    await asked;
    expect(await visited.evaluate(() => window.feed())).toEqual({ animals: 1 });
    expect(sockets).toHaveLength(1);
  });
}

test("a clock that has jumped is a reason to ask", async ({ visited, sockets }) => {
  const asked = ping(sockets[0]!);
  // As after sleep: wall-clock time has passed, and the page's own clock has stood still.
  await visited.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 3_600_000;
    return window.feed();
  });
  await asked;
  expect(sockets).toHaveLength(1);
});

// Chromium freezes the page in there, and thaws it: both events come with this one.
test("a page in the back/forward cache comes back to the same session", async ({ server, files }) => {
  const browser = await launchWithCache();
  const page = await browser.newPage();
  await visit(page, server, files);
  const key = await page.evaluate(() => window.session.key);
  await page.goto(`${files.origin}elsewhere`);
  await page.goBack({ waitUntil: "commit" }); // it does not load, so nothing else comes
  // A page that was loaded anew would have no session here.
  expect(await page.evaluate(() => window.session?.key)).toBe(key);
  await page.waitForFunction(() => window.session.state === "open");
  expect(await page.evaluate(() => window.feed())).toEqual({ animals: 1 });
  expect(await page.evaluate(() => window.session.resumed)).toBe(true);
  await browser.close();
});

/** The browser of the other tests, with the cache that its automation switches off. */
async function launchWithCache(): Promise<Browser> {
  return chromium.launch({
    ...base.info().project.use.launchOptions,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}
