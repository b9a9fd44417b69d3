//! `gatewire contract export` and `gatewire contract check`: both run the tests of the contract's
//! crate, one of which is the call of `gatewire::describe::check`.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Lets that test write the files.
const BLESS: &str = "GATEWIRE_BLESS";

/// Writes the files, and says which contract they are of.
pub(crate) fn export(folder: &Path) -> Result<ExitCode, ExportError> {
    let code = test(folder, |cargo| cargo.env(BLESS, "1"))?;
    if code == ExitCode::SUCCESS {
        for schema in schemas(folder)? {
            println!("exported {}", schema.display());
        }
    }
    Ok(code)
}

/// Fails when a file is out of date.
pub(crate) fn check(folder: &Path) -> Result<ExitCode, ExportError> {
    let code = test(folder, |cargo| cargo.env_remove(BLESS))?;
    if code == ExitCode::SUCCESS {
        schemas(folder)?;
    }
    Ok(code)
}

fn test(
    folder: &Path,
    prepare: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<ExitCode, ExportError> {
    if !folder.join("Cargo.toml").is_file() {
        return Err(ExportError::NoCrate(folder.to_owned()));
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--quiet"]).current_dir(folder);
    let status = prepare(&mut cargo).status().map_err(ExportError::NoCargo)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The schemas in the folder: tests that pass without one have not looked at a contract.
fn schemas(folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let failed = |source| ExportError::Unreadable { folder: folder.to_owned(), source };
    let mut schemas = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.to_string_lossy().ends_with(".schema.json") {
            schemas.push(file);
        }
    }
    schemas.sort();
    if schemas.is_empty() { Err(ExportError::NoTest(folder.to_owned())) } else { Ok(schemas) }
}

/// A contract cannot be exported or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// There is no crate.
    #[error("{} has no Cargo.toml; name the folder of the contract's crate", .0.display())]
    NoCrate(PathBuf),
    /// The tests have passed, and there is no schema.
    #[error(
        "the tests of {} pass, and none of them looks after the files of a contract; write one \
         that calls `gatewire::describe::check`, as `gatewire new contract` does",
        .0.display()
    )]
    NoTest(PathBuf),
    /// Cargo cannot be run.
    #[error("cargo cannot be run: {0}")]
    NoCargo(io::Error),
    /// The folder cannot be listed.
    #[error("{} cannot be read: {source}", folder.display())]
    Unreadable { folder: PathBuf, source: io::Error },
}
