//! What a contract says, as data, and the TypeScript made from it.
//!
//! A contract keeps its TypeScript in its own folder. One test says when it is out of date:
//!
//! ```no_run
//! # use gatewire::prelude::*;
//! # #[derive(Contract)] #[contract(events = ())] enum Chat { Typing(Typing) }
//! # #[message] struct Typing { room: String }
//! # mod no_test {
//! #[test]
//! fn the_typescript_is_current() -> Result<(), gatewire::describe::CheckError> {
//!     gatewire::describe::check::<Chat>(env!("CARGO_MANIFEST_DIR"))
//! }
//! # }
//! ```
//!
//! The feature `export` belongs among the dev-dependencies of the contract, so that no server
//! builds what only this test needs.

mod check;
mod diff;
mod document;
mod fingerprint;
mod held;
#[doc(hidden)]
pub mod stage;
mod typescript;

use std::collections::BTreeMap;

pub use check::{CheckError, check};
pub use diff::{Change, Severity, diff};
pub use fingerprint::{Fingerprint, fingerprint};
pub use typescript::{NameTaken, TypeScript, typescript};

/// A contract that can be described. Implemented by `#[derive(Contract)]`.
pub trait Describe: crate::Contract {
    /// What the contract says.
    fn describe() -> Description;
}

/// Events that can be described. Implemented by `#[derive(Events)]`.
pub trait DescribeEvents: crate::Events {
    /// Adds the events to the description of a contract.
    fn describe(description: &mut Description);
}

impl DescribeEvents for () {
    fn describe(_: &mut Description) {}
}

/// A type that a payload is made of, and that TypeScript has a name for. Part of `#[message]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no TypeScript declaration",
    label = "TypeScript does not know this type",
    note = "put `#[message]` on it, or say what it is: `#[tsify(type = \"string\")]` on the field"
)]
pub trait Described {
    /// Adds the declarations of this type and of those it holds.
    fn declare(types: &mut Types);
}

/// What a contract says.
#[derive(Clone, Debug)]
pub struct Description {
    /// The package that declares the contract.
    pub package: &'static str,
    /// The name of its enum: `Chat`.
    pub type_name: &'static str,
    /// Its name in TypeScript: `chat`.
    pub name: &'static str,
    /// The doc comment of its enum.
    pub docs: &'static str,
    /// What a client may send, in the order of declaration.
    pub actions: Vec<ActionDescription>,
    /// What the server may push, in the order of declaration.
    pub events: Vec<EventDescription>,
    /// The declarations of every type that travels.
    pub types: Types,
}

/// One action of a contract.
#[derive(Clone, Debug)]
pub struct ActionDescription {
    /// The route key.
    pub name: &'static str,
    /// The doc comment of its variant.
    pub docs: &'static str,
    /// The payload, as TypeScript refers to it: `SendMessage`.
    pub data: &'static str,
    /// The reply, as TypeScript refers to it: `Posted`, or `null`.
    pub reply: &'static str,
}

/// One event of a contract.
#[derive(Clone, Debug)]
pub struct EventDescription {
    /// The event's name.
    pub name: &'static str,
    /// The doc comment of its variant.
    pub docs: &'static str,
    /// The payload, as TypeScript refers to it.
    pub data: &'static str,
}

impl Description {
    /// The description of a contract that has neither actions nor events yet.
    #[must_use]
    pub fn new(
        package: &'static str,
        type_name: &'static str,
        name: &'static str,
        docs: &'static str,
    ) -> Self {
        Self {
            package,
            type_name,
            name,
            docs,
            actions: Vec::new(),
            events: Vec::new(),
            types: Types::default(),
        }
    }

    /// Adds an action.
    pub fn action(
        &mut self,
        name: &'static str,
        docs: &'static str,
        data: &'static str,
        reply: &'static str,
    ) {
        self.actions.push(ActionDescription { name, docs, data, reply });
    }

    /// Adds an event.
    pub fn event(&mut self, name: &'static str, docs: &'static str, data: &'static str) {
        self.events.push(EventDescription { name, docs, data });
    }
}

/// TypeScript declarations by name, in the order of the names.
#[derive(Clone, Debug, Default)]
pub struct Types {
    declarations: BTreeMap<&'static str, &'static str>,
    clashes: Vec<&'static str>,
}

impl Types {
    /// Adds a declaration. Returns whether it is new: if so, the types it holds need theirs too.
    pub fn add(&mut self, name: &'static str, declaration: &'static str) -> bool {
        match self.declarations.insert(name, declaration) {
            None => true,
            Some(known) => {
                if known != declaration {
                    self.clashes.push(name);
                }
                false
            }
        }
    }
}

/// `Posted` of `export type __Reference = Posted;`.
#[doc(hidden)]
#[must_use]
pub fn right_side(declaration: &'static str) -> &'static str {
    declaration.split_once(" = ").map_or(declaration, |(_, right)| right.trim_end_matches(';'))
}
