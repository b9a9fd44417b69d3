use gatewire::prelude::*;

#[message]
struct Person {
    #[garde(email)]
    address: String,
    #[garde(url, length(max = 64))]
    page: String,
    #[garde(custom(is_polite))]
    name: String,
    #[garde(contains("@"))]
    handle: String,
    #[garde(required)]
    motto: Option<String>,
    #[garde(lenght(max = 64))]
    about: String,
    #[schemars(email)]
    other_address: String,
    #[garde(skip)]
    anything: String,
}

#[message]
struct Bounds {
    #[garde(length(bytes, max = 64))]
    bytes: String,
    #[garde(length)]
    none: String,
    #[garde(length(min = 1, equal = 2))]
    twice: String,
    #[garde(range(min = "1"))]
    text: u8,
    #[garde(range(least = 1))]
    unknown: u8,
    #[garde(length(max = 1), length(min = 1))]
    again: String,
    #[garde(pattern)]
    pattern: String,
    #[garde]
    nothing: String,
    #[garde(inner(email))]
    inner: Vec<String>,
}

#[message]
#[garde(custom(is_polite))]
struct Places {
    #[serde(flatten)]
    #[garde(length(min = 1))]
    flat: Flat,
    #[serde(skip)]
    #[garde(length(min = 1))]
    skipped: String,
}

#[message]
struct Flat {
    x: u8,
}

#[message]
enum Variants {
    #[garde(length(min = 1))]
    Text(String),
    #[serde(skip)]
    Skipped(#[garde(length(min = 1))] String),
    #[schemars(with = "String")]
    Replaced(#[garde(length(min = 1))] String),
}

#[message]
#[serde(try_from = "String")]
struct Checked {
    #[garde(length(min = 1))]
    text: String,
}

impl TryFrom<String> for Checked {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        Ok(Self { text })
    }
}

fn main() {}
