// Node 20 has no WebSocket of its own; the package `ws` has one.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chat } from "@gatewire/chat";
import { connect } from "gatewire";
import * as core from "gatewire/core";
import * as slim from "gatewire/slim";
import { WebSocket } from "ws";
import { trip, visit } from "./trip.js";

const { server, token, room } = visit(String(process.argv[2]));
console.log(await trip(await connect(chat, server, { token, WebSocket }), room));
console.log(await trip(await core.connect(chat, server, { token, WebSocket }), `${room}-core`));

await slim.init(await readFile(fileURLToPath(import.meta.resolve("gatewire/gatewire.wasm"))));
console.log(await trip(await slim.connect(chat, server, { token, WebSocket }), `${room}-slim`));
