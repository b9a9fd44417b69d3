// Written from the Rust contract `Chat`. Do not edit.

export const chat = {
  name: "chat",
  actions: ["sendMessage", "join", "history", "earlier", "leave", "typing"],
  events: ["messagePosted", "presence", "typing"],
};
