//! `gatewire contract diff OLD NEW`

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use gatewire::describe::{self, Severity};
use serde_json::Value;

/// Prints every change, the breaking ones first, and a line that counts them.
pub(crate) fn diff(old: &Path, new: &Path) -> Result<ExitCode, DiffError> {
    let changes = describe::diff(&read(old)?, &read(new)?);
    for change in &changes {
        println!("{change}");
    }
    let breaking = changes.iter().filter(|change| change.severity == Severity::Breaking).count();
    println!("{breaking} breaking, {} safe", changes.len() - breaking);
    Ok(if breaking == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<Value, DiffError> {
    let text = fs::read_to_string(file)
        .map_err(|source| DiffError::Unreadable { file: file.to_owned(), source })?;
    let schema: Value = serde_json::from_str(&text)
        .map_err(|source| DiffError::NotJson { file: file.to_owned(), source })?;
    for member in ["actions", "events"] {
        if !schema[member].is_object() {
            return Err(DiffError::NoContract { file: file.to_owned(), member });
        }
    }
    Ok(schema)
}

/// The two cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiffError {
    /// A file is not there or not a text.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// The error names the line and the column.
    #[error("{} is not JSON: {source}", file.display())]
    NotJson { file: PathBuf, source: serde_json::Error },
    /// JSON, but something else.
    #[error("{} is not the schema of a contract: it has no object `{member}`", file.display())]
    NoContract { file: PathBuf, member: &'static str },
}
