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

#[message]
union Number {
    integer: u32,
    float: f32,
}

#[message]
trait Say {}

#[derive(Events)]
struct Left {
    who: String,
}

fn main() {}
