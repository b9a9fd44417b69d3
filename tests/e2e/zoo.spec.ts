// The contract with everything in it, from a page without any build step: plain modules, a real
// server, and back.

import { test as base, expect, type Page } from "@playwright/test";
import type { Animals, Feed, Ledger, ZooActions, ZooEvents } from "@gatewire/zoo";
import type * as gatewire from "gatewire";
import { serveFiles } from "./files";
import { program, Server } from "./process";

const FILES: Record<string, string> = {
  "/gatewire.js": "client/npm/dist/index.js",
  "/zoo.js": "tests/zoo/contract/zoo.js",
};

type Zoo = { actions: ZooActions; events: ZooEvents };

/** What the page has at hand, once it has loaded. */
interface Modules {
  gatewire: typeof gatewire;
  zoo: gatewire.Contract<Zoo>;
}

const test = base.extend<{ zoo: { url: string; page: Page } }>({
  zoo: async ({ page }, use) => {
    const server = await Server.start(program("zoo-server", "ZOO_SERVER"));
    const files = await serveFiles(FILES);
    await page.goto(files.origin);
    await page.evaluate(async (files) => {
      const [gatewire, { zoo }] = await Promise.all(files.map((file) => import(file)));
      Object.assign(window, { gatewire, zoo });
    }, Object.keys(FILES));
    await use({ url: `ws://127.0.0.1:${server.port}/ws`, page });
    files.close();
    await server.end("SIGKILL");
  },
});

const ordinary: Animals = {
  isOpen: true,
  tiny: -7,
  large: 42,
  deep: -42,
  whole: -9223372036854775808n,
  huge: 18446744073709551615n,
  born: Date.UTC(2026, 10, 22),
  picture: "3q2+7w==",
  weight: 12.5,
  name: "Küche & Bad \u0000 \"\\ 🦊",
  letter: "é",
  nothing: null,
  type: "song-bird",
  nickname: "Fox",
  remark: "shy",
  count: 3,
  keeper: { name: "Ada", shifts: ["early", "late"] },
  paths: [[[0, 0], [0.5, -1]], []],
  ages: { fox: 3, owl: 12 },
  cages: { a: ["fox"], b: [] },
  pair: ["two", -2],
  tag: "tagged",
  external: { Eating: { food: "berries" } },
  internal: { how: "byTrain", number: 7 },
  adjacent: { t: "Cage", c: 9 },
  untagged: "by name",
};

const extreme: Animals = {
  ...ordinary,
  isOpen: false,
  tiny: -128,
  large: Number.MAX_SAFE_INTEGER,
  deep: -Number.MAX_SAFE_INTEGER,
  whole: 9223372036854775807n,
  huge: 0n,
  born: 8.64e15,
  picture: "",
  weight: 1.7976931348623157e308,
  name: "",
  letter: "🦊",
  type: "mammal",
  nickname: null,
  count: 4_294_967_295,
  keeper: { name: "", shifts: [] },
  paths: [],
  ages: {},
  cages: {},
  external: "Asleep",
  internal: { how: "onFoot" },
  adjacent: { t: "Nowhere" },
  untagged: 65_535,
};

for (const [name, animals] of Object.entries({
  ordinary,
  extreme,
  walking: { ...ordinary, external: { Walking: 5e-324 }, weight: -0.1 },
  between: { ...ordinary, external: { Between: ["here", "there"] as [string, string] } },
})) {
  test(`everything goes to the server and comes back unchanged: ${name}`, async ({ zoo }) => {
    const { reply, seen } = await zoo.page.evaluate(
      async ({ url, animals }) => {
        const { gatewire, zoo } = window as unknown as Modules;
        const session = await gatewire.connect(zoo, url);
        const seen = new Promise<Animals>((resolve) => {
          session.on("seen", ({ animals }) => resolve(animals));
        });
        const reply = await session.send("mirror", animals);
        return { reply, seen: await seen };
      },
      { url: zoo.url, animals },
    );
    expect(reply).toEqual(animals);
    expect(seen).toEqual(animals);
  });
}

const empty: Ledger = {
  cents: 0n,
  entries: [],
  limit: null,
  accounts: {},
  range: [-1n, 255, 1n],
  external: [],
  internal: [],
  adjacent: [],
  untagged: [],
  next: null,
};

