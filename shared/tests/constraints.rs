//! What `#[garde(…)]` on a field becomes in the schema, and where it is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use gatewire::{
    JsonSchema,
    describe::{Description, schema},
    prelude::*,
    types::{Bytes, Int64},
};
use serde_json::{Value, json};

/// The schema of a contract with one event.
fn described<T: JsonSchema>() -> Result<Value, String> {
    let mut description = Description::new("contract", "Probe", "probe", "");
    description.event::<T>("said", "", "");
    schema(&description).map_err(|error| error.to_string())
}

fn refused<T: JsonSchema>() -> String {
    described::<T>().expect_err("the field cannot take its constraint")
}

const LONGEST: usize = 64;

static LABEL: LazyLock<String> = LazyLock::new(|| "^[a-z]{1,8}$".to_owned());

#[message]
struct Kept {
    #[garde(length(chars, min = 1, max = LONGEST))]
    text: String,
    #[garde(length(equal = 3))]
    list: Vec<bool>,
    #[garde(length(max = 3), inner(length(min = 1), pattern(LABEL)))]
    labels: Option<BTreeSet<String>>,
    #[garde(range(min = 1, max = 6))]
    small: Option<u8>,
    #[garde(range(max = 300))]
    byte: u8,
    #[garde(range(max = u64::MAX))]
    large: u64,
    #[garde(range(min = 0.5, max = 50.0))]
    float: f64,
    #[garde(skip)]
    open: String,
    #[garde(dive)]
    tag: Tag,
    #[schemars(length(max = 2), title = "Short")]
    short: Box<str>,
}

#[message]
struct Tag(#[garde(length(min = 1))] String);

#[test]
fn a_constraint_is_in_the_schema() {
    let mut document = described::<Kept>().unwrap();
    let mut of = |name: &str| document["$defs"]["Kept"]["properties"][name].take();
    assert_eq!(of("text"), json!({"type": "string", "minLength": 1, "maxLength": 64}));
    let list = json!({"type": "array", "items": {"type": "boolean"}, "minItems": 3, "maxItems": 3});
    assert_eq!(of("list"), list);
    let label = json!({"type": "string", "minLength": 1, "pattern": "^[a-z]{1,8}$"});
    assert_eq!(of("labels"), json!({"type": ["array", "null"], "items": label, "maxItems": 3}));
    let small = json!({"type": ["integer", "null"], "minimum": 1, "maximum": 6});
    assert_eq!(of("small"), small);
    assert_eq!(of("byte"), json!({"type": "integer", "minimum": 0, "maximum": 255}));
    assert_eq!(of("large")["maximum"], 9_007_199_254_740_991_u64);
    assert_eq!(of("float"), json!({"type": "number", "minimum": 0.5, "maximum": 50.0}));
    assert_eq!(of("open"), json!({"type": "string"}));
    assert_eq!(of("tag"), json!({"$ref": "#/$defs/Tag"}));
    assert_eq!(of("short"), json!({"type": "string", "title": "Short", "maxLength": 2}));
    assert_eq!(document["$defs"]["Tag"], json!({"type": "string", "minLength": 1}));
}

/// A type for each constraint that its field cannot take, with what is said of it.
macro_rules! misfits {
    ($($test:ident: #[$constraint:meta] $type:ty => $said:expr;)+) => {
        $(
            #[test]
            fn $test() {
                #[message]
                struct Said {
                    #[$constraint]
                    it: $type,
                }
                assert_eq!(refused::<Said>(), $said);
            }
        )+
    };
}

misfits! {
    a_message: #[garde(length(max = 2))] Tag =>
        "Said.it: `length` is for texts and lists, and this is `Tag`, a type of its own; say it \
         inside of `Tag`, if that is yours, or remove it";
    an_optional_message: #[garde(pattern("^a$"))] Option<Tag> =>
        "Said.it: `pattern` is for texts, and this is `Tag`, a type of its own; say it inside of \
         `Tag`, if that is yours, or remove it";
    a_map: #[garde(length(min = 1))] BTreeMap<String, u8> =>
        "Said.it: `length` is for texts and lists, and this is an object or a map; remove it, or \
         change the type of the field";
    a_boolean: #[garde(range(max = 1))] bool =>
        "Said.it: `range` is for numbers, and this is a boolean; remove it, or change the type of \
         the field";
    a_tuple: #[garde(length(min = 1))] (u8, u8) =>
        "Said.it: `length` is for texts and lists, and this is a tuple; remove it, or change the \
         type of the field";
    a_text_with_a_form: #[garde(length(max = 8))] Bytes =>
        "Said.it: `length` is for texts and lists, and this is `Bytes`, a type of its own; say it \
         inside of `Bytes`, if that is yours, or remove it";
    an_integer_in_a_text: #[garde(range(max = 8))] Int64 =>
        "Said.it: `range` is for numbers, and this is `Int64`, a type of its own; say it inside \
         of `Int64`, if that is yours, or remove it";
    the_items_of_a_text: #[garde(inner(length(max = 8)))] String =>
        "Said.it: `inner` is for lists, and this is a text; remove it, or change the type of the \
         field";
    items_that_are_messages: #[garde(inner(length(max = 8)))] Vec<Tag> =>
        "Said.it[]: `length` is for texts and lists, and this is `Tag`, a type of its own; say it \
         inside of `Tag`, if that is yours, or remove it";
    items_of_any_kind: #[garde(inner(length(max = 8)))] Vec<Value> =>
        "Said.it[]: `length` is for texts and lists, and this is any JSON; remove it, or change \
         the type of the field";
    a_fraction_of_an_integer: #[garde(range(min = 0.5))] u8 =>
        "Said.it: it is an integer, and 0.5 is none; give it a bound that is one";
    bounds_that_nothing_is_between: #[garde(length(min = 3, max = 2))] String =>
        "Said.it: nothing is at least 3 and at most 2; change one of the bounds; the type may \
         have its own";
    bounds_beyond_those_of_the_type: #[garde(range(min = 300))] u8 =>
        "Said.it: nothing is at least 300 and at most 255; change one of the bounds; the type may \
         have its own";
    an_array_of_another_length: #[garde(length(max = 2))] [u8; 3] =>
        "Said.it: nothing is at least 3 and at most 2; change one of the bounds; the type may \
         have its own";
}

#[message]
enum External {
    Text(#[garde(length(max = 2))] String),
}

#[message]
#[serde(tag = "kind")]
enum Internal {
    Text {
        #[garde(range(max = 2))]
        it: String,
    },
}

#[test]
fn a_constraint_of_a_variant_is_kept_or_refused_too() {
    let document = described::<External>().unwrap();
    let variant = &document["$defs"]["External"]["oneOf"][0]["properties"]["Text"];
    assert_eq!(*variant, json!({"type": "string", "maxLength": 2}));
    let said = "Internal.it: `range` is for numbers, and this is a text; remove it, or change the \
                type of the field";
    assert_eq!(refused::<Internal>(), said);
}
