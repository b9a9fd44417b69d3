//! A contract that knows gatewire as `gw`: the macros find out by themselves.

use gw::prelude::*;

pub mod bare;

/// What may be asked.
#[derive(Debug, Contract)]
#[contract(events = DoorEvent)]
pub enum Door {
    /// Knock.
    #[reply(Answered)]
    Knock(Knock),
}

/// What may be told.
#[derive(Debug, Events)]
pub enum DoorEvent {
    /// Somebody knocked.
    Knocked(Knock2),
}

/// A knock.
#[message]
#[derive(Clone, Debug)]
pub struct Knock {
    /// How often: 1 to 3 times.
    #[garde(range(min = 1, max = 3))]
    pub times: u8,
}

/// A knock that was heard.
#[message]
#[derive(Clone, Debug)]
pub struct Knock2 {
    /// What was heard.
    pub knock: Knock,
}

/// What the knock led to.
#[message]
#[derive(Clone, Copy, Debug)]
pub enum Answered {
    /// Somebody was there.
    Opened,
    /// Nobody was.
    Silence,
}

#[cfg(test)]
mod tests {
    use gw::{Contract as _, describe, shape};

    use super::{Door, bare};

    #[test]
    fn the_contract_is_what_it_would_be_under_its_own_name() {
        let payload = serde_json(r#"{"times":4}"#);
        let refused = Door::decode("knock", &payload).unwrap_err();
        assert_eq!(refused.message(), "knock.times: more than 3");
        let description = <Door as describe::Describe>::describe();
        let schema = describe::schema(&description).unwrap();
        assert!(shape::compile(&schema).is_ok());
        let typescript = describe::typescript(&description).unwrap();
        assert!(typescript.d_ts.contains("knock: { data: Knock; reply: Answered }"));
    }

    #[test]
    fn a_contract_of_taken_names_is_checked_and_described() {
        let payload = serde_json(r#"{"theName":"a","words":["no spaces"]}"#);
        let refused = bare::Option::decode("into", &payload).unwrap_err();
        assert!(refused.message().starts_with("into.words[0]: "), "{refused}");

        let description = <bare::Option as describe::Describe>::describe();
        let schema = describe::schema(&description).unwrap();
        let name = &schema["$defs"]["Into"]["properties"]["theName"];
        assert_eq!(name["maxLength"], 8);
        assert_eq!(schema["$defs"]["From"]["properties"]["some"]["default"]["it"], 1);
        assert!(shape::compile(&schema).is_ok());
        // In TypeScript a name alone says which type is meant.
        let refused = describe::typescript(&description).unwrap_err().to_string();
        assert!(refused.starts_with("two types are called `Vec`"), "{refused}");
    }

    fn serde_json(text: &str) -> Box<gw::__private::RawValue> {
        gw::__private::RawValue::from_string(text.to_owned()).unwrap()
    }
}
