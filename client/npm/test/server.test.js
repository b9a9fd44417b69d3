/** What a server that renders a page sees of the package: a session that has not connected touches nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { openPage } from "./fake-socket.js";
import * as core from "gatewire/core";
import * as whole from "gatewire";

for (const entry of ["gatewire", "gatewire/core"]) {
  test(`${entry} is imported and makes a session where there is nothing`, async () => {
    const { outputFiles } = await build({
      stdin: { contents: `export * from ${JSON.stringify(entry)}`, resolveDir: import.meta.dirname },
      bundle: true,
      format: "iife",
      globalName: "entry",
      write: false,
    });
    // A context has what the language has and nothing else: not even these are to be touched.
    const touched = (name) => ({ get: () => assert.fail(`${name} was touched`) });
    const names = ["crypto", "performance", "WebAssembly", "WebSocket", "TextEncoder", "AbortController", "setTimeout"];
    const context = Object.create(null, Object.fromEntries(names.map((name) => [name, touched(name)])));
    const state = runInNewContext(
      `${outputFiles[0].text}
      const session = entry.createSession("wss://chat.test/ws", { connect: false });
      session.on("message", () => {});
      session.onState(() => {});
      session.state`,
      context,
    );
    assert.equal(state, "idle");
  });
}

for (const [name, { createSession }] of Object.entries({ gatewire: whole, "gatewire/core": core })) {
  test(`${name}: connect() or the first send begins`, async (t) => {
    const page = openPage(t);
    const lazy = () => createSession("wss://chat.test/ws", { ...page.options, connect: false });
    const [first, second, third] = [lazy(), lazy(), lazy()];
    await page.settle();
    assert.equal(page.sockets.length, 0);
    first.connect();
    first.connect();
    const reply = second.send("typing", {});
    await page.settle();
    assert.equal(page.sockets.length, 2);
    page.sockets[1].welcome();
    page.sockets[1].say({ id: 1, data: 1 });
    assert.equal(await reply, 1);
    third.close();
    third.connect();
    await assert.rejects(third.ready, { code: "closed" });
    assert.equal(page.sockets.length, 2);
  });
}

test("connect() ends the wait for the next attempt", async (t) => {
  const page = openPage(t);
  const { session } = await page.open();
  for (let attempt = 0; attempt < 6; attempt += 1) await page.lose();
  page.sockets.at(-1).end(1006);
  const { length } = page.sockets;
  session.connect();
  await page.settle();
  assert.equal(page.sockets.length, length + 1);
});
