//! The macros name everything from the root: no prelude, and names of one's own for everything.
#![no_implicit_prelude]

// What schemars's derive takes for granted.
use ::std::{convert::Into as _, default::Default as _, option::Option::Some};

#[derive(::gatewire::Contract)]
#[contract(events = Event)]
enum Chat {
    #[reply(Result)]
    Send(Option),
}

#[derive(::gatewire::Events)]
enum Event {
    Said(Vec),
    Referred(Reference),
}

#[::gatewire::message]
struct Option {
    r#type: ::std::string::String,
}

#[::gatewire::message]
struct Result(::std::vec::Vec<u32>);

#[::gatewire::message]
struct Vec {
    #[serde(default)]
    u32: ::std::option::Option<u32>,
}

#[::gatewire::message]
struct Reference(bool);

struct String;

impl ::gatewire::Handle<Option> for String {
    async fn handle(
        &self,
        action: Option,
        _: ::gatewire::Context<Chat>,
    ) -> ::gatewire::Result<Result> {
        ::std::mem::drop(action.r#type);
        ::std::result::Result::Ok(Result(::std::vec![1]))
    }
}

fn main() {
    let actions: [Chat; 0] = [];
    for action in actions {
        match action {
            Chat::Send(_) => {}
        }
    }
    let events: [Event; 0] = [];
    for event in events {
        match event {
            Event::Said(_) | Event::Referred(_) => {}
        }
    }
}
