// Each line is wrong in one way, and must be refused.
import { connect, createSession } from "gatewire";
import { chat } from "./chat.js";

const session = await connect(chat, "wss://chat.acme.dev/ws");

// @ts-expect-error there is no such action
void session.send("sendMesage", { room: "lobby", text: "hi" });
// @ts-expect-error a field is missing
void session.send("sendMessage", { room: "lobby" });
// @ts-expect-error a field has the wrong type
void session.send("sendMessage", { room: "lobby", text: 1 });
// @ts-expect-error a field is not declared
void session.send("sendMessage", { room: "lobby", text: "hi", extra: true });
// @ts-expect-error the payload belongs to another action
void session.send("typing", { room: "lobby", text: "hi" });
// @ts-expect-error the payload is missing
void session.send("typing");
// @ts-expect-error an event is not an action
void session.send("message", { from: "me", text: "hi" });
// @ts-expect-error there is no such event
session.on("mesage", () => {});
// @ts-expect-error an action is not an event
session.on("typing", () => {});
// @ts-expect-error the event has no such field
session.on("message", ({ to }) => to);
// @ts-expect-error the reply has no such field
void session.send("sendMessage", { room: "lobby", text: "hi" }).then(({ ids }) => ids);
// @ts-expect-error the reply of typing is null
void session.send("typing", { room: "lobby" }).then((reply) => reply.id);
// @ts-expect-error a session is not its own promise
await session.then();
// @ts-expect-error the state is read, not written
session.state = "open";
// @ts-expect-error a token is a text
createSession(chat, "wss://chat.acme.dev/ws", { token: () => 7 });
// @ts-expect-error there is no such option
createSession(chat, "wss://chat.acme.dev/ws", { tokn: "t" });
// @ts-expect-error the address is missing
createSession(chat);
// @ts-expect-error a contract has actions and events
createSession<{ actions: object }>("wss://chat.acme.dev/ws");
// @ts-expect-error without a contract there is nothing to send
void createSession("wss://chat.acme.dev/ws").send("anything", {});
