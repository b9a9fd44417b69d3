import { chat } from "./node_modules/@gatewire/chat/chat.js";
import { connect } from "./node_modules/gatewire/dist/index.js";
import * as slim from "./node_modules/gatewire/dist/slim.js";
import { trip, visit } from "./trip.js";

const { server, token, room } = visit(location.href);
const output = document.querySelector("output");
try {
  const first = await trip(await connect(chat, server, { token }), room);
  await slim.init(new URL("node_modules/gatewire/dist/gatewire.wasm", location.href));
  const second = await trip(await slim.connect(chat, server, { token }), `${room}-slim`);
  output.textContent = `${first}; ${second}`;
} catch (error) {
  output.textContent = String(error);
}
