//! A contract where nothing has the name it usually has: no prelude, and types called like what is
//! in it. Whatever the features of gatewire, the macros find their way.
#![no_implicit_prelude]

/// What may be asked.
#[derive(::core::fmt::Debug, ::gw::Contract)]
#[contract(events = Result)]
pub enum Option {
    /// Ask for all of it.
    #[reply(Vec<Some>)]
    Default(Default),
    /// Ask for one.
    #[reply(String)]
    Into(Into),
}

/// What may be told.
#[derive(::core::fmt::Debug, ::gw::Events)]
pub enum Result {
    /// By variant as key.
    External(Box),
    /// By variant in a member.
    Internal(Clone),
    /// By two members.
    Adjacent(ToString),
    /// By content.
    Untagged(Iterator),
}

/// Nothing to say.
#[::gw::message]
#[derive(::core::fmt::Debug)]
pub struct Default;

/// Constraints, defaults and other names.
#[::gw::message]
#[derive(::core::fmt::Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Into {
    /// A constant bounds it.
    #[garde(length(chars, min = 1, max = LONGEST))]
    pub the_name: ::std::string::String,
    /// Left out when there is none.
    #[serde(default, skip_serializing_if = "::core::option::Option::is_none")]
    #[garde(range(min = 1, max = 6))]
    pub how_often: ::core::option::Option<u8>,
    /// Several, short and plain.
    #[garde(length(max = 3), inner(pattern("^[a-z]{1,8}$")))]
    pub words: ::std::vec::Vec<::std::string::String>,
    /// By a type of this module.
    #[serde(rename = "some", default = "one")]
    pub one: Some,
}

/// The longest name, in characters.
pub const LONGEST: usize = 8;

fn one() -> Some {
    Some { it: 1 }
}

/// Held by others.
#[::gw::message]
#[derive(::core::fmt::Debug)]
pub struct Some {
    /// A number.
    #[serde(default)]
    pub it: u32,
}

/// Not what it is called.
#[::gw::message]
#[derive(::core::fmt::Debug)]
pub struct String(pub bool);

/// A type of types, with a default of its own.
#[::gw::message]
#[derive(::core::fmt::Debug)]
pub struct Vec<T> {
    /// What it holds.
    pub items: ::std::vec::Vec<T>,
    /// And more of it.
    pub next: ::core::option::Option<::std::boxed::Box<Vec<T>>>,
}

/// Externally tagged.
#[::gw::message]
#[derive(::core::fmt::Debug)]
pub enum Box {
    /// Nothing in it.
    #[serde(rename = "empty")]
    Empty,
    /// One thing.
    One(#[garde(length(min = 1))] ::std::string::String),
    /// Two.
    Two(u8, i8),
    /// A named one.
    Named {
        /// Its name.
        it: char,
    },
}

/// Internally tagged.
#[::gw::message]
#[derive(::core::fmt::Debug)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Clone {
    /// Nothing in it.
    Empty,
    /// A struct.
    Held(Some),
    /// A named thing.
    Named {
        /// At most so much.
        #[garde(range(max = 1.5))]
        it: f64,
    },
}

/// Adjacently tagged.
#[::gw::message]
#[derive(::core::fmt::Debug)]
#[serde(tag = "kind", content = "content")]
pub enum ToString {
    /// Nothing in it.
    Empty,
    /// One thing, or none.
    One(::core::option::Option<u8>),
    /// A map.
    Named {
        /// By name.
        it: ::std::collections::BTreeMap<::std::string::String, u8>,
    },
}

/// Told apart by their content, and a default for all fields of one.
#[::gw::message]
#[derive(::core::fmt::Debug)]
#[serde(untagged)]
pub enum Iterator {
    /// A number.
    Number(u8),
    /// A struct.
    Settings(From),
}

/// Every field may be left out.
#[::gw::message]
#[derive(::core::fmt::Debug)]
#[serde(default)]
pub struct From {
    /// A text.
    pub text: ::std::string::String,
    /// Something else.
    pub some: Some,
}

impl ::core::default::Default for From {
    fn default() -> Self {
        From { text: ::core::convert::From::from("none"), some: one() }
    }
}
