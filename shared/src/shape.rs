//! The shape table of a contract: what travels, in a form that both ends check against.
//!
//! [`compile`] makes it from the JSON Schema of the contract. `chat.js` carries its text to the
//! browser, where the npm package reads it over the value that the browser has parsed
//! (`client/npm/src/walk.ts`); a server that is built with the feature `schema` has it through
//! [`Table::of`] and reads the JSON text where it stands: a text that passes costs no allocation,
//! but for strings with escapes. A refusal has the same words on both ends, which a test holds them
//! to.
//!
//! The text of a table is JSON:
//!
//! ```text
//! table  = [1, {"data NAME": shape, "reply NAME": shape, "event NAME": shape, …}, list, …]
//!                                           by the names of actions and events
//! shape  = list                             an array whose first item is the kind
//!        | number                           the list at this place of the table
//! list   = ["JSON"]                         anything
//!        | ["null"] | ["boolean"]
//!        | ["number", least?, most?]        bounds are included, and left out where there are none
//!        | ["integer", least?, most?]       without point and exponent
//!        | ["int64", "least", "most"]       an integer of 64 bits: digits in a string, in JavaScript
//!                                           a bigint
//!        | ["string", least?, most?]        so many characters
//!        | ["string", [NAME, …]]            one of these
//!        | ["string", "regular expression"] one that every engine reads alike
//!        | ["array", shape, least?, most?]  so many items, all of this shape
//!        | ["array", null, n, n, shape, …]  these items, which are n
//!        | ["object", others, required?, [NAME, …]?, shape, …]
//!                                           fields by name, of which so many first ones have to be
//!                                           there; `others` is the shape of other members, or null
//!        | ["object", null, -1, [NAME, …], shape, …]
//!                                           one member, which is one of these
//!        | ["object", null, "tag", [NAME, …], shape, …]
//!                                           the member called `tag` says which shape the object has
//!        | ["?", shape]                     null or this
//!        | ["|", shape, …]                  the first of these that fits
//! ```

mod compile;
mod fault;
mod form;
mod text;
mod walk;

use std::{collections::BTreeMap, sync::OnceLock};

pub use compile::compile;
use form::Shape;
use walk::Walk;

use crate::{
    Error,
    describe::{Describe, NotCarried, schema},
};

/// The shapes of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// By part and name.
    named: [BTreeMap<String, Shape>; PARTS.len()],
    /// Those that others refer to.
    shapes: Vec<Shape>,
    text: String,
}

/// What of a contract travels: the place in [`PARTS`].
#[derive(Clone, Copy, Debug)]
enum Part {
    /// What a client sends with an action.
    Data,
    /// What an action is answered with.
    Reply,
    /// What comes with an event.
    Event,
}

/// How the text of a table calls the parts.
const PARTS: [&str; 3] = ["data", "reply", "event"];

impl Table {
    /// The table of a contract, made now.
    pub fn of<C: Describe>() -> Result<Self, NotCarried> {
        compile(&schema(&C::describe())?)
    }

    fn new(named: [BTreeMap<String, Shape>; PARTS.len()], shapes: Vec<Shape>) -> Self {
        let mut text = String::from("[1,{");
        for (part, shapes) in PARTS.iter().zip(&named) {
            for (name, shape) in shapes {
                text.push_str(if text.ends_with('{') { "" } else { "," });
                text.push_str(&form::quoted(&format!("{part} {name}")));
                text.push(':');
                shape.write(&mut text);
            }
        }
        text.push('}');
        for shape in &shapes {
            text.push(',');
            shape.write(&mut text);
        }
        text.push(']');
        Self { named, shapes, text }
    }

    /// The table as it travels: JSON in one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks the data of an action: JSON text against shape. An action that the table does not
    /// have passes; whoever knows the routes refuses it.
    pub fn check_data(&self, action: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Data, action, text)
    }

    /// Checks what an action is answered with.
    pub fn check_reply(&self, action: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Reply, action, text)
    }

    /// Checks the data of an event.
    pub fn check_event(&self, event: &str, text: &str) -> Result<(), Error> {
        self.check(Part::Event, event, text)
    }

    fn check(&self, part: Part, name: &str, text: &str) -> Result<(), Error> {
        let Some(shape) = self.named[part as usize].get(name) else { return Ok(()) };
        let mut walk = Walk::new(&self.shapes, text);
        let checked = walk.value(shape, text::after_space(text, 0), 0);
        let message = match checked {
            Ok(_) => return Ok(()),
            Err(_) if walk.exhausted => format!("{name}: too many variants to try"),
            Err(fault) => format!("{name}{fault}"),
        };
        Err(Error::new(Error::INVALID, crate::invalid::shortened(message)))
    }
}

/// A contract's table, made when it is first needed. The derive has one per contract.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lazy(OnceLock<Result<Table, NotCarried>>);

impl Lazy {
    /// Not made yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Checks the data of an action. A contract that cannot be carried has no table, which the test
    /// of its files says; its payloads are left to serde.
    pub fn check<C: Describe>(&self, action: &str, text: &str) -> Result<(), Error> {
        match self.0.get_or_init(Table::of::<C>) {
            Ok(table) => table.check_data(action, text),
            Err(_) => Ok(()),
        }
    }
}

impl Default for Lazy {
    fn default() -> Self {
        Self::new()
    }
}
