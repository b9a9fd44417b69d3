//! Sends every message back as it came: the gateway that Autobahn's fuzzing client tests.
//!
//! It has what every gateway has, and nothing for the test alone but its figures: Autobahn's
//! messages are of up to 16 MiB, and many of them are binary.

use std::{
    error::Error,
    future::{pending, ready},
    io::{self, Write as _},
};

use futures_util::future::BoxFuture;
use gatewire::{Limits, Result};
use gatewire_server::{
    Gateway,
    integration::{Call, Frame, Integration, Outcome},
    serve,
};
use tokio::net::TcpListener;

/// The longest message of Autobahn's cases, 9.1.6 and 9.2.6.
const LONGEST: usize = 16 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = Gateway::without_contract()
        .route("$default", Echo)
        .binary(true)
        .limits(Limits { message: LONGEST, ..Limits::default() })
        .start()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on ws://{}/", listener.local_addr()?)?;
    stdout.flush()?; // whoever waits for the line reads it through a pipe
    serve(listener, gateway.router("/"), &gateway, pending()).await?;
    Ok(())
}

struct Echo;

impl Integration for Echo {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Outcome>> {
        let frame = match call.binary() {
            Some(bytes) => Frame::Binary(bytes.clone()),
            None => Frame::Text(call.body().into_owned().into()),
        };
        Box::pin(ready(Ok(Outcome::Frame(frame))))
    }
}
