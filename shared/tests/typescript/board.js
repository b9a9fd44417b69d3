// Generated from the contract `Board`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p gatewire

export const board = {
  name: "board",
  fingerprint: "aGX6oATpd8TUzv1A",
  actions: ["place", "search", "board/clear"],
  events: ["moved", "renamed", "tree"],
  shapes: '[{"data board/clear":["null"],"data place":2,"data search":4,"reply board/clear":["null"],"reply place":3,"reply search":["?",["array",5]],"event moved":6,"event renamed":7,"event tree":8},["JSON",1],["object",1,2,["card","visible_to","near","note"],5,["object",10],["?",9],["?",["string"]]],["object",1,1,["at"],11],["object",null,"by",["Text","Owner"],12,13],["object",1,4,["color","due-at","labels","shortTitle"],["string"],["number"],["array",["string"]],["string"]],["object",1,2,["from","to"],14,9],["object",1,1,["items","next"],["array",["string"]],["?",7]],["object",1,1,["children"],["array",8]],["object",1,1,["column","row"],["integer",0,4294967295],["?",["integer",0,4294967295]]],["string",["read","write"]],["array",null,2,2,["integer",0,4294967295],9],["object",1,2,["by","text"],1,["string"]],["object",1,2,["by","owner"],1,15],["object",1,1,["column"],["integer",0,4294967295]],["object",1,2,["connection","more"],["string","^[A-Za-z0-9_\\\\x2d]{15}[\\\\x3d]$"],16],["object",1]]',
};
