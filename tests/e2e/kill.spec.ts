import type { Page } from "@playwright/test";
import { expect, shown, stored, test, visit } from "./fixtures";

const MESSAGES = 500;
const KILLS = 6;

test(`${MESSAGES} messages arrive once and in order although the server is killed ${KILLS} times`, async ({
  browser,
  server,
}) => {
  const sender = await visit(browser, server, "Ada", "lobby");
  const reader = await visit(browser, server, "Bob", "lobby");
  await expect(reader.getByTestId("member")).toHaveText([/Ada/, /Bob/]);

  for (let kill = 1; kill <= KILLS; kill++) {
    await isOpen(sender);
    await sendUpTo(sender, Math.floor((MESSAGES * kill) / KILLS));
    // The moment is random on purpose: before, while or after the messages reach the disk.
    const moment = Math.random() * 300;
    console.log(`kill ${kill} comes ${moment.toFixed(0)} ms after the messages of its round`);
    await sender.waitForTimeout(moment);
    expect(await server.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
    await server.startAgain();
  }

  expect(await answers(sender)).toEqual(range(MESSAGES));
  const expected = range(MESSAGES).map((number) => ({ number, text: `message ${number}` }));
  await expect(reader.getByTestId("message")).toHaveCount(MESSAGES);
  expect(await shown(reader)).toEqual(expected);
  const history = await stored(reader, "lobby");
  expect(history.map(({ number, text }) => ({ number, text }))).toEqual(expected);
});

test("SIGTERM tells every page, loses nothing and ends with exit code 0", async ({ browser, server }) => {
  const sender = await visit(browser, server, "Ada", "lobby");
  const reader = await visit(browser, server, "Bob", "lobby");
  await expect(reader.getByTestId("member")).toHaveText([/Ada/, /Bob/]);
  await sender.evaluate(() => {
    const closings: number[] = [];
    window.chat!.session.onState(({ code }) => code !== undefined && closings.push(code));
    Object.assign(window, { closings });
  });
  await sendUpTo(sender, 100);

  const begin = Date.now();
  expect(await server.end("SIGTERM")).toEqual({ code: 0, signal: null });
  // Not a benchmark: supervisors send SIGKILL after a while, so the bound is what is promised.
  expect(Date.now() - begin).toBeLessThan(5_000);
  await server.startAgain();

  expect(await answers(sender)).toEqual(range(100));
  await expect(reader.getByTestId("message")).toHaveCount(100);
  expect((await shown(reader)).map(({ text }) => text)).toEqual(range(100).map((n) => `message ${n}`));
  const closings = await sender.evaluate(() => (window as unknown as { closings: number[] }).closings);
  expect(closings.length).toBeGreaterThan(0);
  expect(closings).not.toContain(1006);
});

/** The page's own record of what it sent. */
interface Sending {
  sending?: Promise<number>[];
}

/** Sends the next messages, up to this number, without waiting for any answer. */
async function sendUpTo(page: Page, last: number): Promise<void> {
  await page.evaluate((last) => {
    const { sending = ((window as Sending).sending = []) } = window as Sending;
    while (sending.length < last) {
      const text = `message ${sending.length + 1}`;
      const sent = window.chat!.session.send("sendMessage", { room: "lobby", text });
      sending.push(sent.then(({ number }) => number));
    }
  }, last);
}

/** The number each message was given, in the order they were sent. */
async function answers(page: Page): Promise<number[]> {
  return page.evaluate(() => Promise.all((window as Sending).sending ?? []));
}

async function isOpen(page: Page): Promise<void> {
  await page.waitForFunction(() => window.chat?.session.state === "open");
}

function range(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
