use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ChatEvent)]
enum Chat {
    Leave,
    Typing { room: String },
    Move(u32, u32),
    Write(Write),
}

#[derive(Events)]
enum ChatEvent {
    Left,
}

#[message]
struct Write {
    room: String,
}

fn main() {
    assert_eq!(Chat::from(Write { room: String::new() }).route(), "write");
}
