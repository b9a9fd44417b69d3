use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
enum Chat {
    #[reply(Posted)]
    Send(Send),
}

struct Send {
    text: String,
}

#[message]
struct Posted {
    id: u32,
}

fn main() {}
