//! Everything that serde says and the wire carries, in one contract: what goes in comes back.

use std::collections::{BTreeMap, HashMap};

use gatewire::{
    prelude::*,
    types::{Bytes, Int64, Timestamp, Uint64},
};

/// What a browser may ask.
#[derive(Debug, Contract)]
#[expect(clippy::large_enum_variant, reason = "an action is moved once, and this one has it all")]
#[contract(events = ZooEvent)]
pub enum Zoo {
    /// Answers with what it got, and posts the same as an event.
    #[reply(Animals)]
    Mirror(Animals),
    /// Accepts what keeps to its constraints.
    #[reply(Fed)]
    Feed(Feed),
    /// Answers with what it got, and posts the same as an event.
    #[reply(Ledger)]
    Balance(Ledger),
    /// Answers with the same number, and posts it as an event.
    #[reply(Visitors)]
    Count(Visitors),
}

/// What the zoo may tell a browser.
#[derive(Debug, Events)]
#[expect(clippy::large_enum_variant, reason = "an event is written once, and this one has it all")]
pub enum ZooEvent {
    /// What somebody sent to [`Zoo::Mirror`].
    Seen(Seen),
    /// What somebody sent to [`Zoo::Balance`].
    Balanced(Balanced),
    /// What somebody sent to [`Zoo::Count`].
    Counted(Counted),
}

/// One field for each thing that can be said.
#[message]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Animals {
    /// Yes or no.
    pub is_open: bool,
    /// A small integer.
    pub tiny: i8,
    /// An integer as large as JSON numbers carry exactly.
    pub large: u64,
    /// A negative one.
    pub deep: i64,
    /// An integer of all 64 bits: digits in a string on the wire.
    pub whole: Int64,
    /// The same, unsigned.
    pub huge: Uint64,
    /// A moment.
    pub born: Timestamp,
    /// Bytes.
    pub picture: Bytes,
    /// A number with a fraction.
    pub weight: f64,
    /// Any text.
    pub name: String,
    /// One character.
    pub letter: char,
    /// Nothing.
    pub nothing: (),
    /// Another name on the wire.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Present or `null`.
    pub nickname: Option<String>,
    /// Present or left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Left out when it has its default.
    #[serde(default)]
    pub count: u32,
    /// Never on the wire.
    #[serde(skip)]
    pub secret: u32,
    /// A struct inside.
    pub keeper: Keeper,
    /// A list of lists.
    pub paths: Vec<Vec<Point>>,
    /// A map from text.
    pub ages: HashMap<String, u8>,
    /// A map in order.
    pub cages: BTreeMap<String, Vec<String>>,
    /// A tuple.
    pub pair: (String, i32),
    /// A newtype.
    pub tag: Tag,
    /// An enum with the variant as key.
    pub external: External,
    /// An enum with the variant in a member.
    pub internal: Internal,
    /// An enum with variant and content in two members.
    pub adjacent: Adjacent,
    /// An enum told apart by its content.
    pub untagged: Untagged,
}

/// What was sent.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The animals.
    pub animals: Animals,
}

/// A plain enum.
#[message]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Has fur.
    Mammal,
    /// Lays eggs and flies.
    SongBird,
}

/// Who keeps them.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Keeper {
    /// Their name.
    pub name: String,
    /// Their shifts.
    #[serde(default)]
    pub shifts: Vec<String>,
}

/// A place, as a tuple struct.
#[message]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point(pub f64, pub f64);

/// A newtype of a text.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub String);

/// Externally tagged.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub enum External {
    /// A unit variant.
    Asleep,
    /// A newtype variant.
    Walking(f64),
    /// A tuple variant.
    Between(String, String),
    /// A struct variant.
    Eating {
        /// What.
        food: String,
    },
}

/// Internally tagged.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "how", rename_all = "camelCase")]
pub enum Internal {
    /// A unit variant.
    OnFoot,
    /// A struct variant.
    ByTrain {
        /// Which.
        number: u16,
    },
}

/// Adjacently tagged.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "t", content = "c")]
pub enum Adjacent {
    /// A unit variant.
    Nowhere,
    /// A newtype variant.
    Cage(u16),
}

/// Untagged.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(untagged)]
pub enum Untagged {
    /// By number.
    Number(u16),
    /// By name.
    Name(String),
}

/// Integers of 64 bits wherever a value can be.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// A newtype of one.
    pub cents: Cents,
    /// A list of them.
    pub entries: Vec<Int64>,
    /// Perhaps one.
    pub limit: Option<Uint64>,
    /// Perhaps left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Int64>,
    /// By name, in lists.
    pub accounts: BTreeMap<String, Vec<Option<Int64>>>,
    /// With others.
    pub range: (Int64, u8, Uint64),
    /// With the variant as key.
    pub external: Vec<Payment>,
    /// With the variant in a member.
    pub internal: Vec<Invoice>,
    /// With variant and content in two members.
    pub adjacent: Vec<Grant>,
    /// Told apart by its content.
    pub untagged: Vec<Amount>,
    /// More of the same.
    pub next: Option<Box<Self>>,
}

/// A newtype of an integer of 64 bits.
#[message]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cents(pub Int64);

/// Externally tagged, with integers of 64 bits.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// A unit variant.
    None,
    /// A newtype variant.
    Cash(Uint64),
    /// A tuple variant.
    Split(Int64, Int64),
    /// A struct variant.
    Card {
        /// How much.
        cents: Int64,
    },
}

/// Internally tagged, with integers of 64 bits.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "kind")]
pub enum Invoice {
    /// A struct variant.
    Open {
        /// How much.
        cents: Int64,
    },
    /// A text that looks like one.
    Noted {
        /// The same name, and another type.
        cents: String,
    },
}

/// Adjacently tagged, with integers of 64 bits.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "t", content = "c")]
pub enum Grant {
    /// A newtype variant.
    Yearly(Uint64),
    /// A struct variant.
    Once {
        /// How much.
        cents: Int64,
    },
}

/// Untagged: the first variant has an integer of 64 bits where the second has a text.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(untagged)]
pub enum Amount {
    /// In cents, and who agreed.
    Exact {
        /// How much.
        cents: Int64,
        /// Who agreed.
        agreed: bool,
    },
    /// In words, or in digits.
    Rough {
        /// How much, more or less.
        cents: String,
    },
    /// Nothing but the number.
    Bare(Uint64),
}

/// What was sent.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balanced {
    /// The ledger.
    pub ledger: Ledger,
}

/// How many came, ever: an integer of 64 bits is the whole value.
#[message]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitors(pub Uint64);

/// How many were counted.
#[message]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted(pub Uint64);

/// What an animal gets.
#[message]
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// What: 2 to 20 characters.
    #[garde(length(min = 2, max = 20))]
    pub food: String,
    /// How much, in kilograms.
    #[garde(range(min = 0.5, max = 50.0))]
    pub amount: f64,
    /// How often a day.
    #[garde(range(min = 1, max = 6))]
    pub times: u8,
    /// A label: lower-case letters and digits.
    #[garde(pattern("^[a-z]+[0-9]{2,4}$"))]
    pub label: String,
    /// For whom: at least one.
    #[garde(length(min = 1))]
    pub names: Vec<String>,
}

/// They are fed.
#[message]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fed {
    /// How many of them.
    pub animals: u32,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_typescript_is_current() -> Result<(), gatewire::describe::CheckError> {
        gatewire::describe::check::<super::Zoo>(env!("CARGO_MANIFEST_DIR"))
    }
}
