//! `gatewire import TEMPLATE`

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::source::{FileError, Parameters, read};

#[derive(Args)]
pub(crate) struct Options {
    /// The template, in YAML or JSON.
    template: PathBuf,
    /// Where the configuration goes, instead of standard output. Its paths are relative to the
    /// folder of the template.
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    parameters: Parameters,
}

/// Writes the configuration that a template makes, and lists what it does not have.
pub(crate) fn import(options: &Options) -> Result<ExitCode, FileError> {
    let toml = read(&options.template, &options.parameters)?.toml;
    match &options.output {
        Some(file) => fs::write(file, toml)
            .map_err(|source| FileError::Unwritable { file: file.clone(), source })?,
        None => print!("{toml}"),
    }
    Ok(ExitCode::SUCCESS)
}
