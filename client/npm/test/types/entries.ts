// The entries beside the default one.
import { createSession as createCore } from "gatewire/core";
import { useEvent, useSession, useSessionState } from "gatewire/react";
import * as share from "gatewire/share";
import { connect, createSession, GatewireError, init, type Session, type State } from "gatewire/slim";
import { chat, type ChatActions, type ChatEvents } from "./chat.js";

await init(new URL("https://cdn.acme.dev/gatewire.wasm"));
await init(fetch("/gatewire.wasm"));
await init(new Uint8Array(8));
const slim = await connect(chat, "wss://chat.acme.dev/ws");
const { id } = await slim.send("sendMessage", { room: "lobby", text: "hi" });
console.log(id.toFixed(), GatewireError.name);

// A shared session is a session, and says with whom it is shared.
const shared: Session<{ actions: ChatActions; events: ChatEvents }> = await share.connect(
  chat,
  "wss://chat.acme.dev/ws",
  { share: "ada", shareBy: "leader", token: async () => "t" },
);
share.createSession<{ actions: ChatActions; events: ChatEvents }>("/ws", { share: undefined, connect: false });
shared.on("message", ({ from }) => console.log(from.length));
// @ts-expect-error whose session is it?
share.createSession(chat, "wss://chat.acme.dev/ws");
// @ts-expect-error the id of a shared session is the tabs' own business
share.createSession(chat, "wss://chat.acme.dev/ws", { share: "ada", session: "0123456789abcdef" });

export function useChat(url: string): State {
  const session: Session<{ actions: ChatActions; events: ChatEvents }> | undefined = useSession(
    () => createSession(chat, url),
    [url],
  );
  useEvent(session, "message", ({ from }) => console.log(from.length));
  useEvent(session, "*", (data, event) => console.log(event === "left" && data));
  const core = useSession(() => createCore(chat, url), [url]);
  useEvent(core, "message", ({ from }) => console.log(from.length));
  // @ts-expect-error the core has no listeners to everything
  useEvent(core, "*", () => {});
  // @ts-expect-error no such event
  useEvent(session, "mesage", () => {});
  // @ts-expect-error no such field
  useEvent(session, "message", ({ form }) => console.log(form));
  // @ts-expect-error a promise is no session: the component would have to wait
  useSession(() => connect(chat, url), [url]);
  return useSessionState(session) === "open" ? useSessionState(core) : "idle";
}
