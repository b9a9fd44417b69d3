// Generated from the contract `Drill`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p drill

export const drill = {
  name: "drill",
  fingerprint: "3WJjbNXIMlTZavP_",
  actions: ["work", "keep", "echo"],
  events: ["tick"],
  shapes: "1aecho @##Y@##Yakeep @#$R@#%8awork @#%P@#%8vtick @#&9;o!at i0 9007199254740991 !author s!tags [s!text s;o!lane s!number i0 4294967295 ;o!number i0 4294967295 ;o!number i0 4294967295 !padding s;o!number i0 4294967295 ;",
};
