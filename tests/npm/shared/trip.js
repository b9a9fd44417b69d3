// What every project does with the session it has opened its own way: a round trip, told in one line.

/** Enters the room, writes, hears what it wrote, and leaves. */
export async function trip(session, room) {
  const heard = new Promise((resolve) => session.on("messagePosted", resolve));
  await session.send("join", { room });
  const { number } = await session.send("sendMessage", { room, text: "hello" });
  const { text } = await heard;
  session.close();
  const { contract = "unknown" } = session; // as it is to the core
  return `${room}: ${text} ${number}, contract ${contract}`;
}

/** What the address of a page says: where the server is, who visits, and which room. */
export function visit(address) {
  return Object.fromEntries(new URL(address).searchParams);
}
