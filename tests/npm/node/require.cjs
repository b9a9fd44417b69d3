// A program of yesterday: CommonJS.
const { chat } = require("@gatewire/chat");
const { connect, GatewireError } = require("gatewire");
const { WebSocket } = require("ws");
const { trip, visit } = require("./trip.js");

async function main() {
  const { server, token, room } = visit(String(process.argv[2]));
  console.log(await trip(await connect(chat, server, { token, WebSocket }), room));
  const refused = connect(chat, server, { token: "nobody", WebSocket });
  console.log(await refused.catch((error) => (error instanceof GatewireError ? "refused" : String(error))));
}

main();
