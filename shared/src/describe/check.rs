//! Whether the generated files in a contract's folder are current.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Describe, NameTaken, typescript};

/// Set to `1`, it lets [`check`] write the files.
const BLESS: &str = "GATEWIRE_BLESS";

/// Compares the files of a contract in this folder, `chat.js` and `chat.d.ts`, with what the
/// contract says now. With `GATEWIRE_BLESS=1` it writes them.
pub fn check<C: Describe>(folder: impl AsRef<Path>) -> Result<(), CheckError> {
    let bless = env::var_os(BLESS).is_some_and(|value| value == "1");
    check_with::<C>(folder.as_ref(), bless)
}

fn check_with<C: Describe>(folder: &Path, bless: bool) -> Result<(), CheckError> {
    let description = C::describe();
    let files = typescript(&description)?;
    let name = description.name;
    for (file, text) in [
        (format!("{name}.js"), files.js),
        (format!("{name}.d.ts"), files.d_ts),
    ] {
        let file = folder.join(file);
        if bless {
            write(&file, &text)?;
        } else if read(&file)?.as_deref() != Some(text.as_str()) {
            let command = bless_command(description.package);
            return Err(CheckError::Stale { file, command });
        }
    }
    Ok(())
}

/// The command that writes the files of the contract in this package.
pub(super) fn bless_command(package: &str) -> String {
    format!("{BLESS}=1 cargo test -p {package}")
}

/// The text of the file; `None` when there is no such file.
fn read(file: &Path) -> Result<Option<String>, CheckError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CheckError::io(file, source)),
    }
}

fn write(file: &Path, text: &str) -> Result<(), CheckError> {
    fs::write(file, text).map_err(|source| CheckError::io(file, source))
}

/// The generated files are not what they should be.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A file says something else than the contract, or is not there.
    #[error("{} is out of date; write it anew with `{command}`", file.display())]
    Stale {
        /// The file.
        file: PathBuf,
        /// What to run.
        command: String,
    },
    /// The contract cannot be written as TypeScript.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// A file cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl CheckError {
    fn io(file: &Path, source: io::Error) -> Self {
        let file = file.to_owned();
        Self::Io { file, source }
    }
}

/// As people read it: a test that returns the error prints it in this form.
impl fmt::Debug for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
