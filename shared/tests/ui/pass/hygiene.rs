//! The macros name everything from the root: no prelude, and names of one's own for everything.
#![no_implicit_prelude]

#[derive(::gatewire::Contract)]
#[contract(events = Event)]
enum Chat {
    #[reply(Result)]
    Send(Option),
    #[reply(Page<Some>)]
    List(Default),
}

#[derive(::gatewire::Events)]
enum Event {
    Said(Vec),
    Referred(Into),
    Moved(ToString),
    Wrapped(Box),
    Cloned(Clone),
}

const LONGEST: ::core::primitive::usize = 8;

/// With attributes of every kind.
#[::gatewire::message]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Option {
    #[garde(length(chars, min = 1, max = LONGEST))]
    r#type: ::std::string::String,
    #[serde(default, skip_serializing_if = "::core::option::Option::is_none")]
    #[garde(range(min = 1, max = 6))]
    how_often: ::core::option::Option<::core::primitive::u8>,
    #[serde(default = "many")]
    many: ::core::primitive::u32,
    #[garde(inner(pattern("^[a-z]{1,8}$")))]
    #[garde(length(max = 3))]
    words: ::std::vec::Vec<::std::string::String>,
    #[serde(rename = "moment", with = "text")]
    #[schemars(with = "::std::string::String")]
    #[tsify(type = "string")]
    #[deprecated]
    at: String,
}

fn many() -> ::core::primitive::u32 {
    7
}

#[::gatewire::message]
struct Result(::std::vec::Vec<u32>);

#[::gatewire::message]
#[serde(default)]
struct Vec {
    u32: ::std::option::Option<u32>,
    some: Some,
    none: ::std::vec::Vec<None>,
}

impl ::core::default::Default for Vec {
    fn default() -> Self {
        Vec { u32: ::core::option::Option::None, some: Some { it: 1 }, none: ::std::vec![] }
    }
}

#[::gatewire::message]
struct Some {
    #[serde(default)]
    it: u8,
}

#[::gatewire::message]
struct None(bool);

#[::gatewire::message]
struct Page<T> {
    items: ::std::vec::Vec<T>,
    next: ::core::option::Option<::std::boxed::Box<Page<T>>>,
}

#[::gatewire::message]
struct Default;

#[::gatewire::message]
enum Into {
    #[serde(rename = "nothing")]
    Nothing,
    One(#[garde(length(min = 1))] ::std::string::String),
    Two(u8, i8),
    Named { here: bool },
}

#[::gatewire::message]
#[serde(tag = "kind", rename_all = "lowercase")]
enum ToString {
    Nothing,
    Inner(Some),
    Named {
        #[garde(range(max = 1.5))]
        here: f64,
    },
}

#[::gatewire::message]
#[serde(tag = "kind", content = "content")]
enum Box {
    Nothing,
    One(u8),
    Two(u8, i8),
    Named { here: ::std::collections::BTreeMap<::std::string::String, u8> },
}

#[::gatewire::message]
#[serde(untagged)]
enum Clone {
    One(u8),
    Named { here: ::core::primitive::char },
}

struct String(::std::string::String);

mod text {
    pub(super) fn serialize<S: ::gatewire::__private::serde::Serializer>(
        text: &super::String,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&text.0)
    }

    pub(super) fn deserialize<'de, D: ::gatewire::__private::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<super::String, D::Error> {
        use ::gatewire::__private::serde::Deserialize as _;
        ::std::string::String::deserialize(deserializer).map(super::String)
    }
}

struct App;

impl ::gatewire::Handle<Option> for App {
    async fn handle(
        &self,
        action: Option,
        _: ::gatewire::Context<Chat>,
    ) -> ::gatewire::Result<Result> {
        ::std::mem::drop(action.r#type);
        ::std::result::Result::Ok(Result(::std::vec![1]))
    }
}

impl ::gatewire::Handle<Default> for App {
    async fn handle(
        &self,
        _: Default,
        _: ::gatewire::Context<Chat>,
    ) -> ::gatewire::Result<Page<Some>> {
        let next = ::core::option::Option::None;
        ::std::result::Result::Ok(Page { items: ::std::vec![], next })
    }
}

fn main() {
    let description = <Chat as ::gatewire::describe::Describe>::describe();
    let schema = ::gatewire::describe::schema(&description).unwrap();
    ::std::assert!(::gatewire::shape::compile(&schema).is_ok());
    ::std::assert!(::gatewire::describe::typescript(&description).is_ok());
    let sent = &schema["$defs"]["Option"]["properties"];
    ::std::assert_eq!(sent["type"]["maxLength"], LONGEST);
    ::std::assert_eq!(sent["words"]["items"]["pattern"], "^[a-z]{1,8}$");
    ::std::assert_eq!(schema["$defs"]["Vec"]["properties"]["some"]["default"]["it"], 1);
}
