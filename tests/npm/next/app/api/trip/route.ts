import { chat } from "@gatewire/chat";
import { connect } from "gatewire";
import { WebSocket } from "ws";
import { trip, visit } from "../../../trip";

/** The same round trip from the server's side. */
export async function GET(request: Request): Promise<Response> {
  const { server, token, room } = visit(request.url);
  const session = await connect(chat, server, { token, WebSocket });
  return new Response(await trip(session, `${room}-api`));
}
