//! The types that TypeScript knows by itself, those that hold others, and gatewire's own.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use super::{Described, Types};
use crate::{
    ConnectionId, SessionId,
    types::{Bytes, Int64, Timestamp, Uint64},
};

/// The type adds nothing but the declarations of the types it holds.
macro_rules! held {
    ($([$($parameters:tt)*] $type:ty => $($inner:ident)*;)+) => {
        $(impl<$($parameters)*> Described for $type {
            fn declare(_types: &mut Types) {
                $($inner::declare(_types);)*
            }
        })+
    };
}

held! {
    [] bool => ;
    [] char => ;
    [] str => ;
    [] String => ;
    [] () => ;
    [] u8 => ;
    [] u16 => ;
    [] u32 => ;
    [] u64 => ;
    [] usize => ;
    [] i8 => ;
    [] i16 => ;
    [] i32 => ;
    [] i64 => ;
    [] isize => ;
    [] f32 => ;
    [] f64 => ;
    [] Duration => ;
    [T: Described + ?Sized] &T => T;
    [T: Described + ?Sized] Box<T> => T;
    [T: Described + ?Sized] Rc<T> => T;
    [T: Described + ?Sized] Arc<T> => T;
    [T: Described + ToOwned + ?Sized] Cow<'_, T> => T;
    [T: Described] Option<T> => T;
    [T: Described] [T] => T;
    [T: Described, const N: usize] [T; N] => T;
    [T: Described] Vec<T> => T;
    [T: Described] VecDeque<T> => T;
    [T: Described] BTreeSet<T> => T;
    [T: Described, S] HashSet<T, S> => T;
    [K: Described, V: Described] BTreeMap<K, V> => K V;
    [K: Described, V: Described, S] HashMap<K, V, S> => K V;
    [A: Described] (A,) => A;
    [A: Described, B: Described] (A, B) => A B;
    [A: Described, B: Described, C: Described] (A, B, C) => A B C;
    [A: Described, B: Described, C: Described, D: Described] (A, B, C, D) => A B C D;
}

impl Described for ConnectionId {
    fn declare(types: &mut Types) {
        types.add("ConnectionId", "export type ConnectionId = string;");
    }
}

impl Described for SessionId {
    fn declare(types: &mut Types) {
        types.add("SessionId", "export type SessionId = string;");
    }
}

/// An alias of what the client gives and takes, with what to do about it.
macro_rules! alias {
    ($($type:ident = $typescript:literal, $docs:literal;)+) => {
        $(impl Described for $type {
            fn declare(types: &mut Types) {
                let name = stringify!($type);
                types.add(
                    name,
                    concat!("/** ", $docs, " */\nexport type ", stringify!($type), " = ", $typescript, ";"),
                );
            }
        })+
    };
}

alias! {
    Int64 = "bigint", "An integer of 64 bits; on the wire its digits in a string.";
    Uint64 = "bigint", "An integer of 64 bits without a sign; on the wire its digits in a string.";
    Timestamp = "number", "A moment, in milliseconds since 1970 in UTC: `new Date(it)`, `Date.now()`.";
    Bytes = "string", "Bytes in base64: `Uint8Array.fromBase64(it)`, `it.toBase64()`.";
}

impl Described for serde_json::Value {
    fn declare(types: &mut Types) {
        types.add(
            "Value",
            "/** Any JSON. */\n\
             export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };",
        );
    }
}
