use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    #[reply(Posted)]
    SendMessage(SendMessage),
}

#[message]
struct SendMessage {
    room: String,
}

#[message]
struct Posted {
    id: u32,
}

struct App;

impl Handle<SendMessage> for App {
    async fn handle(&self, _: SendMessage, _: Context<Chat>) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
