//! `cargo xtask`: what it takes to turn the client crate into the npm package, beyond what cargo does.
//!
//! ```text
//! cargo xtask npm              build client/npm/dist, then print its sizes
//! cargo xtask size [BYTES]     print the sizes again; fail when the default entry, gzipped, exceeds BYTES
//! ```

mod bundle;
mod inline;
mod process;
mod size;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// The most bytes that the default entry of the npm package may weigh, gzipped, wasm included.
///
/// The budget of the design; lower it when the package has become smaller for good.
const BUDGET: usize = 9_000;

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
            size::report(&package, BUDGET)
        }
        ["size"] => size::report(&package, BUDGET),
        ["size", bytes] => {
            let budget =
                bytes.parse().with_context(|| format!("`{bytes}` is not a number of bytes"))?;
            size::report(&package, budget)
        }
        _ => bail!("usage: cargo xtask npm | cargo xtask size [BYTES]"),
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
