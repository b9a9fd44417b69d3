//! The command `gatewire`.
//!
//! It links nobody's contract: what has to know one runs the test of the contract's own crate.

mod check;
mod diff;
mod export;
mod import;
mod new;
mod routes;
mod serve;
mod source;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use source::Source;

/// Typed WebSockets from one Rust contract, and a gateway from one file.
#[derive(Parser)]
#[command(name = "gatewire", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a gateway from its file, until SIGTERM or Ctrl-C. SIGHUP has the file read again.
    Serve(Source),
    /// Print everything that is wrong with the file of a gateway, one line each. Exits with 1 when
    /// something is, with 2 when the file cannot be read.
    Check(Source),
    /// Print the routes of a gateway, and where they lead.
    Routes(Source),
    /// Make a gateway.toml of an AWS template. What it cannot have of the template is listed on
    /// standard error, by line.
    Import(import::Options),
    /// Export, check and compare contracts.
    #[command(subcommand)]
    Contract(Contract),
    /// Start something new.
    #[command(subcommand)]
    New(New),
}

#[derive(Subcommand)]
enum Contract {
    /// Write the files that are generated from a contract, by running its crate's tests.
    Export {
        /// The folder of the contract's crate.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Fail when one of these files is out of date.
    Check {
        /// The folder of the contract's crate.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Print every change between two contracts, as it is for clients of the older one: safe or
    /// breaking. Exits with 1 when one is breaking, with 2 when a file cannot be read.
    Diff {
        /// The `.schema.json` of the older contract, such as a snapshot.
        old: PathBuf,
        /// The `.schema.json` of the newer contract.
        new: PathBuf,
    },
}

#[derive(Subcommand)]
enum New {
    /// Write a crate for a contract, with an example action and event.
    Contract(new::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Serve(source) => serve::serve(&source),
        Command::Check(source) => Ok(check::check(&source)?),
        Command::Routes(source) => Ok(routes::routes(&source)?),
        Command::Import(options) => Ok(import::import(&options)?),
        Command::Contract(Contract::Export { folder }) => Ok(export::export(&folder)?),
        Command::Contract(Contract::Check { folder }) => Ok(export::check(&folder)?),
        Command::Contract(Contract::Diff { old, new }) => Ok(diff::diff(&old, &new)?),
        Command::New(New::Contract(options)) => Ok(new::contract(&options)?),
    }
}