const full: Ledger = {
  cents: 9223372036854775807n,
  entries: [-9223372036854775808n, 0n, 9007199254740993n],
  limit: 18446744073709551615n,
  reserve: -9007199254740993n,
  accounts: { main: [1n, null], constructor: [2n], "": [-1n] },
  range: [-9223372036854775808n, 0, 18446744073709551615n],
  external: ["None", { Cash: 5n }, { Split: [-5n, 6n] }, { Card: { cents: 7n } }],
  internal: [{ kind: "Open", cents: 8n }, { kind: "Noted", cents: "8" }],
  adjacent: [{ t: "Yearly", c: 9n }, { t: "Once", c: { cents: -9n } }],
  // Of the second, the first variant fits until a member is missing: its text stays a text.
  untagged: [{ cents: 10n, agreed: true }, { cents: "10" }, 11n],
  next: { ...empty, cents: -1n },
};

for (const [validate, options] of Object.entries<gatewire.Options>({
  both: {},
  out: { validate: "out" },
  off: { validate: "off" },
})) {
  test(`integers of 64 bits are bigints wherever they are: ${validate}`, async ({ zoo }) => {
    const { reply, seen, count, counted } = await zoo.page.evaluate(
      async ({ url, ledger, options }) => {
        const { gatewire, zoo } = window as unknown as Modules;
        const session = await gatewire.connect(zoo, url, options);
        const seen = new Promise<Ledger>((resolve) => {
          session.on("balanced", ({ ledger }) => resolve(ledger));
        });
        const counted = new Promise<bigint>((resolve) => void session.on("counted", resolve));
        const reply = await session.send("balance", ledger);
        const count = await session.send("count", 18446744073709551615n);
        return { reply, seen: await seen, count, counted: await counted };
      },
      { url: zoo.url, ledger: full, options },
    );
    expect(reply).toEqual(full);
    expect(seen).toEqual(full);
    expect([count, counted]).toEqual([18446744073709551615n, 18446744073709551615n]);
  });
}

test("both ends refuse an integer of more than 64 bits with the same words", async ({ zoo }) => {
  const refusals = await zoo.page.evaluate(
    async ({ url, ledger }) => {
      const { gatewire, zoo } = window as unknown as Modules;
      const refusal = async (options: gatewire.Options): Promise<string> => {
        const session = await gatewire.connect(zoo, url, options);
        const sent = session.send("balance", { ...ledger, entries: [0n, 2n ** 63n] });
        return sent.then(() => "accepted", String);
      };
      return { client: await refusal({}), server: await refusal({ validate: "off" }) };
    },
    { url: zoo.url, ledger: empty },
  );
  expect(refusals.client).toBe("GatewireError: balance.entries[1]: more than 9223372036854775807");
  expect(refusals.server).toBe(refusals.client);
});

const good: Feed = { food: "berries", amount: 1.5, times: 2, label: "fox01", names: ["fox"] };

for (const [path, bad] of Object.entries<Partial<Record<keyof Feed, unknown>>>({
  "feed.food": { food: "x" },
  "feed.food ": { food: "x".repeat(21) },
  "feed.amount": { amount: 0.25 },
  "feed.amount ": { amount: 50.5 },
  "feed.times": { times: 0 },
  "feed.times ": { times: 7 },
  "feed.label": { label: "Fox01" },
  "feed.label ": { label: "fox1" },
  "feed.names": { names: [] },
  "feed.names[1]": { names: ["fox", 7] },
})) {
  test(`both ends refuse ${path.trim()} with the same words: ${JSON.stringify(bad).slice(0, 40)}`, async ({ zoo }) => {
    const refusals = await zoo.page.evaluate(
      async ({ url, feed }) => {
        const { gatewire, zoo } = window as unknown as Modules;
        const refusal = async (options: gatewire.Options): Promise<string> => {
          const session = await gatewire.connect(zoo, url, options);
          const sent = session.send("feed", feed as Feed);
          return sent.then(
            () => "accepted",
            ({ code, message }: gatewire.GatewireError) => `${code}: ${message}`,
          );
        };
        return { client: await refusal({}), server: await refusal({ validate: "off" }) };
      },
      { url: zoo.url, feed: { ...good, ...bad } },
    );
    expect(refusals.client).toContain("invalid: ");
    expect(refusals.client).toContain(`${path.trim()}: `);
    expect(refusals.server).toBe(refusals.client);
  });
}

test("what keeps to its constraints is accepted", async ({ zoo }) => {
  const fed = await zoo.page.evaluate(
    async ({ url, feed }) => {
      const { gatewire, zoo } = window as unknown as Modules;
      return (await gatewire.connect(zoo, url)).send("feed", feed);
    },
    { url: zoo.url, feed: good },
  );
  expect(fed).toEqual({ animals: 1 });
});
