use gatewire::prelude::*;

#[derive(Contract)]
#[contract(events = ())]
struct Chat;

#[derive(Events)]
enum ChatEvent<T> {
    Left(T),
}

#[message]
fn typing() {}

fn main() {}
