// Generated from the contract `Zoo`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p zoo-contract

export const zoo = {
  name: "zoo",
  fingerprint: "lRhjk1uGCHS8O4A6",
  actions: ["mirror", "feed"],
  events: ["seen"],
};
