use gatewire::prelude::*;

#[derive(Contract)]
enum Chat {
    Typing(Typing),
}

#[message]
struct Typing {
    room: String,
}

fn main() {}
