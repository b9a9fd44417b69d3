//! The derive macros of gatewire. Use them through the `gatewire` crate, which re-exports them.
//!
//! They write what one could have written by hand: implementations of gatewire's traits, and no
//! name that a user would have to know. A macro reports every mistake it finds and still writes
//! the implementations it can, so that one slip is not followed by errors about its consequences.
//!
//! | module | holds |
//! |---|---|
//! | `variants` | what both enums have in common: named newtype variants |
//! | `contract` | `#[derive(Contract)]` |
//! | `events` | `#[derive(Events)]` |
//! | `message` | `#[message]`: adds the derives of a payload |
//! | `described` | `#[derive(Described)]`: the payload's TypeScript declaration |
//! | `schema` | `#[derive(JsonSchema)]`: the payload's schema |
//! | `constraints` | what `#[garde(…)]` says of a field |
//! | `attributes` | what the attributes of serde and tsify say |
//! | `names` | what things are called on the wire and in JavaScript |
//! | `root` | the name under which the user's crate knows gatewire |
//! | `docs` | doc comments, as text |
//! | `exported` | what the generated files beside a contract say of it |
//! | `mistakes` | collects the errors |

mod attributes;
mod constraints;
mod contract;
mod described;
mod docs;
mod events;
mod exported;
mod message;
mod mistakes;
mod names;
mod root;
mod schema;
mod variants;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes an enum the contract of an application: one newtype variant per action.
///
/// - `#[contract(events = ChatEvent)]` on the enum names the events the server may push; `()` for
///   none.
/// - `#[reply(Posted)]` on a variant is what the action is answered with; without it, `()`.
/// - `#[contract(rename = "send")]` on a variant changes its route key, on the enum its name.
///   Otherwise `SendMessage` is `sendMessage`.
#[proc_macro_derive(Contract, attributes(contract, reply, serde))]
pub fn contract(input: TokenStream) -> TokenStream {
    root::renamed(contract::expand(&parse_macro_input!(input as DeriveInput))).into()
}

/// Makes an enum the events of a contract: one newtype variant per event.
///
/// `#[contract(rename = "posted")]` on a variant changes the event's name.
#[proc_macro_derive(Events, attributes(contract, reply, serde))]
pub fn events(input: TokenStream) -> TokenStream {
    root::renamed(events::expand(&parse_macro_input!(input as DeriveInput))).into()
}

/// Adds the derives that a payload needs: `Serialize`, `Deserialize`, `Described` and `JsonSchema`,
/// with gatewire's own copy of serde, so that a contract needs no other dependency. It does nothing
/// else: the same derives written by hand work as well. Which constraints a field can have is said at
/// the derive `JsonSchema`.
#[proc_macro_attribute]
pub fn message(arguments: TokenStream, item: TokenStream) -> TokenStream {
    root::renamed(message::expand(arguments.into(), &item.into())).into()
}

/// Gives a payload its TypeScript declaration. Part of `#[message]`.
///
/// It reads the attributes of serde, and of tsify: `#[tsify(type = "string")]` on a field says
/// what the field is in TypeScript, `#[tsify(optional)]` that it may be left out.
#[proc_macro_derive(Described, attributes(garde, schemars, serde, tsify))]
pub fn described(input: TokenStream) -> TokenStream {
    root::renamed(described::expand(&parse_macro_input!(input as DeriveInput))).into()
}

/// Gives a payload its JSON Schema, where gatewire is built with the feature `schema`. Part of
/// `#[message]`.
///
/// schemars's derive writes it and reads its attributes and those of serde. This one around it knows
/// where an adjacently tagged enum has its content, and takes the constraints of garde:
///
/// | constraint | for |
/// |---|---|
/// | `#[garde(length(min = 1, max = 64))]` | texts, by their characters, and lists; `equal` is both |
/// | `#[garde(range(min = 1, max = 6))]` | numbers |
/// | `#[garde(pattern("^[a-z]{1,8}$"))]` | texts; one that Rust and JavaScript read alike |
/// | `#[garde(inner(length(max = 8)))]` | the items of a list |
///
/// Both ends check them. They reach into `Option` and `Box`, but not into other messages: those say
/// theirs themselves. A constraint that the field's type cannot take is refused when the schema is
/// made, with the field and the way out: by the test of the contract's files, and by a gateway that
/// starts. Other rules of garde, such as `email` or `custom`, do not compile: neither end would check
/// them.
/// `skip`, `dive`, `rename` and `code` are for those who derive `garde::Validate` too; garde itself
/// need not be there.
#[proc_macro_derive(JsonSchema, attributes(garde, schemars, serde))]
pub fn json_schema(input: TokenStream) -> TokenStream {
    root::renamed(schema::expand(parse_macro_input!(input as DeriveInput))).into()
}

/// What is left of an item that other derives have read: nothing. Not for people.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn gone(_: TokenStream, _: TokenStream) -> TokenStream {
    schema::gone().into()
}

/// Stands for `#[wasm_bindgen]` in the code that tsify's derive writes. Not for people.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn without_glue(_: TokenStream, item: TokenStream) -> TokenStream {
    described::without_glue(item.into()).into()
}
