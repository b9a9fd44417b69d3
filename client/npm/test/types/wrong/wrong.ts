// Each program is wrong in the one way that its comment says. What the compiler says is kept beside, in
// `wrong.txt`; `GATEWIRE_BLESS=1 npm test -w gatewire` writes it anew.
import { connect, createSession } from "gatewire";
import * as core from "gatewire/core";
import { chat, type Left } from "../chat.js";

type Mine = { actions: { add: { data: number[]; reply: number } }; events: { sum: number } };
const url = "wss://chat.acme.dev/ws";
const session = await connect(chat, url);

// There is no such action.
void session.send("sendMesage", { room: "lobby", text: "hi" });
// Any text is no action.
void session.send(String("typing"), { room: "lobby" });
// An event is not an action.
void session.send("message", { from: "me", text: "hi" });
// A field is missing.
void session.send("sendMessage", { room: "lobby" });
// A field has the wrong type.
void session.send("sendMessage", { room: "lobby", text: 1 });
// A field is not declared.
void session.send("sendMessage", { room: "lobby", text: "hi", extra: true });
// The payload belongs to another action.
void session.send("typing", { room: "lobby", text: "hi" });
// The payload is missing.
void session.send("typing");
// The payload is JSON already.
void session.send("typing", '{ "room": "lobby" }');
// A variant is not spelled so.
void session.send("remind", { text: "tea", days: ["fryday"], place: null });
// A field of a field is missing.
void session.send("remind", { text: "tea", days: [], place: {} });
// A field that may be null has to be there.
void session.send("remind", { text: "tea", days: [] });
// A field that may be left out is not null.
void session.send("remind", { text: "tea", days: [], place: null, note: null });
// An integer of 64 bits is a bigint.
void session.send("vote", { for: "1" });
// It does not become a number by itself.
void session.send("vote", { for: 1n }).then(({ votes }) => votes + 1);
// A timeout is milliseconds.
void session.send("typing", { room: "lobby" }, { timeout: "5s" });
// The reply has no such field.
void session.send("sendMessage", { room: "lobby", text: "hi" }).then(({ ids }) => ids);
// The reply of typing is null.
void session.send("typing", { room: "lobby" }).then((reply) => reply.id);
// The reply is not a text.
export const reply: string = await session.send("remind", { text: "tea", days: [], place: null });
// A reply comes later.
export const { id } = session.send("sendMessage", { room: "lobby", text: "hi" });
// There is no such event.
session.on("mesage", () => {});
// An action is not an event.
session.on("typing", () => {});
// The event has no such field.
session.on("message", ({ to }) => to);
// The listener is for another event.
session.on("message", (left: Left) => left.who);
// There is nobody to listen.
session.on("message");
// Nobody listens to all with a name that no event has.
session.on("*", (_, event) => event === "mesage");
// There is no such event to loop over.
session.events("mesage");
// A key is a text.
void session.send("typing", { room: "lobby" }, { key: 7 });
// A receipt comes later.
export const { messageId } = session.send("typing", { room: "lobby" }).accepted;
// There is no such overflow.
createSession(chat, url, { overflow: "drop" });
// The core has no delivery handle.
core.createSession(chat, url).send("typing", { room: "lobby" }).cancel();
// A session comes later.
void connect(chat, url).send("typing", { room: "lobby" });
// A session is not its own promise.
await session.then();
// The state is read, not written.
session.state = "open";
// A token is a text.
createSession(chat, url, { token: () => 7 });
// There is no such option.
createSession(chat, url, { tokn: "t" });
// What comes is not checked without what is sent.
createSession(chat, url, { validate: "in" });
// The address is missing.
createSession(chat);
// There is no such option, and no generated contract either.
createSession<Mine>(url, { tokn: "t" });
// A type goes between the angle brackets.
createSession(Mine, url);
// A generated contract is a value: it is given first, and not between the angle brackets.
createSession<typeof chat>(url);
// A contract has actions and events.
createSession<{ actions: object }>(url);
// An action has data and a reply.
void createSession<{ actions: { add: number }; events: object }>(url).send("add", 1);
// Without a contract there is nothing to send,
void createSession(url).send("typing", { room: "lobby" });
// and nothing to listen to.
createSession(url).on("message", () => {});
