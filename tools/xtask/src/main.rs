//! `cargo xtask`: what it takes to turn the client crate into the npm package, beyond what cargo does.
//!
//! ```text
//! cargo xtask npm              build client/npm/dist, then print its sizes
//! cargo xtask size             print the sizes again; fail when an entry exceeds its budget
//! ```

mod bundle;
mod inline;
mod process;
mod size;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

/// The most bytes that an entry of the npm package may weigh, gzipped, wasm included.
///
/// The budgets of the design, below 9,000 and 6 KiB; lower them when the package has become smaller for good.
const BUDGETS: [(&str, usize); 2] = [("index.js", 8_999), ("core.js", 6_144)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    let package = Package::new();
    match arguments {
        ["npm"] => {
            wasm::build(&package)?;
            bundle::build(&package)?;
            size::report(&package, &BUDGETS)
        }
        ["size"] => size::report(&package, &BUDGETS),
        _ => bail!("usage: cargo xtask npm | cargo xtask size"),
    }
}

/// Where the npm package and the tools that build it are found.
struct Package {
    root: PathBuf,
}

impl Package {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Self { root: root.canonicalize().unwrap_or(root) }
    }

    /// The sources of the package: `client/npm`.
    fn folder(&self) -> PathBuf {
        self.root.join("client/npm")
    }

    /// What the sources import and no one edits: the wasm and its glue.
    fn build(&self) -> PathBuf {
        self.folder().join("build")
    }

    /// What is published.
    fn dist(&self) -> PathBuf {
        self.folder().join("dist")
    }

    /// A program that `npm ci` installed.
    fn tool(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}
