import { connect, createSession, GatewireError, type Session, type State } from "gatewire";
import { chat, type ChatActions, type ChatEvents, type Posted } from "./chat.js";

const session = await connect(chat, "wss://chat.acme.dev/ws", { token: async () => "t" });
const off: () => void = session.on("message", ({ from, text }) => console.log(from.length, text.length));
off();

const { id } = await session.send("sendMessage", { room: "lobby", text: "hi" });
const number: number = id;
const nothing: null = await session.send("typing", { room: "lobby" }, { timeout: Infinity });
const posted: Promise<Posted> = session.send("sendMessage", { room: "lobby", text: String(number) });

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

// An application may pass a session around by its contract.
type Chat = { actions: ChatActions; events: ChatEvents };
const show = (open: Session<Chat>) => open.state;
show(session);

const failed = (error: unknown) => error instanceof GatewireError && error.temporary && error.code === "throttled";
export { doubled, failed, nothing, posted, state, sum };
