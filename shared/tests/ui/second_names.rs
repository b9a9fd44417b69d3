use gatewire::prelude::*;

#[message]
struct Typing {
    #[serde(default, alias = "place")]
    room: String,
}

#[message]
#[serde(tag = "kind")]
enum Search {
    #[serde(alias = "word")]
    Text,
    #[serde(other)]
    Unknown,
}

#[message]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"))]
struct Write {
    #[serde(rename(serialize = "roomName"))]
    room_name: String,
}

fn main() {}
