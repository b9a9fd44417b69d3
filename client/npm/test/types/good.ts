import { connect, createSession, GatewireError } from "gatewire";
import type { Accepted, Inspection, Sent, Session, State } from "gatewire";
import * as core from "gatewire/core";
import { chat, type ChatActions, type ChatEvents, type Posted } from "./chat.js";

const session = await connect(chat, "wss://chat.acme.dev/ws", { token: async () => "t" });
const off: () => void = session.on("message", ({ from, text }) => console.log(from.length, text.length));
off();

const { id } = await session.send("sendMessage", { room: "lobby", text: "hi" });
const number: number = id;
const nothing: null = await session.send("typing", { room: "lobby" }, { timeout: Infinity });
const posted: Promise<Posted> = session.send("sendMessage", { room: "lobby", text: String(number) });

// A send is the promise of its reply, and more.
const sent: Sent<Posted> = session.send("sendMessage", { room: "lobby", text: "hi" }, { ttl: 500, key: "draft" });
const receipt: Accepted | undefined = await sent.accepted;
if (sent.state === "queued") sent.cancel();
console.log(receipt?.sequenceNumber, await sent);

// All events, with their names; and one of them in a loop.
session.on("*", (data, event) => console.log(event === "left" ? "who" in data : "from" in data));
for await (const { from, text } of session.events("message", { limit: 10 })) console.log(from.length + text.length);
session.onGap(() => {});
session.onUnauthorized(() => {});
const { pending, seen }: Inspection = session.inspect();
console.log(session.key, session.resumed, pending[0]?.action, seen + 1);

// An integer of 64 bits.
const { votes } = await session.send("vote", { for: 1n });
const doubled: bigint = votes * 2n;

const state: State = session.state;
session.onState(({ state, code = 0, retryIn = 0 }) => console.log(state, code + retryIn));
session.close();

// Without a generated contract: a plain type.
interface Mine {
  actions: { add: { data: number[]; reply: number }; count: { data: bigint; reply: string } };
  events: { sum: number };
}
const mine: Session<Mine> = createSession<Mine>(new URL("ws://localhost/ws"), { token: "t", queueLength: 10 });
await mine.ready;
const sum: number = await mine.send("add", [1, 2]);
mine.on("sum", (value) => value.toFixed());
void mine.send("count", 2n ** 64n); // it travels as its digits

// Every option.
createSession<Mine>("ws://localhost/ws", {
  ...{ connect: false, session: "0123456789abcdef", protocol: "plain", tokenBy: "ticket", ticketUrl: "/ticket" },
  ...{ overflow: "drop-oldest", ttl: 1, highWater: 2, lowWater: 1, validate: "out" },
  outgoing: ({ action, data }) => ({ action, data: [action, data], trace: { traceparent: "00-…" } }),
  incoming: (message) => ({ ...message, data: message.event ?? message.action }),
  trace: ({ at, kind, frame }) => console.log(at + 1, kind, frame.length),
});

// The core has the same contract and less of the rest.
const small: core.Session<Mine> = core.createSession<Mine>("ws://localhost/ws", { timeout: 5, connect: false });
small.connect();
small.on("sum", (value) => value.toFixed());
const total: number = await small.send("add", [1, 2], { timeout: 5 });
const less: core.Session<{ actions: ChatActions; events: ChatEvents }> = session;

// An application may pass a session around by its contract.
type Chat = { actions: ChatActions; events: ChatEvents };
const show = (open: Session<Chat>) => open.state;
show(session);

const failed = (error: unknown) => error instanceof GatewireError && error.temporary && error.code === "throttled";
export { doubled, failed, less, nothing, posted, state, sum, total };
