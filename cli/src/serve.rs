//! `gatewire serve [FILE]`

use std::{convert::Infallible, error::Error, process::ExitCode};

use gatewire_server::{app::Process, config::Config, shutdown_signal};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{check::load, source::Source};

/// Serves what the file says until the process is asked to end. On SIGHUP the file is read again.
pub(crate) fn serve(source: &Source) -> Result<ExitCode, Box<dyn Error>> {
    let Some(config) = load(source)? else { return Ok(ExitCode::FAILURE) };
    let filter = EnvFilter::try_from_default_env().or_else(|_| EnvFilter::try_new("info"))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(source, config))
}

async fn run(source: &Source, config: Config) -> Result<ExitCode, Box<dyn Error>> {
    // From here on signals are ours: whoever reads that it serves may send one.
    let (shutdown, hangup) = (shutdown_signal(), signal(SignalKind::hangup())?);
    let process = Process::start(config).await?;
    println!("{process}");
    let stopped = async {
        if let Err(error) = shutdown.await {
            tracing::error!(%error, "signals cannot be waited for; stopping");
        }
    };
    let reloads = reload_on(hangup, source, &process);
    tokio::select! {
        served = process.serve(stopped) => served?,
        never = reloads => match never {},
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the file again whenever SIGHUP comes. What is wrong with it is told, and changes nothing.
async fn reload_on(mut hangup: Signal, source: &Source, process: &Process) -> Infallible {
    loop {
        if hangup.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        match source.load() {
            Ok(config) => process.reload(config).await,
            Err(error) => tracing::error!("the file is not taken over:\n{error}"),
        }
    }
}
