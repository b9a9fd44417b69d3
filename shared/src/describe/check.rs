//! Whether the generated files in a contract's folder are current.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Describe, Description, NameTaken, NotCarried, TypeScript, asyncapi, fingerprint,
    fingerprint::pretty, schema, typescript,
};

/// Set to `1`, it lets [`check`] write the files.
const BLESS: &str = "GATEWIRE_BLESS";

/// Compares the files of a contract in this folder with what the contract says now. With
/// `GATEWIRE_BLESS=1` it writes them.
///
/// | file | for |
/// |---|---|
/// | `chat.js`, `chat.d.ts` | TypeScript and JavaScript |
/// | `chat.schema.json` | everyone who reads JSON Schema |
/// | `chat.asyncapi.json` | everyone who reads AsyncAPI |
/// | `snapshots/….schema.json` | servers of later contracts; named after the fingerprint |
/// | `package.json` | npm; written when there is none, and yours from then on |
///
/// A snapshot stays when the contract changes: it is how a later server knows the clients that were
/// built from it. Delete those from which no client was ever built.
pub fn check<C: Describe>(folder: impl AsRef<Path>) -> Result<(), CheckError> {
    let description = C::describe();
    if env::var_os(BLESS).is_some_and(|value| value == "1") {
        bless(&description, folder.as_ref())
    } else {
        compare(&description, folder.as_ref())
    }
}

/// One generated file.
struct File {
    name: String,
    text: String,
    kept: Kept,
}

/// How long a file stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Until the contract changes.
    Current,
    /// For ever. Its docs may be older than those of the contract.
    Once,
    /// For ever, and a folder may do without it.
    Optional,
}

fn bless(description: &Description, folder: &Path) -> Result<(), CheckError> {
    for File { name, text, kept } in files(description)? {
        let file = folder.join(name);
        if kept == Kept::Current || !file.exists() {
            write(&file, &text).map_err(|source| CheckError::Io { file, source })?;
        }
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

fn compare(description: &Description, folder: &Path) -> Result<(), CheckError> {
    for File { name, text, kept } in files(description)? {
        let file = folder.join(name);
        let current = match fs::read_to_string(&file) {
            Ok(found) => kept != Kept::Current || found == text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => kept == Kept::Optional,
            Err(source) => return Err(CheckError::Io { file, source }),
        };
        if !current {
            let command = bless_command(description.package);
            return Err(CheckError::Stale { file, command });
        }
    }
    Ok(())
}

fn files(description: &Description) -> Result<[File; 6], CheckError> {
    let name = description.name;
    let schema = schema(description)?;
    let TypeScript { js, d_ts } = typescript(description, &schema)?;
    let file = |name, text, kept| File { name, text, kept };
    let snapshot = format!("snapshots/{}.schema.json", fingerprint(&schema));
    Ok([
        file(format!("{name}.js"), js, Kept::Current),
        file(format!("{name}.d.ts"), d_ts, Kept::Current),
        file(format!("{name}.schema.json"), pretty(&schema), Kept::Current),
        file(
            format!("{name}.asyncapi.json"),
            pretty(&asyncapi(description, &schema)),
            Kept::Current,
        ),
        file(snapshot, pretty(&schema), Kept::Once),
        file("package.json".to_owned(), package(description), Kept::Optional),
    ])
}

/// A package that can be published as it is. It is a text, because among the conditions of an
/// export the first that fits is taken, and `types` has to come first.
fn package(description: &Description) -> String {
    let Description { package, name, docs, .. } = description;
    let about = Value::from(docs.lines().next().unwrap_or_default());
    let version = env!("CARGO_PKG_VERSION");
    format!(
        r#"{{
  "name": "{package}",
  "version": "0.1.0",
  "description": {about},
  "type": "module",
  "sideEffects": false,
  "exports": {{
    ".": {{
      "types": "./{name}.d.ts",
      "default": "./{name}.js"
    }},
    "./schema.json": "./{name}.schema.json",
    "./asyncapi.json": "./{name}.asyncapi.json"
  }},
  "files": ["{name}.js", "{name}.d.ts", "{name}.schema.json", "{name}.asyncapi.json"],
  "peerDependencies": {{
    "gatewire": "{version}"
  }}
}}
"#
    )
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
    NameTaken(#[from] NameTaken),
    /// A type of the contract cannot travel.
    #[error(transparent)]
    NotCarried(#[from] NotCarried),
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

    #[test]
    fn a_snapshot_stays_and_the_package_is_yours() {
        let folder = tempfile::tempdir().unwrap();
        let mut chat = Description::new("chat-contract", "Chat", "chat", "");
        bless(&chat, folder.path()).unwrap();
        let package = fs::read_to_string(folder.path().join("package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&package).unwrap();
        assert_eq!(package["exports"]["./schema.json"], "./chat.schema.json");
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        let snapshots = || fs::read_dir(folder.path().join("snapshots")).unwrap().count();

        chat.docs = "What is said.";
        assert!(compare(&chat, folder.path()).is_err(), "the docs are in the files");
        bless(&chat, folder.path()).unwrap();
        assert_eq!(snapshots(), 1, "and not in the fingerprint");

        chat.event::<String>("said", "", "string");
        bless(&chat, folder.path()).unwrap();
        compare(&chat, folder.path()).unwrap();
        assert_eq!(snapshots(), 2);
        assert_eq!(fs::read_to_string(folder.path().join("package.json")).unwrap(), "{}");

        fs::remove_dir_all(folder.path().join("snapshots")).unwrap();
        let missing = compare(&chat, folder.path()).unwrap_err().to_string();
        assert!(missing.contains("snapshots"), "{missing}");
    }
}
