//! `wasm-pack` without its installer and its look-up of newer versions.

use clap::Parser;

fn main() -> anyhow::Result<()> {
    let arguments = wasm_pack::Cli::parse();
    wasm_pack::PBAR.set_log_level(arguments.log_level);
    wasm_pack::command::run_wasm_pack(arguments.cmd)
}
