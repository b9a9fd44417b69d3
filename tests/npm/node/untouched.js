// A page that is rendered on a server imports the package there and uses nothing of it: that touches no global.
import assert from "node:assert/strict";

const connection = ["WebSocket", "WebAssembly", "crypto", "fetch", "performance", "setTimeout"];
const page = ["document", "window", "self", "navigator", "location", "localStorage", "addEventListener"];
const touched = [];
for (const name of [...connection, ...page]) {
  Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) });
}

const { connect, createSession } = await import("gatewire");
const core = await import("gatewire/core");
const { init } = await import("gatewire/slim");
for (const create of [createSession, core.createSession]) create("wss://chat.test/ws", { connect: false });
assert.deepEqual(touched, []);

await assert.rejects(connect("wss://chat.test/ws"), TypeError);
await assert.rejects(init("gatewire.wasm"), TypeError);
assert.ok(touched.includes("WebAssembly"), "connecting is what touches them");
console.log("untouched");
