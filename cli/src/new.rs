//! `gatewire new contract NAME`

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

/// The files of a new crate: where each goes, and what is in it.
const TEMPLATE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../template/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../template/lib.rs.in")),
    ("README.md", include_str!("../template/README.md.in")),
];

/// Names that the template needs for something else.
const TAKEN: &[&str] = &["String", "Self", "Describe", "Greet", "Greeting", "Greeted"];

/// What to write, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The name of the crate, such as `chat-contract`; the contract is called `Chat` then.
    name: String,
    /// Where to put the folder of the crate.
    #[arg(long, default_value = ".")]
    into: PathBuf,
    /// Depend on the crate `gatewire` in this folder, instead of the published one.
    #[arg(long)]
    gatewire_path: Option<PathBuf>,
}

/// Writes the crate, and says how to go on.
pub(crate) fn contract(options: &Options) -> Result<ExitCode, NewError> {
    let type_name = type_name(&options.name)?;
    let folder = options.into.join(&options.name);
    if folder.exists() {
        return Err(NewError::Exists(folder));
    }
    let dependency = dependency(options.gatewire_path.as_deref())?;
    for (name, text) in TEMPLATE {
        let text = text
            .replace("{name}", &options.name)
            .replace("{library}", &options.name.replace('-', "_"))
            .replace("{Contract}", &type_name)
            .replace("{dependency}", &dependency);
        write(&folder.join(name), &text)?;
    }
    println!("wrote {}; now run", folder.display());
    println!("  gatewire contract export {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

fn write(file: &Path, text: &str) -> Result<(), NewError> {
    let failed = |source| NewError::Unwritable { file: file.to_owned(), source };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, text).map_err(failed)
}

/// `Chat` for `chat-contract`, `BoardGame` for `board-game`.
fn type_name(name: &str) -> Result<String, NewError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(allowed) {
        return Err(NewError::Name(name.to_owned()));
    }
    let stem = name.strip_suffix("-contract").unwrap_or(name);
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    let words = stem.split(['-', '_']).filter(|word| !word.is_empty());
    let type_name: String = words.map(capital).collect();
    if TAKEN.contains(&type_name.as_str()) {
        return Err(NewError::Taken(type_name));
    }
    Ok(type_name)
}

/// What stands between the braces of the dependency on `gatewire`.
fn dependency(path: Option<&Path>) -> Result<String, NewError> {
    match path {
        None => Ok(format!("version = \"{}\"", env!("CARGO_PKG_VERSION"))),
        Some(path) => {
            let path = path
                .canonicalize()
                .map_err(|source| NewError::Unreadable { folder: path.to_owned(), source })?;
            // A JSON string is a basic string of TOML.
            Ok(format!("path = {}", serde_json::Value::from(path.to_string_lossy())))
        }
    }
}

/// The crate cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    /// Cargo or Rust would not take the name.
    #[error(
        "{0:?} is no name for a crate: it has lower-case letters, digits, `-` and `_`, and begins \
         with a letter"
    )]
    Name(String),
    /// The example uses the name, or Rust does.
    #[error(
        "a contract cannot be called `{0}`, which stands for something else; take another name"
    )]
    Taken(String),
    /// Nothing is overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    /// The folder of the crate `gatewire` is not there.
    #[error("{} cannot be read: {source}", folder.display())]
    Unreadable { folder: PathBuf, source: io::Error },
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn a_crate_gives_its_contract_a_name() {
        assert_eq!(type_name("chat-contract").unwrap(), "Chat");
        assert_eq!(type_name("board-game_2").unwrap(), "BoardGame2");
        for bad in ["", "Chat", "2fa", "chat contract", "../chat", "string", "greet-contract"] {
            assert!(type_name(bad).is_err(), "{bad}");
        }
    }
}
