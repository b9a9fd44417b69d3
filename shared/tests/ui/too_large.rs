use gatewire::prelude::*;

#[message]
struct Statistics {
    total: u128,
}

fn main() {}
