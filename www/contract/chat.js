// Generated from the contract `Chat`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p chat-contract

export const chat = {
  name: "chat",
  fingerprint: "ohXsWdg2TsKJg6Hs",
  actions: ["sendMessage", "join", "history", "earlier", "leave", "typing"],
  events: ["messagePosted", "presence", "typing"],
  shapes: "1aearlier @#%>@#&$ahistory @#&<@#&$ajoin @#&Z@#'@aleave @#(*nasendMessage @#(3@#(Jatyping @#)EnvmessagePosted @#)Nvpresence @#+.vtyping @#+B;o!before i0 4294967295 !room s;o!messages [@#)N!more b;o!after i0 4294967295 !room s;o-after ?i0 4294967295 !room s;o!members [s!messages [@#)N!more b;o!room s;o!room s-tag ?s!text s;o!number i0 4294967295 !sentAt i0 9007199254740991 ;o!room s;o!author s!number i0 4294967295 !room s!sentAt i0 9007199254740991 -tag ?s!text s;o!members [s!room s;o!name s!room s;",
};
