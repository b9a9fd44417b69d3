//! Reading the file itself, with the environment of this process.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

use super::{Config, Mistakes};

/// There is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is not there, or not a text.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is there, and wrong.
    #[error(transparent)]
    Wrong(#[from] Mistakes),
}

impl Config {
    /// Reads a file, with the environment of this process.
    pub fn load(file: &Path) -> Result<Self, LoadError> {
        let text = fs::read_to_string(file)
            .map_err(|source| LoadError::Unreadable { file: file.to_owned(), source })?;
        Ok(Self::from_text(&text, file)?)
    }

    /// Reads the text of a file, with the environment of this process. `file` is where it is, or
    /// would be.
    pub fn from_text(text: &str, file: &Path) -> Result<Self, Mistakes> {
        Self::from_toml(text, file, &environment())
    }
}

/// The variables of this process; those that are not Unicode cannot be in a file of TOML.
fn environment() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
