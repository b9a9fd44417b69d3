//! The shape table of a contract: what travels, as one short text that both ends check against.
//!
//! [`compile`] makes it from the JSON Schema of the contract. `chat.js` carries it to the browser,
//! and a server that is built with the feature `schema` has it through [`Table::of`]. What reads it
//! here is in `gatewire_core`; in the browser it is the package's own. A refusal has the same words.

mod compile;

use std::sync::OnceLock;

use gatewire_core::shape::{Checker, Part, find};

pub use compile::compile;

use crate::{
    Error,
    describe::{Describe, NotCarried, schema},
};

/// The shapes of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(String);

impl Table {
    /// The table of a contract, made now.
    pub fn of<C: Describe>() -> Result<Self, NotCarried> {
        compile(&schema(&C::describe())?)
    }

    /// The table as it travels: printable ASCII without quotes and backslashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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
        let table = self.0.as_bytes();
        let Some(shape) = find(table, part, name.as_bytes()) else { return Ok(()) };
        let mut checker = Checker::default();
        if checker.check(table, shape, text.as_bytes()).is_ok() {
            return Ok(());
        }
        let mut message = Vec::new();
        checker.explain(table, text.as_bytes(), name.as_bytes(), &mut |piece| {
            message.extend_from_slice(piece);
        });
        let message = String::from_utf8_lossy(&message).into_owned();
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
