//! The names that a file gives to things, whether they can be read or not.

use std::collections::BTreeSet;

use super::reader::Table;

/// What others may refer to by name.
pub(super) struct Names {
    pub(super) integrations: BTreeSet<String>,
    pub(super) functions: BTreeSet<String>,
    pub(super) queues: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(root: &Table<'_>) -> Self {
        Self {
            integrations: root.names("integrations"),
            functions: root.names("functions"),
            queues: root.names("queues"),
        }
    }
}
