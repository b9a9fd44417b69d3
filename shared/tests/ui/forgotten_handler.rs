use std::sync::Arc;

use gatewire::{ServedBy, prelude::*};

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    #[reply(Posted)]
    SendMessage(SendMessage),
    Typing(Typing),
}

#[message]
struct SendMessage {
    room: String,
}

#[message]
struct Posted {
    id: u32,
}

#[message]
struct Typing {
    room: String,
}

struct App;

impl Handle<SendMessage> for App {
    async fn handle(&self, _: SendMessage, _: Context<Chat>) -> Result<Posted> {
        Ok(Posted { id: 1 })
    }
}

struct Gateway<C>(C);

impl<C> Gateway<C> {
    fn new<H>(_: impl Into<Arc<H>>)
    where
        C: ServedBy<H>,
    {
    }
}

fn main() {
    Gateway::<Chat>::new(App);
}
