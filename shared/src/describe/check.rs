//! Whether the generated files in a contract's folder are current.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Describe, Description, NotTypeScript, TypeScript, typescript};

/// Set to `1`, it lets [`check`] write the files.
const BLESS: &str = "GATEWIRE_BLESS";

/// Compares the files of a contract in this folder, `chat.js` and `chat.d.ts`, with what the
/// contract says now. With `GATEWIRE_BLESS=1` it writes them.
pub fn check<C: Describe>(folder: impl AsRef<Path>) -> Result<(), CheckError> {
    let description = C::describe();
    if env::var_os(BLESS).is_some_and(|value| value == "1") {
        bless(&description, folder.as_ref())
    } else {
        compare(&description, folder.as_ref())
    }
}

fn bless(description: &Description, folder: &Path) -> Result<(), CheckError> {
    for (name, text) in files(description)? {
        let file = folder.join(name);
        fs::write(&file, text).map_err(|source| CheckError::Io { file, source })?;
    }
    Ok(())
}

fn compare(description: &Description, folder: &Path) -> Result<(), CheckError> {
    for (name, text) in files(description)? {
        let file = folder.join(name);
        match fs::read_to_string(&file) {
            Ok(kept) if kept == text => {}
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(CheckError::Io { file, source });
            }
            Ok(_) | Err(_) => {
                let command = bless_command(description.package);
                return Err(CheckError::Stale { file, command });
            }
        }
    }
    Ok(())
}

/// The files by name.
fn files(description: &Description) -> Result<[(String, String); 2], NotTypeScript> {
    let name = description.name;
    let TypeScript { js, d_ts } = typescript(description)?;
    Ok([(format!("{name}.js"), js), (format!("{name}.d.ts"), d_ts)])
}

/// The command that writes the files of the contract in this package.
pub(super) fn bless_command(package: &str) -> String {
    format!("{BLESS}=1 cargo test -p {package}")
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
    NotTypeScript(#[from] NotTypeScript),
    /// A file cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// As people read it: a test that returns the error prints it in this form.
impl fmt::Debug for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Description, bless, compare};

    #[test]
    fn a_stale_file_is_named_with_the_command_that_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let chat = Description::new("chat-contract", "Chat", "chat", "");
        let missing = compare(&chat, folder.path()).unwrap_err();
        let message = format!(
            "{} is out of date; write it anew with `GATEWIRE_BLESS=1 cargo test -p chat-contract`",
            folder.path().join("chat.js").display()
        );
        assert_eq!(format!("{missing:?}"), message);

        bless(&chat, folder.path()).unwrap();
        compare(&chat, folder.path()).unwrap();

        fs::write(folder.path().join("chat.d.ts"), "export {};\n").unwrap();
        let stale = compare(&chat, folder.path()).unwrap_err().to_string();
        assert!(stale.contains("chat.d.ts is out of date"), "{stale}");
    }
}
