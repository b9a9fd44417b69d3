//! One type for everything that a payload can be made of.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gatewire::{ConnectionId, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// How serde reads a text as one of the types: what it understood, written again.
type Read = fn(&str) -> Option<Value>;

fn read<T: Serialize + DeserializeOwned>(text: &str) -> Option<Value> {
    let value: T = serde_json::from_str(text).ok()?;
    serde_json::to_value(value).ok()
}

/// As [`read`], for a type whose constraints serde does not know.
fn read_valid<T: Serialize + DeserializeOwned + garde::Validate<Context = ()>>(
    text: &str,
) -> Option<Value> {
    let value: T = serde_json::from_str(text).ok()?;
    value.validate().ok()?;
    serde_json::to_value(value).ok()
}

macro_rules! zoo {
    ($($type:ident)+; $($constrained:ident)+) => {
        #[derive(Contract)]
        #[contract(events = ())]
        pub(crate) enum Zoo {
            $($type($type),)+
            $($constrained($constrained),)+
        }

        /// The animals: how serde reads each, in the order of `Zoo::ROUTES`.
        pub(crate) const READ: &[Read] = &[$(read::<$type>,)+ $(read_valid::<$constrained>),+];
    };
}

zoo! {
    Words Numbers Floats Units Renamed Defaults DefaultStruct Skipped Nullable Strict Nested
    Sequences Sets Maps Tuples Pair Wrapper Transparent Nothing Empty EmptyStrict
    Colour External ExternalStrict Internal InternalStrict Adjacent AdjacentStrict Untagged
    Tree Trees Generic Flat Awkward Connected Anything Boxed Lists; Constrained
}

#[message]
pub(crate) struct Words {
    a: String,
    b: char,
    c: bool,
}

#[message]
pub(crate) struct Numbers {
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: usize,
    f: i8,
    g: i16,
    h: i32,
    i: i64,
    j: isize,
}

#[message]
pub(crate) struct Floats {
    a: f32,
    b: f64,
}

#[message]
pub(crate) struct Units {
    a: (),
    b: Nothing,
    c: Option<()>,
}

#[message]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub(crate) struct Renamed {
    first_name: String,
    #[serde(rename = "naïve \"quoted\"\\~ 🦀")]
    other: u8,
    r#type: bool,
}

#[message]
pub(crate) struct Defaults {
    #[serde(default)]
    a: u8,
    #[serde(default = "seven")]
    b: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<String>,
    d: bool,
}

fn seven() -> u32 {
    7
}

#[message]
#[serde(default)]
#[derive(Default)]
pub(crate) struct DefaultStruct {
    a: u8,
    b: Option<String>,
}

#[message]
pub(crate) struct Skipped {
    a: u8,
    #[serde(skip)]
    _b: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<u8>,
}

#[message]
pub(crate) struct Nullable {
    a: Option<String>,
    b: Option<Nested>,
    d: Option<Colour>,
    e: Option<Internal>,
    f: Vec<Option<bool>>,
    g: Option<Vec<u8>>,
    h: Option<(u8, char)>,
    i: Option<BTreeMap<String, f64>>,
}

#[message]
#[serde(deny_unknown_fields)]
pub(crate) struct Strict {
    a: u8,
    b: Option<String>,
    #[serde(skip)]
    _c: u8,
}

#[message]
pub(crate) struct Nested {
    words: Words,
    strict: Vec<Strict>,
}

#[message]
pub(crate) struct Sequences {
    a: Vec<String>,
    b: Vec<Vec<u8>>,
    c: [bool; 2],
    d: Box<[i8]>,
    e: std::collections::VecDeque<Colour>,
}

#[message]
pub(crate) struct Sets {
    a: BTreeSet<u8>,
    b: HashSet<String>,
}

#[message]
pub(crate) struct Maps {
    a: HashMap<String, u32>,
    b: BTreeMap<String, Vec<Option<Words>>>,
    c: BTreeMap<Label, bool>,
}

#[message]
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label(String);

#[message]
pub(crate) struct Tuples {
    a: (u8,),
    b: (String, u8, Option<bool>),
    c: ((i8, i8), [char; 1]),
    d: Pair,
}

