import { chat } from "./node_modules/@gatewire/chat/chat.js";
import { connect } from "./node_modules/gatewire/dist/index.js";
import { trip, visit } from "./trip.js";

onmessage = async ({ data }) => {
  const { server, token, room } = visit(data);
  try {
    postMessage(await trip(await connect(chat, server, { token }), room));
  } catch (error) {
    postMessage(String(error));
  }
};
