//! A chat over gatewire: open the page twice, write, kill the server, start it again. Every
//! message arrives once and in order.
//!
//! | module | holds |
//! |---|---|
//! | [`app`] | what the chat does with each action |
//! | [`limits`] | what an action must keep to |
//! | [`history`] | the messages of each room, on disk |
//! | [`rooms`] | who is in which room, in memory |
//! | [`sign_in`] | tokens for visitors |
//! | [`web`] | the page, and the rest of the HTTP side |

mod app;
mod history;
mod limits;
mod rooms;
mod sign_in;
mod web;

use std::{error::Error, io::Write as _, net::SocketAddr, path::PathBuf, sync::Arc};

use chat_contract::{Chat, SendMessage};
use clap::Parser;
use gatewire_server::{Fifo, Gateway, Jwt, Store, serve, shutdown_signal};
use tokio::net::TcpListener;

use crate::{app::App, sign_in::Secret};

/// A chat over gatewire.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder for history, queue and secret; made if it is not there.
    #[arg(long, default_value = "chat-data")]
    data: PathBuf,
    /// The folder with the built page.
    #[arg(long, default_value = "www/dist")]
    page: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    std::fs::create_dir_all(&arguments.data)?;
    let secret = Arc::new(Secret::of(&arguments.data)?);
    let store = Store::open(arguments.data.join("chat.redb"))?;
    let app = App::open(store.clone(), web::now).await?;

    let gateway = Gateway::<Chat>::new(app.clone())
        .authorize(Jwt::hs256(secret.as_str())?.audience(sign_in::AUDIENCE))
        .store(&store)
        .forward::<SendMessage>(Fifo::queue("chat").group_by(|message| &message.room))
        .on_disconnect(move |cx, closed| app.clone().disconnected(cx, closed))
        .start()?;

    let listener = TcpListener::bind(arguments.listen).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?; // whoever waits for the line reads it through a pipe
    let routes = web::router(&arguments.page, secret)
        .merge(gateway.router("/ws"))
        .merge(gateway.management());
    let asked_to_stop = async {
        if let Err(error) = shutdown_signal().await {
            tracing::error!(%error, "cannot hear SIGTERM; stopping");
        }
    };
    Ok(serve(listener, routes, &gateway, asked_to_stop).await?)
}