#[message]
pub(crate) struct Pair(u8, String);

#[message]
pub(crate) struct Wrapper(Words);

#[message]
#[serde(transparent)]
pub(crate) struct Transparent {
    inner: Option<Pair>,
}

#[message]
pub(crate) struct Nothing;

#[message]
pub(crate) struct Empty {}

#[message]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyStrict {}

#[message]
#[serde(rename_all = "lowercase")]
pub(crate) enum Colour {
    Red,
    #[serde(rename = "grün")]
    Green,
    Blue,
}

#[message]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum External {
    UnitVariant,
    OtherUnit,
    Newtype(Words),
    Number(u8),
    Tuple(u8, String),
    Struct { some_field: bool, other: Option<u8> },
    Nothing(()),
}

#[message]
#[serde(deny_unknown_fields)]
pub(crate) enum ExternalStrict {
    One { a: u8 },
    Two { b: u8 },
}

#[message]
#[serde(tag = "kind")]
pub(crate) enum Internal {
    Unit,
    Fields { a: u8, b: Option<String> },
    Held(Words),
    HeldStrict(Strict),
}

#[message]
#[serde(tag = "kind", deny_unknown_fields)]
pub(crate) enum InternalStrict {
    Fields { a: u8 },
    Other { b: char },
}

#[message]
#[serde(tag = "t", content = "c")]
pub(crate) enum Adjacent {
    Unit,
    Newtype(Words),
    Tuple(u8, bool),
    Struct { a: char },
    Maybe(Option<u8>),
}

#[message]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
pub(crate) enum AdjacentStrict {
    Number(u8),
    Struct { a: char },
}

#[message]
#[serde(untagged)]
pub(crate) enum Untagged {
    Number(u8),
    Text(String),
    Object { a: u8 },
    Other { b: Vec<Colour> },
    Nothing,
}

#[message]
pub(crate) struct Tree {
    name: String,
    children: Vec<Tree>,
    left: Option<Box<Tree>>,
}

#[message]
pub(crate) struct Trees(Vec<Trees>);

#[message]
pub(crate) struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[message]
pub(crate) struct Generic {
    a: Page<Words>,
    b: Page<u8>,
}

#[message]
pub(crate) struct Flat {
    a: u8,
    #[serde(flatten)]
    words: Inner,
}

#[message]
pub(crate) struct Inner {
    x: Option<String>,
    y: i16,
}

#[message]
#[derive(garde::Validate)]
pub(crate) struct Constrained {
    #[garde(length(chars, min = 1, max = 4))]
    name: String,
    #[garde(length(chars, max = 2))]
    short: Option<String>,
    #[garde(length(min = 1, max = 3))]
    list: Vec<u8>,
    #[garde(range(min = 10, max = 20))]
    number: u32,
    #[garde(range(min = -0.5, max = 0.5))]
    float: f64,
    #[garde(range(max = 5))]
    signed: Option<i64>,
    #[garde(inner(length(chars, min = 2)))]
    inner: Vec<String>,
    #[garde(pattern("^[a-z][a-z0-9_-]{0,3}!?$"))]
    pattern: String,
}

/// Names that could be taken for something else.
#[message]
pub(crate) struct Awkward {
    #[serde(rename = "")]
    empty: u8,
    #[serde(rename = ";")]
    end: Option<u8>,
    #[serde(rename = "properties")]
    properties: bool,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "a b")]
    space: Option<bool>,
}

#[message]
pub(crate) struct Connected {
    id: ConnectionId,
}

#[message]
pub(crate) struct Anything {
    a: Value,
    b: Option<Value>,
    c: BTreeMap<String, Value>,
}

#[message]
pub(crate) struct Boxed {
    a: Box<u8>,
    b: Box<str>,
    c: std::borrow::Cow<'static, str>,
    d: Box<Option<u8>>,
}

#[message]
pub(crate) struct Lists {
    externals: Vec<External>,
    internals: Vec<Internal>,
    adjacents: Vec<Adjacent>,
    untagged: Vec<Untagged>,
}
