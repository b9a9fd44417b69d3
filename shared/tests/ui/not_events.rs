use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = Left)]
enum Chat {
    Typing(Typing),
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Left {
    who: String,
}

fn main() {}
