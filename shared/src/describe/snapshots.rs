//! The contracts that older clients were built from.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// How the file of a snapshot ends: `x1Xg0pQm9dVbU2aR.schema.json`.
const ENDING: &str = ".schema.json";

/// The schemas of older contracts by their fingerprints: what lies in the folder `snapshots` beside
/// a contract.
///
/// The name of a file is the fingerprint that clients of that contract send, and its text is what
/// that contract said.
#[derive(Clone, Default)]
pub struct Snapshots {
    schemas: BTreeMap<String, Value>,
}

impl Snapshots {
    /// Reads a folder. Files that are no snapshots are passed over; a folder that is not there is
    /// an error, because a server would take every older client for a stranger.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, SnapshotError> {
        let folder = folder.as_ref();
        let failed = |source| SnapshotError::Io { file: folder.to_owned(), source };
        let mut snapshots = Self::default();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
            if name.ends_with(ENDING) {
                let text = fs::read_to_string(&file)
                    .map_err(|source| SnapshotError::Io { file: file.clone(), source })?;
                snapshots.add(name, &text)?;
            }
        }
        Ok(snapshots)
    }

    /// Takes files that are part of the program, each with its name:
    ///
    /// ```
    /// # use gatewire::describe::{SnapshotError, Snapshots};
    /// # let text = r#"{"actions": {}, "events": {}}"#; // include_str!("…")
    /// let snapshots = Snapshots::embedded([("x1Xg0pQm9dVbU2aR.schema.json", text)])?;
    /// # assert_eq!(snapshots.iter().count(), 1);
    /// # Ok::<(), SnapshotError>(())
    /// ```
    pub fn embedded<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SnapshotError> {
        let mut snapshots = Self::default();
        for (name, text) in files {
            snapshots.add(name, text)?;
        }
        Ok(snapshots)
    }

    /// The older contracts: what their clients send as fingerprint, and the schema.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.schemas.iter().map(|(fingerprint, schema)| (fingerprint.as_str(), schema))
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), SnapshotError> {
        let fingerprint = name.strip_suffix(ENDING).unwrap_or(name).to_owned();
        let schema = serde_json::from_str(text)
            .map_err(|source| SnapshotError::NotJson { file: PathBuf::from(name), source })?;
        self.schemas.insert(fingerprint, schema);
        Ok(())
    }
}

/// The fingerprints alone: the schemas are long.
impl fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.schemas.keys()).finish()
    }
}

/// A snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A file or the folder cannot be read.
    #[error("the snapshots in {} cannot be read: {source}", file.display())]
    Io {
        /// The file or the folder.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold JSON.
    #[error("the snapshot {} is not JSON: {source}", file.display())]
    NotJson {
        /// The file.
        file: PathBuf,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SnapshotError, Snapshots};

    #[test]
    fn a_folder_is_read_and_other_files_in_it_are_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("abc.schema.json"), "{}").unwrap();
        fs::write(folder.path().join("README.md"), "What these are.").unwrap();
        let snapshots = Snapshots::read(folder.path()).unwrap();
        assert_eq!(snapshots.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["abc"]);

        fs::write(folder.path().join("def.schema.json"), "{").unwrap();
        let error = Snapshots::read(folder.path()).unwrap_err();
        assert!(matches!(error, SnapshotError::NotJson { .. }), "{error}");
        assert!(error.to_string().contains("def.schema.json"), "{error}");
        assert!(Snapshots::read(folder.path().join("gone")).is_err());
    }
}
