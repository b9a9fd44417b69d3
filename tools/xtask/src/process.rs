//! Runs a program to its end, or says which one failed.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Runs `command` with the terminal of this process.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| cannot_start(&name))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// Runs `command` and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| cannot_start(&name))?;
    ensure!(output.status.success(), "{name} failed ({})", output.status);
    String::from_utf8(output.stdout)
        .with_context(|| format!("{name} printed something that is not text"))
}

fn cannot_start(name: &str) -> String {
    format!("cannot start {name}; is it installed? `npm ci` at the root brings the tools from npm")
}
