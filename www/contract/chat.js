// Generated from the contract `Chat`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p chat-contract

export const chat = {
  name: "chat",
  fingerprint: "ohXsWdg2TsKJg6Hs",
  actions: ["sendMessage", "join", "history", "earlier", "leave", "typing"],
  events: ["messagePosted", "presence", "typing"],
};
