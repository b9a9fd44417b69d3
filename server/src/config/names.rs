//! The names that a file gives to things, whether they can be read or not.

use std::collections::BTreeSet;

use super::reader::{Name, Table};

/// What others may refer to by name.
pub(super) struct Names {
    integrations: BTreeSet<String>,
    functions: BTreeSet<String>,
    queues: BTreeSet<String>,
    /// Whether there are no more.
    all: bool,
}

impl Names {
    pub(super) fn of(root: &Table<'_>) -> Self {
        Self {
            integrations: root.names("integrations"),
            functions: root.names("functions"),
            queues: root.names("queues"),
            all: root.is_whole(),
        }
    }

    /// The name of an integration, as the value of a key.
    pub(super) fn integration(&self) -> Name<'_> {
        Name { what: "integration", names: &self.integrations, all: self.all }
    }

    /// The name of a function.
    pub(super) fn function(&self) -> Name<'_> {
        Name { what: "function", names: &self.functions, all: self.all }
    }

    /// The name of a queue.
    pub(super) fn queue(&self) -> Name<'_> {
        Name { what: "queue", names: &self.queues, all: self.all }
    }
}
