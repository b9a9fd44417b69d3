//! Answers the zoo contract on a free port, for the end-to-end tests.

use std::{error::Error, io::Write as _};

use gatewire::{Context, Handle, Result};
use gatewire_server::{Gateway, serve, shutdown_signal};
use tokio::net::TcpListener;
use zoo_contract::{Animals, Balanced, Counted, Fed, Feed, Ledger, Seen, Visitors, Zoo};

struct App;

impl Handle<Animals> for App {
    async fn handle(&self, animals: Animals, cx: Context<Zoo>) -> Result<Animals> {
        cx.post(Seen { animals: animals.clone() }).await?;
        Ok(animals)
    }
}

impl Handle<Feed> for App {
    async fn handle(&self, feed: Feed, _: Context<Zoo>) -> Result<Fed> {
        Ok(Fed { animals: u32::try_from(feed.names.len())? })
    }
}

impl Handle<Ledger> for App {
    async fn handle(&self, ledger: Ledger, cx: Context<Zoo>) -> Result<Ledger> {
        cx.post(Balanced { ledger: ledger.clone() }).await?;
        Ok(ledger)
    }
}

impl Handle<Visitors> for App {
    async fn handle(&self, visitors: Visitors, cx: Context<Zoo>) -> Result<Visitors> {
        cx.post(Counted(visitors.0)).await?;
        Ok(visitors)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = Gateway::<Zoo>::new(App).start()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    let stop = async { drop(shutdown_signal().await) };
    Ok(serve(listener, gateway.router("/ws"), &gateway, stop).await?)
}
