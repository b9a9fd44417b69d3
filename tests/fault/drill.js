// Generated from the contract `Drill`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p drill

export const drill = {
  name: "drill",
  fingerprint: "3WJjbNXIMlTZavP_",
  actions: ["work", "keep", "echo"],
  events: ["tick"],
  shapes: '[{"data echo":2,"data keep":3,"data work":5,"reply echo":2,"reply keep":4,"reply work":4,"event tick":6},["JSON",1],["object",1,4,["at","author","tags","text"],["integer",0,9007199254740991],["string"],["array",["string"]],["string"]],["object",1,2,["lane","number"],["string"],["integer",0,4294967295]],["object",1,1,["number"],["integer",0,4294967295]],["object",1,2,["number","padding"],["integer",0,4294967295],["string"]],["object",1,1,["number"],["integer",0,4294967295]]]',
};
