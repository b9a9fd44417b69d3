use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    Typing(String),
}

fn main() {}
