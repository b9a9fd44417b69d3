use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    Typing(Typing),
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Write {
    room: String,
}

struct App;

impl Handle<Write> for App {
    async fn handle(&self, _: Write, _: Context<Chat>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
