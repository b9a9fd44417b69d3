//! The client crate, compiled for the browser as small as the tools can make it, for each kind of entry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Package, inline, process};

/// One build of the crate.
struct Build {
    /// What names it: `gatewire.wasm`.
    name: &'static str,
    /// The feature of the crate that makes it.
    feature: &'static str,
    /// The JavaScript module that has it as a text.
    module: &'static str,
}

/// The whole, and what `gatewire/core` needs of it.
const BUILDS: [Build; 2] = [
    Build { name: "gatewire", feature: "js", module: "wasm" },
    Build { name: "core", feature: "js-core", module: "wasm-core" },
];

/// The bytes of the stack, which begins at address 0 and is followed by what is static. The deepest
/// call needs a few hundred, and addresses below 8,192 are short.
const STACK: usize = 4096;

/// What the shell calls, and the letter that each has in the package: the names would be a fiftieth of the
/// module. In the shell they are members with an underscore before the name, which esbuild shortens in
/// the same way ([`members`]). Everything else that the module exports or imports is for wasm-bindgen's
/// glue, which numbers do without.
const EXPORTS: [(&str, &str); 6] = [
    ("create", "c"),
    ("send", "d"),
    ("welcome", "w"),
    ("event", "e"),
    ("handle", "h"),
    ("poll", "p"),
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

/// `--low-memory-unused` is true of the first kilobyte, the far end of the stack. Taking the code apart
/// and optimizing again buys ten bytes.
const OPTIMIZER: [&str; 9] = [
    "--low-memory-unused",
    "-Oz",
    "--flatten",
    "--simplify-locals-notee-nostructure",
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Fills the `build` folder of the package.
pub(crate) fn build(package: &Package) -> Result<()> {
    let folder = package.build();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for build in &BUILDS {
        let compiled = compile(package, build)?;
        let work = compiled.with_file_name(build.name);
        let bound = bind(&compiled, &work)?;
        let pruned = work.join("pruned.wat");
        prune(package, &bound, &pruned)?;
        let small = folder.join(format!("{}.wasm", build.name));
        optimize(package, &pruned, &small)?;
        inline::write(&fs::read(&small)?, &folder, build.module)?;
    }
    Ok(())
}

/// What the members of the shell that call the module are shortened to, as esbuild reads it.
pub(crate) fn members() -> String {
    let member = |(name, letter)| format!(r#""_{name}":"{letter}""#);
    format!("{{{}}}", EXPORTS.map(member).join(","))
}

/// Compiles the crate and returns the path of its wasm.
fn compile(package: &Package, build: &Build) -> Result<PathBuf> {
    let target = target_directory(package);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    process::run(
        Command::new(cargo)
            .current_dir(&package.root)
            .args(["rustc", "--package", "gatewire-client", "--lib", "--crate-type", "cdylib"])
            .args(["--target", "wasm32-unknown-unknown", "--profile", "wasm"])
            .args(["--no-default-features", "--features", build.feature])
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

/// Gives the exports the names written in Rust, and returns the path of the wasm that has them. The glue
/// that comes with it is not used.
fn bind(compiled: &Path, folder: &Path) -> Result<PathBuf> {
    Bindgen::new()
        .input_path(compiled)
        .out_name("bound")
        .web(true)?
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(folder.join("bound_bg.wasm"))
}

/// Keeps of the module what [`EXPORTS`] reach, under their letters, and writes it as text.
fn prune(package: &Package, from: &Path, to: &Path) -> Result<()> {
    let root = |(name, _)| format!(r#"{{"name":"{name}","export":"{name}","root":true}}"#);
    let graph = to.with_extension("json");
    fs::write(&graph, format!("[{}]", EXPORTS.map(root).join(",")))
        .with_context(|| format!("cannot write {}", graph.display()))?;
    let mut command = Command::new(package.tool("wasm-metadce"));
    command.args(FEATURES).arg("--graph-file").arg(&graph);
    command.arg("--emit-text").arg(from).arg("-o").arg(to);
    process::output(&mut command)?; // what it prints is what it has removed
    let mut text = fs::read_to_string(to).context("cannot read what wasm-metadce wrote")?;
    for (name, letter) in EXPORTS {
        text = text.replace(&export(name), &export(letter));
    }
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// How an export begins in the text format.
fn export(name: &str) -> String {
    format!("(export \"{name}\" ")
}

fn optimize(package: &Package, from: &Path, to: &Path) -> Result<()> {
    let mut command = Command::new(package.tool("wasm-opt"));
    process::run(command.args(FEATURES).args(OPTIMIZER).arg(from).arg("-o").arg(to))
}
