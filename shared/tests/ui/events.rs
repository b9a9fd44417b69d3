use gatewire::prelude::*;

#[derive(Events)]
#[contract(rename = "chat")]
#[serde(rename_all = "camelCase")]
enum ChatEvent {
    #[reply(Left)]
    Left(Left),
    Gone(Left),
    #[contract(rename = "left")]
    Came { who: String },
    #[contract(events = ())]
    Here,
    #[contract(rename = "")]
    Nameless(Nameless),
}

#[message]
struct Left {
    who: String,
}

#[message]
struct Nameless {
    who: String,
}

fn main() {}
