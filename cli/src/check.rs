//! `gatewire check [FILE]`

use std::process::ExitCode;

use gatewire_server::config::{Config, LoadError};

use crate::source::{FileError, Source};

/// Prints every mistake of a file, or what is in it.
pub(crate) fn check(source: &Source) -> Result<ExitCode, FileError> {
    let Some(config) = load(source)? else { return Ok(ExitCode::FAILURE) };
    let counts = [
        (config.stages.len(), "stage"),
        (config.routes.len(), "route"),
        (config.integrations.len(), "integration"),
        (config.functions.len(), "function"),
        (config.queues.len(), "queue"),
    ];
    let counts = counts.map(|(count, noun)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {noun}{plural}")
    });
    println!("{}: no mistakes; {}", source.file.display(), counts.join(", "));
    Ok(ExitCode::SUCCESS)
}

/// The configuration, or nothing if it has mistakes; they are printed.
pub(crate) fn load(source: &Source) -> Result<Option<Config>, FileError> {
    match source.load() {
        Ok(config) => Ok(Some(config)),
        Err(FileError::Config(LoadError::Wrong(mistakes))) => {
            eprintln!("{mistakes}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
