// What every story has: a server of its own, and people who open the page.

import { type Browser, type Page, test as base } from "@playwright/test";
import type { ChatActions, ChatEvents, Message } from "@gatewire/chat";
import type { Session } from "gatewire";
import { ChatServer } from "./chat-server";

declare global {
  interface Window {
    /** The page's handle for the console. */
    chat?: { session: Session<{ actions: ChatActions; events: ChatEvents }> };
  }
}

export { expect } from "@playwright/test";

/** A test with a server that ends with it. */
export const test = base.extend<{ server: ChatServer }>({
  server: async ({}, use) => {
    const server = await ChatServer.start();
    await use(server);
    await server.remove();
  },
});

/** Opens the page as this person, in a browser profile of their own. */
export async function visit(
  browser: Browser,
  server: ChatServer,
  name: string,
  room: string,
): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}/?${new URLSearchParams({ room, name }).toString()}`);
  return page;
}

/** The messages a page shows, from top to bottom. */
export async function shown(page: Page): Promise<{ number: number; text: string }[]> {
  return page.getByTestId("message").evaluateAll((messages) =>
    messages.map((message) => ({
      number: Number((message as HTMLElement).dataset["number"]),
      text: message.querySelector(".text")?.textContent ?? "",
    })),
  );
}

/** The whole history of a room as the server has it, asked page by page. */
export async function stored(page: Page, room: string): Promise<Message[]> {
  return page.evaluate(async (room) => {
    const messages: Message[] = [];
    for (let more = true; more; ) {
      const after = messages.at(-1)?.number ?? 0;
      const answer = await window.chat!.session.send("history", { room, after });
      messages.push(...answer.messages);
      more = answer.more;
    }
    return messages;
  }, room);
}
