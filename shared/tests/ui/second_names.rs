use gatewire::prelude::*;

#[message]
struct Typing {
    #[serde(default, alias = "place")]
    room: String,
}

#[message]
#[serde(tag = "kind")]
enum Search {
    Text,
    #[serde(other)]
    Unknown,
}

fn main() {}
