// Generated from the contract `Zoo`. Do not edit; write it anew with
// GATEWIRE_BLESS=1 cargo test -p zoo-contract

export const zoo = {
  name: "zoo",
  fingerprint: "Lj53y3fpEzxKzH8j",
  actions: ["mirror", "feed"],
  events: ["seen"],
  shapes: "1afeed @##M@#%+amirror @#%D@#%Dvseen @#,-;o!amount r0.5 50.0 !food l2 20 !label p[az]1,;[09]2,4; !names L1  s!times i1 6 ;o!animals i0 4294967295 ;o!adjacent @#,<!ages mi0 255 !born i-8640000000000000 8640000000000000 !cages m[s-count i0 4294967295 !deep i-9007199254740991 9007199254740991 !external @#,W!huge U!internal @#-*!isOpen b!keeper @#-I!large i0 9007199254740991 !letter l1 1 !name s-nickname ?s!nothing n!pair @#.#!paths [[@#.>!picture 6-remark ?s!tag s!tiny i-128 127 !type @#.B!untagged @#.I!weight d!whole I;o!animals @#%D;tt ,Nowhere @#.W,Cage @#/(;|,@#/:,@#/D;thow ,onFoot @#00,byTrain @#08;O!name s-shifts [s;(si-2147483648 2147483647 )(dd)|,@#0Q;|,i0 65535 ,s;o-c n!t *;o!c i0 65535 !t *;e,Asleep ;x,Between @#1-,Eating @#11,Walking d;o!how *;o!how *!number i0 65535 ;e,mammal ,song-bird ;(ss)o!food s;",
};
