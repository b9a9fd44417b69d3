// Chromium, and what its pages say.

import { chromium } from "@playwright/test";

/** Debian's Chromium, or the one named in `CHROMIUM`. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
  });
}

/** Opens a page and waits until its `<output>` is filled. Returns that text, and how many sockets it took. */
export async function visit(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  let sockets = 0;
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const aboutIcon = message.location().url.endsWith("/favicon.ico"); // which no project has
    if (message.type() === "error" && !aboutIcon) complaints.push(message.text());
  });
  page.on("websocket", (socket) => {
    if (socket.url().endsWith("/ws")) sockets++;
  });
  try {
    await page.goto(url);
    const output = page.locator("output");
    await output.filter({ hasText: /./ }).waitFor({ timeout: 60_000 });
    return { text: await output.textContent(), sockets, complaints };
  } catch (error) {
    throw new Error(`${url} shows nothing; its console:\n${complaints.join("\n")}`, { cause: error });
  } finally {
    await page.close();
  }
}
