/**
 * Packs the npm package, installs it in projects as people have them, and makes a round trip to a real server
 * from each.
 *
 *     node tests/npm/run.mjs [--all]
 *
 * Without `--all` it leaves out the projects that take long. It needs the built package (`./dev build`), the
 * chat server (`CHAT_SERVER`, else the one cargo built) and Chromium (`CHROMIUM`, else Debian's).
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, visit } from "./harness/browser.mjs";
import { startChat } from "./harness/chat.mjs";
import { check, install, lint, pack } from "./harness/package.mjs";
import { run, start } from "./harness/process.mjs";
import { serve, STRICT } from "./harness/serve.mjs";

const skip = process.argv.includes("--all") ? false : "takes long: node tests/npm/run.mjs --all";

let packages, chat, browser;
before(async () => {
  // One after the other: whatever has started is ended, also when the next one cannot start.
  chat = await startChat();
  packages = await pack();
  browser = await openBrowser();
});
after(() => Promise.all([packages?.remove(), chat?.end(), browser?.close()]));

test("publint and attw find nothing", () => lint(packages.gatewire));

test("a plain page, under a Content-Security-Policy without eval", async (t) => {
  const folder = await install(t, "plain", packages);
  const page = await open(await serve(t, folder), "plain");
  assert.deepEqual(page, both("plain"));
});

test("without 'wasm-unsafe-eval' the browser refuses, and connect says so", async (t) => {
  const folder = await install(t, "plain", packages);
  const { text, sockets } = await open(await serve(t, folder, STRICT.replace(" 'wasm-unsafe-eval'", "")), "refused");
  assert.match(text, /^CompileError: .*'unsafe-eval'/);
  assert.equal(sockets, 0);
});

test("a module worker", async (t) => {
  const folder = await install(t, "worker", packages);
  const page = await open(await serve(t, folder), "worker");
  assert.deepEqual([page.text, page.complaints], [one("worker"), []]);
});

test("Node: import, require, and an import that touches nothing", async (t) => {
  const folder = await install(t, "node", packages);
  await check(folder);
  const printed = [one("import"), one("import-core").replace("same", "unknown"), one("import-slim")];
  assert.equal(await run("import.js", [await address("trip:", "import")], folder), `${printed.join("\n")}\n`);
  assert.equal(await run("require.cjs", [await address("trip:", "require")], folder), `${one("require")}\nrefused\n`);
  assert.equal(await run("untouched.js", [], folder), "untouched\n");
});

test("Vite 8: a build with React 19", async (t) => {
  const folder = await install(t, "vite", packages);
  await check(folder);
  await run("node_modules/vite/bin/vite.js", ["build"], folder);
  assert.equal((await readdir(join(folder, "dist/assets"))).filter((name) => name.endsWith(".wasm")).length, 1);
  assert.deepEqual(await open(await serve(t, join(folder, "dist")), "vite"), both("vite"));
});

test("Vite 8: the server for development, with React 19 in StrictMode", { skip }, async (t) => {
  const folder = await install(t, "vite", packages);
  const listen = ["--host", "127.0.0.1", "--port", "0"];
  const vite = start(t, "node_modules/vite/bin/vite.js", listen, folder, { NO_COLOR: "1" });
  const [, url] = await vite.prints(/(http:\/\/127\.0\.0\.1:\d+\/)/);
  assert.deepEqual(await open(url, "vite-dev"), both("vite-dev"));
});

for (const mode of ["production", "development"]) {
  test(`webpack 5 for ${mode}, with React 18 in StrictMode`, { skip }, async (t) => {
    const folder = await install(t, "webpack", packages);
    await check(folder);
    await run("build.js", [mode], folder);
    assert.deepEqual(await open(await serve(t, folder), `webpack-${mode}`), both(`webpack-${mode}`));
  });
}

for (const bundler of ["turbopack", "webpack"]) {
  test(`Next 16 by ${bundler}: the page from the server, the session in the browser`, { skip }, async (t) => {
    const folder = await install(t, "next", packages);
    const next = "node_modules/next/dist/bin/next";
    const environment = { NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    await run(next, ["build", `--${bundler}`], folder, environment);
    const server = start(t, next, ["start", "--hostname", "127.0.0.1", "--port", "0"], folder, environment);
    const [, url] = await server.prints(/(http:\/\/127\.0\.0\.1:[1-9]\d*)/);
    assert.match(await read(await address(url, bundler)), /data-state="idle"/);
    assert.deepEqual(await open(url, bundler), { text: one(bundler), sockets: 1, complaints: [] });
    assert.equal(await read(await address(`${url}/api/trip`, bundler)), one(`${bundler}-api`));
    assert.doesNotMatch(server.printed(), /error/i);
  });
}

/** The address of a page, with what it has to know to make a round trip in a room of its own. */
async function address(page, room) {
  return `${page}?${new URLSearchParams({ server: chat.url, token: await chat.token("Ada"), room })}`;
}

async function open(page, room) {
  return visit(browser, await address(page, room));
}

async function read(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  return response.text();
}

/** What a round trip says. */
function one(room) {
  return `${room}: hello 1, contract same`;
}

/** What a page shows after a round trip with the default entry and one with the slim entry. */
function both(room) {
  return { text: `${one(room)}; ${one(`${room}-slim`)}`, sockets: 2, complaints: [] };
}
