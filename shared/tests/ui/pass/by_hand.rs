//! The derives of `#[message]`, written out; and contracts without actions or events.
use gatewire::{Described, JsonSchema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Contract)]
#[contract(events = Nothing, rename = "chatter")]
enum Chat {
    Typing(Typing),
}

#[derive(Contract)]
#[contract(events = ())]
enum Silence {}

#[derive(Events)]
enum Nothing {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Described, JsonSchema)]
struct Typing {
    room: String,
    #[tsify(type = "number")]
    #[schemars(with = "u32")]
    at: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Moment(u32);

struct App;

impl Handle<Typing> for App {
    async fn handle(&self, _: Typing, _: Context<Chat>) -> Result<()> {
        Ok(())
    }
}

fn serves<C: gatewire::ServedBy<H>, H>() {}

fn main() {
    assert_eq!(Chat::NAME, "chatter");
    serves::<Chat, App>();
    serves::<Silence, App>();
}
