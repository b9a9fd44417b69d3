// Generated from the contract `Board`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p gatewire

export const board = {
  name: "board",
  fingerprint: "aGX6oATpd8TUzv1A",
  actions: ["place", "search", "board/clear"],
  events: ["moved", "renamed", "tree"],
};
