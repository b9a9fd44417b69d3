use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    Typing(Typing),
}

#[derive(Contract)]
#[contract(events = ())]
enum Board {
    Typing(Typing),
}

#[message]
struct Typing {
    room: String,
}

fn main() {}
