import { chat } from "@gatewire/chat";
import { createSession } from "gatewire";
import { tapped, type Frame } from "./tap";

/** The page's session with the chat server. */
export type ChatSession = ReturnType<typeof openSession>;

/** Opens a session in somebody's name; each frame that passes is shown to `look`. */
export function openSession(name: string, look: (frame: Frame) => void) {
  return createSession(chat, socketAddress(location), {
    token: () => fetchToken(name),
    WebSocket: tapped(look),
  });
}

/** A token for this name. The session asks before each attempt to connect. */
async function fetchToken(name: string): Promise<string> {
  const response = await fetch("/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  return token;
}

function socketAddress({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws`;
}
