// Where an editor is asked what may follow: at each mark, which is cut out before.
import { createSession } from "gatewire";
import { chat } from "./chat.js";

const session = createSession(chat, "wss://chat.acme.dev/ws");
void session.send("|action|");
void session.send("remind", { |field| });
void session.send("remind", { days: ["|variant|"] });
session.on("|event|", () => {});
session.on("message", ({ |eventField| }) => {});
void session.send("sendMessage", { room: "", text: "" }).then((reply) => reply.|replyField|);
session.|method|;
void session.send("typing", { room: "" }, { |sendOption| });
session.send("typing", { room: "" }).|sent|;
createSession(chat, "", { |option| });
