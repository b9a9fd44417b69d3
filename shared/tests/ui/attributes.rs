use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = (), colour = "blue")]
enum Chat {
    #[contract(event = Left)]
    #[reply(Posted)]
    #[reply(Posted)]
    SendMessage(SendMessage),
    #[contract(rename = "$default")]
    #[reply]
    Typing(Typing),
    #[contract(rename = typing)]
    Write(Write),
}

#[message]
struct SendMessage {
    room: String,
}

#[message(debug)]
struct Posted {
    id: u32,
}

#[message]
struct Typing {
    room: String,
}

#[message]
struct Write {
    room: String,
}

#[derive(Contract)]
#[contract(events = ())]
enum Class {}

#[derive(Contract)]
#[contract(events = (), events = ())]
#[contract(rename = "one", rename = "two")]
enum Twice {}

#[message]
#[derive(Clone, gatewire::JsonSchema)]
#[derive(gatewire::__private::serde::Serialize)]
struct DerivedTwice {
    room: String,
}

fn main() {}
