//! How much the package weighs, as a browser downloads it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{Package, process};

/// Prints the bytes of a file: as it is, and by brotli (quality 11).
const MEASURE: &str = "
const file = require('node:fs').readFileSync(process.argv[1]);
console.log(file.length, require('node:zlib').brotliCompressSync(file).length);";

/// Prints the bytes of a file by the program `gzip` (level 9). Node's own is Chromium's, which is made for
/// speed, misses matches of three bytes and so needs 1.3 % more than what servers send.
const GZIP: &str = "gzip -9 --stdout -- \"$1\" | wc -c";

/// The files that are weighed.
const FILES: [&str; 7] =
    ["index.js", "core.js", "slim.js", "gatewire.wasm", "react.js", "share.js", "share-worker.js"];

/// The bytes of one file.
struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the sizes and fails when a file exceeds its budget, in bytes, gzipped.
pub(crate) fn report(package: &Package, budgets: &[(&str, usize)]) -> Result<()> {
    println!("{:<16}{:>9}{:>9}{:>9}", "client/npm/dist", "raw", "gzip", "brotli");
    for name in FILES {
        let path = package.dist().join(name);
        if path.exists() {
            let size = measure(&path)?;
            println!("{name:<16}{:>9}{:>9}{:>9}", size.raw, size.gzip, size.brotli);
        }
    }
    for &(name, budget) in budgets {
        let gzip = measure(&package.dist().join(name))?.gzip;
        ensure!(gzip <= budget, "{name} weighs {gzip} bytes gzipped; the budget is {budget}");
        println!("{name} is within its budget of {budget} bytes gzipped");
    }
    Ok(())
}

fn measure(path: &Path) -> Result<Size> {
    let mut node = Command::new("node");
    let mut shell = Command::new("sh");
    let printed = process::output(node.args(["--eval", MEASURE]).arg(path))?
        + &process::output(shell.args(["-c", GZIP, "sh"]).arg(path))?;
    let mut numbers = printed.split_whitespace().map(str::parse);
    let mut next = || numbers.next().context("too few numbers")?.context("no number");
    let (raw, brotli, gzip) = (next()?, next()?, next()?);
    Ok(Size { raw, gzip, brotli })
}
