//! `wasm-bindgen-test-runner`: cargo runs it for each wasm test binary; it drives the browsers.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
