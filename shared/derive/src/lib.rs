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
//! | `attributes` | what the attributes of serde and tsify say |
//! | `names` | what things are called on the wire and in JavaScript |
//! | `root` | the name under which the user's crate knows gatewire |
//! | `docs` | doc comments, as text |
//! | `exported` | what the generated files beside a contract say of it |
//! | `mistakes` | collects the errors |

mod attributes;
mod contract;
mod described;
mod docs;
mod events;
mod exported;
mod message;
mod mistakes;
mod names;
mod root;
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
#[proc_macro_derive(Contract, attributes(contract, reply))]
pub fn contract(input: TokenStream) -> TokenStream {
    root::renamed(contract::expand(&parse_macro_input!(input as DeriveInput))).into()
}

/// Makes an enum the events of a contract: one newtype variant per event.
///
/// `#[contract(rename = "posted")]` on a variant changes the event's name.
#[proc_macro_derive(Events, attributes(contract))]
pub fn events(input: TokenStream) -> TokenStream {
    root::renamed(events::expand(&parse_macro_input!(input as DeriveInput))).into()
}

/// Adds the derives that a payload needs: `Serialize`, `Deserialize`, `Described` and `JsonSchema`,
/// through gatewire's own copies of serde and schemars, so that a contract needs no other
/// dependency.
///
/// Constraints are those attributes of garde (or of schemars) that JSON Schema has a word for, and
/// both ends check them: `#[garde(length(chars, min = 1, max = 64))]`, which counts characters
/// whatever mode it names, `range(…)`, `inner(…)`, and `pattern("^[a-z]{1,8}$")` if it is one that
/// Rust and JavaScript read alike. They bind fields of Rust's own types; on a field whose type is a
/// message, say them inside of that type. garde itself need not be there.
///
/// It does nothing else: the same derives written by hand work as well, but that only this macro
/// knows where an adjacently tagged enum has its content.
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

/// Stands for schemars's derive where gatewire is built without the feature `schema`: takes its
/// attributes and writes nothing. Not for people.
#[doc(hidden)]
#[proc_macro_derive(NoSchema, attributes(garde, schemars, serde, validate))]
pub fn no_schema(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Stands for `#[wasm_bindgen]` in the code that tsify's derive writes. Not for people.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn without_glue(_: TokenStream, item: TokenStream) -> TokenStream {
    described::without_glue(item.into()).into()
}
