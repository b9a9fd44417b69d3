//! The files that are published: each entry as one minified module, with its types.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{Package, process, wasm};

/// An entry of the package: its source, and the hand-written types it is published with.
struct Entry {
    name: &'static str,
    source: &'static str,
    /// None for what no one imports.
    types: Option<&'static str>,
}

/// `index` is the package itself; the others are there for those who ask for them.
const ENTRIES: [Entry; 6] = [
    Entry { name: "index", source: "index.ts", types: Some("gatewire.d.ts") },
    Entry { name: "core", source: "basic.ts", types: Some("core.d.ts") },
    Entry { name: "slim", source: "slim.ts", types: Some("slim.d.ts") },
    Entry { name: "react", source: "react.ts", types: Some("react.d.ts") },
    Entry { name: "share", source: "share.ts", types: Some("share.d.ts") },
    Entry { name: "share-worker", source: "share-worker.ts", types: None },
];

/// Fills the `dist` folder of the package.
pub(crate) fn build(package: &Package) -> Result<()> {
    let (folder, dist) = (package.folder(), package.dist());
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    for entry in ENTRIES {
        let source = folder.join("src").join(entry.source);
        bundle(package, &source, &dist.join(format!("{}.js", entry.name)))?;
        if let Some(types) = entry.types {
            copy(&folder.join(types), &dist.join(format!("{}.d.ts", entry.name)))?;
        }
    }
    copy(&package.build().join("gatewire.wasm"), &dist.join("gatewire.wasm"))
}

/// What is left out is shorter, and after gzip longer: 21 bytes of the package (measured).
const COMPRESS: &str = "passes=3,inline=1,if_return=false,lhs_constants=false";

/// esbuild makes one file of many; terser then finds 3 % that esbuild leaves.
fn bundle(package: &Package, source: &Path, output: &Path) -> Result<()> {
    // esbuild adds to it, and what one entry calls a member is no business of the next.
    let members = package.build().join("members.json");
    fs::write(&members, wasm::members())
        .with_context(|| format!("cannot write {}", members.display()))?;
    process::run(
        Command::new(package.tool("esbuild"))
            .current_dir(package.folder())
            .arg(source)
            .arg(format!("--outfile={}", output.display()))
            .args([
                "--bundle",
                "--minify",
                "--format=esm",
                "--target=es2022",
                // The package's own members; what others see has no such name.
                "--mangle-props=^_",
                "--log-level=warning",
            ])
            .arg(format!("--mangle-cache={}", members.display()))
            .args(["--external:gatewire", "--external:react"]),
    )?;
    process::run(
        Command::new(package.tool("terser"))
            .arg(output)
            .args(["--module", "--compress", COMPRESS, "--mangle", "--output"])
            .arg(output),
    )
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
