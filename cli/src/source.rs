//! Where the configuration of a gateway comes from: a `gateway.toml`, or a template.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use gatewire_server::{
    config::{Config, LoadError},
    import::{ImportError, Imported, import},
};

/// The file of a gateway.
#[derive(Args)]
pub(crate) struct Source {
    /// The configuration file, or an AWS template (docs/import.md).
    #[arg(default_value = "gateway.toml")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) parameters: Parameters,
}

/// What the parameters of a template are.
#[derive(Args)]
pub(crate) struct Parameters {
    /// What a parameter of the template is, instead of its default; once for each.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    given: Vec<(String, String)>,
}

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
    #[error("--parameter is for templates, and {} is none", .0.display())]
    NoTemplate(PathBuf),
}

impl Source {
    /// The configuration of the file: a template, unless its name ends in `.toml`. What of a template
    /// cannot be carried over is listed.
    pub(crate) fn load(&self) -> Result<Config, FileError> {
        let file = &self.file;
        if file.extension().is_some_and(|extension| extension == "toml") {
            if !self.parameters.given.is_empty() {
                return Err(FileError::NoTemplate(file.clone()));
            }
            return Ok(Config::load(file)?);
        }
        let imported = read(file, &self.parameters)?;
        Ok(Config::from_text(&imported.toml, &made_of(file)).map_err(LoadError::Wrong)?)
    }
}

/// Reads a template, and lists what cannot be carried over.
pub(crate) fn read(template: &Path, parameters: &Parameters) -> Result<Imported, FileError> {
    let text = fs::read_to_string(template)
        .map_err(|source| FileError::Unreadable { file: template.to_owned(), source })?;
    let parameters: BTreeMap<String, String> = parameters.given.iter().cloned().collect();
    let imported = import(&text, &parameters)
        .map_err(|source| FileError::Import { file: template.to_owned(), source })?;
    for omission in &imported.omissions {
        eprintln!("{}:{omission}", template.display());
    }
    Ok(imported)
}

/// What messages call the configuration that was made of a template: their lines are not the
/// template's.
fn made_of(template: &Path) -> PathBuf {
    let name = template.file_name().unwrap_or_default().to_string_lossy();
    template.with_file_name(format!("gateway.toml of {name}"))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
