/** The entry that is told where its wasm is. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { openPage } from "./fake-socket.js";

const path = fileURLToPath(import.meta.resolve("gatewire/gatewire.wasm"));
const wasm = await readFile(path);

/** The entry as at its first import. */
let imports = 0;
const fresh = () => import(`${import.meta.resolve("gatewire/slim")}?${imports++}`);

const served = (body, status = 200) => new Response(body, { status, headers: { "content-type": "text/plain" } });

const sources = {
  "its bytes": () => wasm,
  "a compiled module": () => new WebAssembly.Module(wasm),
  "a response, whatever its type": () => served(wasm),
  "a promise of a response": async () => served(wasm),
  "a URL": () => new URL(`data:application/wasm;base64,${wasm.toString("base64")}`),
};

for (const [name, source] of Object.entries(sources)) {
  test(`a session opens after init with ${name}`, async (t) => {
    const page = openPage(t);
    const { connect, init } = await fresh();
    await init(source());
    const connecting = connect("wss://chat.test/ws", page.options);
    await page.settle();
    page.sockets[0].welcome();
    const session = await connecting;
    assert.equal(session.state, "open");
    session.close();
  });
}

test("before init it says what is missing", async (t) => {
  const page = openPage(t);
  const { connect, createSession } = await fresh();
  assert.throws(() => createSession("wss://chat.test/ws", page.options), /call init with gatewire.wasm/);
  await assert.rejects(connect("wss://chat.test/ws", page.options), /call init with gatewire.wasm/);
});

test("init may be called again after it failed", async (t) => {
  const page = openPage(t);
  const { createSession, init } = await fresh();
  await assert.rejects(init(served("not here", 404)), /could not be loaded: status 404/);
  await assert.rejects(init(served("<!doctype html>")), WebAssembly.CompileError);
  await init(wasm);
  createSession("wss://chat.test/ws", page.options).close();
});
