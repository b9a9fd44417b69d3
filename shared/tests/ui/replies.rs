use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
#[serde(tag = "action")]
enum Chat {
    #[reply(Posted, Kept)]
    Send(Send),
    #[reply(Posted { id: u32 })]
    Write(Write),
    #[reply = "Posted"]
    #[serde(rename = "type")]
    Typing(Typing),
}

#[message]
struct Send {
    text: String,
}

#[message]
struct Write {
    text: String,
}

#[message]
struct Typing {
    text: String,
}

fn main() {}
