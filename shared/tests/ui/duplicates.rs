use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    Typing(Typing),
    #[contract(rename = "typing")]
    Write(Write),
    Again(Typing),
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Write {
    room: String,
}

fn main() {}
