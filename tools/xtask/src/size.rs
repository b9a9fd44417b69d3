//! How much the package weighs, as a browser downloads it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{Package, process};

/// Prints the bytes of each file named, gzipped (level 9) and by brotli (quality 11), one file a line.
/// Node has both, and is there anyway.
const MEASURE: &str = "
const { readFileSync } = require('node:fs');
const { gzipSync, brotliCompressSync } = require('node:zlib');
for (const path of process.argv.slice(1)) {
  const file = readFileSync(path);
  console.log(file.length, gzipSync(file, { level: 9 }).length, brotliCompressSync(file).length);
}";

/// The files that are weighed.
const FILES: [&str; 5] = ["index.js", "core.js", "slim.js", "gatewire.wasm", "react.js"];

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
    let printed = process::output(Command::new("node").args(["--eval", MEASURE]).arg(path))?;
    let mut numbers = printed.split_whitespace().map(str::parse);
    let mut next = || {
        numbers.next().context("node printed too few numbers")?.context("node printed no number")
    };
    Ok(Size { raw: next()?, gzip: next()?, brotli: next()? })
}
