use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat<'a> {
    Typing(Typing<'a>),
}

#[message]
struct Typing<'a> {
    room: &'a str,
}

fn main() {}
