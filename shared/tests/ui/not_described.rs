use gatewire::prelude::*;

#[message]
struct Typing {
    at: Moment,
    #[tsify(type = "number")]
    #[schemars(with = "u32")]
    until: Moment,
}

#[derive(gatewire::__private::serde::Serialize, gatewire::__private::serde::Deserialize)]
#[serde(crate = "gatewire::__private::serde")]
struct Moment(u32);

fn main() {}
