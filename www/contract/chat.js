// Generated from the contract `Chat`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p chat-contract

export const chat = {
  name: "chat",
  fingerprint: "ohXsWdg2TsKJg6Hs",
  actions: ["sendMessage", "join", "history", "earlier", "leave", "typing"],
  events: ["messagePosted", "presence", "typing"],
  shapes: '[{"data earlier":2,"data history":4,"data join":5,"data leave":7,"data sendMessage":8,"data typing":10,"reply earlier":3,"reply history":3,"reply join":6,"reply leave":["null"],"reply sendMessage":9,"reply typing":["null"],"event messagePosted":11,"event presence":12,"event typing":13},["JSON",1],["object",1,2,["before","room"],["integer",0,4294967295],["string"]],["object",1,2,["messages","more"],["array",11],["boolean"]],["object",1,2,["after","room"],["integer",0,4294967295],["string"]],["object",1,1,["room","after"],["string"],["?",["integer",0,4294967295]]],["object",1,3,["members","messages","more"],["array",["string"]],["array",11],["boolean"]],["object",1,1,["room"],["string"]],["object",1,2,["room","text","tag"],["string"],["string"],["?",["string"]]],["object",1,2,["number","sentAt"],["integer",0,4294967295],["integer",0,9007199254740991]],["object",1,1,["room"],["string"]],["object",1,5,["author","number","room","sentAt","text","tag"],["string"],["integer",0,4294967295],["string"],["integer",0,9007199254740991],["string"],["?",["string"]]],["object",1,2,["members","room"],["array",["string"]],["string"]],["object",1,2,["name","room"],["string"],["string"]]]',
};
