use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ChatEvent)]
enum Chat {
    Typing(Typing),
}

#[derive(Events)]
enum ChatEvent {
    Left(Left),
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Left {
    who: String,
}

#[message]
struct Won {
    who: String,
}

struct App;

impl Handle<Typing> for App {
    async fn handle(&self, typing: Typing, cx: Context<Chat>) -> Result<()> {
        cx.post(Won { who: typing.room }).await?;
        Ok(())
    }
}

fn main() {}
