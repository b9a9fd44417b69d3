//! The client crate, compiled for the browser, with its glue, as small as the tools can make it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Package, inline, process};

/// The name of the module and of its glue: `gatewire.wasm`, `gatewire.js`, `gatewire.d.ts`.
const NAME: &str = "gatewire";

/// The bytes of the stack, which begins at address 0 and is followed by what is static. The deepest
/// call needs a few hundred, and addresses below 8,192 are short.
const STACK: usize = 4096;

/// What the shell calls. Everything else that the module exports or imports is for wasm-bindgen's glue,
/// which numbers do without.
const EXPORTS: [&str; 10] = [
    "create", "next_id", "seen", "send", "welcome", "event", "handle", "poll", "number", "deadline",
];

/// What rustc emits and every current browser takes. Naming the features one by one keeps out the
/// newer ones, which `--all-features` would let the optimizer use and browsers would refuse.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// `--low-memory-unused` is true of the first kilobyte, the far end of the stack.
const OPTIMIZER: [&str; 6] = [
    "-Oz",
    "--converge",
    "--low-memory-unused",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Fills the `build` folder of the package.
pub(crate) fn build(package: &Package) -> Result<()> {
    let compiled = compile(package)?;
    let folder = package.build();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let bound = bind(&compiled, &folder)?;
    let small = folder.join(format!("{NAME}.wasm"));
    let pruned = folder.join(format!("{NAME}_pruned.wasm"));
    prune(package, &bound, &pruned)?;
    optimize(package, &pruned, &small)?;
    fs::remove_file(&bound)?;
    fs::remove_file(&pruned)?;
    inline::write(&fs::read(&small)?, &folder)
}

/// Compiles the crate and returns the path of its wasm.
fn compile(package: &Package) -> Result<PathBuf> {
    let target = target_directory(package);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    process::run(
        Command::new(cargo)
            .current_dir(&package.root)
            .args([
                "rustc",
                "--package",
                "gatewire-client",
                "--lib",
                "--target",
                "wasm32-unknown-unknown",
            ])
            .args(["--profile", "wasm", "--no-default-features", "--features", "js"])
            .arg("--target-dir")
            .arg(&target)
            .args(["--", "-C", &format!("link-arg=-zstack-size={STACK}")]),
    )?;
    Ok(target.join("wasm32-unknown-unknown/wasm/gatewire_client.wasm"))
}

/// The target directory of the main workspace.
fn target_directory(package: &Package) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| package.root.join("target"), PathBuf::from)
}

/// Writes the glue and its types, and returns the path of the wasm that goes with them.
///
/// The names of exports stay as written in Rust: the shell may call them without the glue.
fn bind(compiled: &Path, folder: &Path) -> Result<PathBuf> {
    Bindgen::new()
        .input_path(compiled)
        .out_name(NAME)
        .web(true)?
        .typescript(true)
        // Without a default path there is no `new URL("….wasm", import.meta.url)` for bundlers to trip over.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(folder.join(format!("{NAME}_bg.wasm")))
}

/// Keeps of the module what [`EXPORTS`] reach.
fn prune(package: &Package, from: &Path, to: &Path) -> Result<()> {
    let root = |name| format!(r#"{{"name":"{name}","export":"{name}","root":true}}"#);
    let graph = to.with_extension("json");
    fs::write(&graph, format!("[{}]", EXPORTS.map(root).join(",")))?;
    let mut command = Command::new(package.tool("wasm-metadce"));
    let pruned = command.args(FEATURES).arg("--graph-file").arg(&graph).arg(from).arg("-o").arg(to);
    process::output(pruned)?; // it lists what it has removed
    fs::remove_file(graph).context("cannot remove the graph of exports")
}

fn optimize(package: &Package, from: &Path, to: &Path) -> Result<()> {
    let mut command = Command::new(package.tool("wasm-opt"));
    process::run(command.args(FEATURES).args(OPTIMIZER).arg(from).arg("-o").arg(to))
}
