//! What a contract says, as data, and the JSON Schema and TypeScript made from it.
//!
//! A contract keeps its TypeScript in its own folder. One test says when it is out of date:
//!
//! ```no_run
//! # #[cfg(feature = "export")]
//! # mod only_with_export {
//! # use gatewire::prelude::*;
//! # #[derive(Contract)] #[contract(events = ())] enum Chat { Typing(Typing) }
//! # #[message] struct Typing { room: String }
//! #[test]
//! fn the_typescript_is_current() -> Result<(), gatewire::describe::CheckError> {
//!     gatewire::describe::check::<Chat>(env!("CARGO_MANIFEST_DIR"))
//! }
//! # }
//! ```
//!
//! The feature `export`, which that needs, belongs among the dev-dependencies of the contract. The
//! feature `schema` is enough for [`schema`], and is what a server is built with.

mod asyncapi;
#[cfg(feature = "export")]
mod check;
mod diff;
mod document;
mod fingerprint;
#[cfg(feature = "export")]
mod held;
mod schema;
mod snapshots;
#[cfg(feature = "export")]
#[doc(hidden)]
pub mod stage;
#[cfg(feature = "export")]
mod typescript;

use std::{collections::BTreeMap, fmt};

pub use asyncapi::asyncapi;
#[cfg(feature = "export")]
pub use check::{CheckError, check};
pub use diff::{Change, Severity, diff};
#[doc(hidden)]
pub use fingerprint::Lazy;
pub use fingerprint::{Fingerprint, fingerprint};
pub use schema::{NotCarried, schema};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;
pub use snapshots::{SnapshotError, Snapshots};
#[cfg(feature = "export")]
pub use typescript::{NameTaken, NotTypeScript, TypeScript, typescript};

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
#[cfg(feature = "export")]
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
#[derive(Clone)]
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
    /// The TypeScript declarations of every type that travels; none without the feature `export`.
    pub types: Types,
    /// Has the schema of every type that travels.
    generator: SchemaGenerator,
}

/// One action of a contract.
#[derive(Clone, Debug)]
pub struct ActionDescription {
    /// The route key.
    pub name: &'static str,
    /// The doc comment of its variant.
    pub docs: &'static str,
    /// The payload, as TypeScript refers to it: `SendMessage`. Empty without the feature `export`.
    pub data: &'static str,
    /// The reply, as TypeScript refers to it: `Posted`, or `null`. Empty without `export`.
    pub reply: &'static str,
    data_schema: Value,
    reply_schema: Value,
}

/// One event of a contract.
#[derive(Clone, Debug)]
pub struct EventDescription {
    /// The event's name.
    pub name: &'static str,
    /// The doc comment of its variant.
    pub docs: &'static str,
    /// The payload, as TypeScript refers to it. Empty without the feature `export`.
    pub data: &'static str,
    data_schema: Value,
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
            generator: SchemaSettings::draft2020_12().for_deserialize().into_generator(),
        }
    }

    /// Adds an action: its payload `D`, its reply `R`, and what TypeScript calls the two.
    pub fn action<D: JsonSchema, R: JsonSchema>(
        &mut self,
        name: &'static str,
        docs: &'static str,
        data: &'static str,
        reply: &'static str,
    ) {
        let data_schema = self.generator.subschema_for::<D>().to_value();
        let reply_schema = self.generator.subschema_for::<R>().to_value();
        let action = ActionDescription { name, docs, data, reply, data_schema, reply_schema };
        self.actions.push(action);
    }

    /// Adds an event: its payload `D`, and what TypeScript calls it.
    pub fn event<D: JsonSchema>(
        &mut self,
        name: &'static str,
        docs: &'static str,
        data: &'static str,
    ) {
        let data_schema = self.generator.subschema_for::<D>().to_value();
        self.events.push(EventDescription { name, docs, data, data_schema });
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("package", &self.package)
            .field("name", &self.name)
            .field("actions", &self.actions)
            .field("events", &self.events)
            .field("types", &self.types)
            .finish_non_exhaustive()
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

    /// Notes that a type is called like one of Rust's own, which the declarations would mean.
    pub fn taken(&mut self, name: &'static str) {
        self.clashes.push(name);
    }
}

/// `Posted` of `export type __Reference = Posted;`.
#[doc(hidden)]
#[must_use]
pub fn right_side(declaration: &'static str) -> &'static str {
    declaration.split_once(" = ").map_or(declaration, |(_, right)| right.trim_end_matches(';'))
}
