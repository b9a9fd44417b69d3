//! `gatewire import TEMPLATE`, and templates where a `gateway.toml` is expected.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use gatewire_server::{
    config::{Config, LoadError},
    import::{ImportError, Imported, import},
};

/// There is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error(transparent)]
    Config(#[from] LoadError),
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{} cannot be written: {source}", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("{}: {source}", file.display())]
    Import { file: PathBuf, source: ImportError },
}

/// Writes the configuration that a template makes, and lists what it does not have.
pub(crate) fn write(template: &Path, output: Option<&Path>) -> Result<ExitCode, FileError> {
    let toml = read(template)?.toml;
    match output {
        Some(file) => fs::write(file, toml)
            .map_err(|source| FileError::Unwritable { file: file.to_owned(), source })?,
        None => print!("{toml}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration of a file: a template, unless its name ends in `.toml`. What of a template
/// cannot be carried over is listed.
pub(crate) fn load(file: &Path) -> Result<Config, FileError> {
    if file.extension().is_some_and(|extension| extension == "toml") {
        return Ok(Config::load(file)?);
    }
    let imported = read(file)?;
    Ok(Config::from_text(&imported.toml, &made_of(file)).map_err(LoadError::Wrong)?)
}

/// What messages call the configuration that was made of a template: their lines are not the
/// template's.
fn made_of(template: &Path) -> PathBuf {
    let name = template.file_name().unwrap_or_default().to_string_lossy();
    template.with_file_name(format!("gateway.toml of {name}"))
}

fn read(template: &Path) -> Result<Imported, FileError> {
    let text = fs::read_to_string(template)
        .map_err(|source| FileError::Unreadable { file: template.to_owned(), source })?;
    let imported =
        import(&text).map_err(|source| FileError::Import { file: template.to_owned(), source })?;
    for omission in &imported.omissions {
        eprintln!("{}:{omission}", template.display());
    }
    Ok(imported)
}
