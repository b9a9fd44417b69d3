import { chat } from "@gatewire/chat";
import { connect, init } from "gatewire/slim";
import wasm from "gatewire/gatewire.wasm?url";
import { trip, visit } from "../trip";

export async function slimTrip(): Promise<string> {
  const { server, token, room } = visit(location.href);
  await init(wasm);
  return trip(await connect(chat, server, { token }), `${room}-slim`);
}
