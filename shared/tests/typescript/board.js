// Generated from the contract `Board`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p gatewire

export const board = {
  name: "board",
  fingerprint: "aGX6oATpd8TUzv1A",
  actions: ["place", "search", "board/clear"],
  events: ["moved", "renamed", "tree"],
  shapes: "1aboard/clear nnaplace @#$>@#%5asearch @#%??[@#%Yvmoved @#&Jvrenamed @#'%vtree @#';;o!card @#%Y-near ?@#'L-note ?s!visible_to m@#(?;o!at @#(N;tby ,Text @#)),Owner @#)7;o!color s!due-at d!labels [s!shortTitle s;o!from @#)I!to @#'L;o!items [s-next ?@#'%;o!children [@#';;o!column i0 4294967295 -row ?i0 4294967295 ;e,read ,write ;(i0 4294967295 @#'L)o!by *!text s;o!by *!owner @#*(;o!column i0 4294967295 ;o!connection p[AZaz09__--]15,15;[==]1,1; !more @#+#;o;",
};
