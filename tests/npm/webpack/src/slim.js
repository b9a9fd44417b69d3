import { chat } from "@gatewire/chat";
import { connect, init } from "gatewire/slim";
import { trip, visit } from "../trip.js";

export async function slimTrip() {
  const { server, token, room } = visit(location.href);
  await init(new URL("gatewire/gatewire.wasm", import.meta.url));
  return trip(await connect(chat, server, { token }), `${room}-slim`);
}
