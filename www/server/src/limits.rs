//! What an action must keep to, with an error that names the field.

use chat_contract::Chat;
use gatewire::{Context, Error, Result};

/// The longest room name, in characters.
const ROOM: usize = 64;

/// The longest message, in characters.
const TEXT: usize = 4000;

/// The longest tag, in characters: a UUID and some more.
const TAG: usize = 64;

/// A room's name is 1 to 64 characters, none of which is a control character.
pub(crate) fn room(action: &str, name: &str) -> Result<()> {
    let length = name.chars().count();
    if (1..=ROOM).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(invalid(format!(
        "{action}.room: a room's name has 1 to {ROOM} characters, this one has {length}"
    )))
}

/// A message is 1 to 4,000 characters, and not only blanks.
pub(crate) fn text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid("sendMessage.text: the message is empty".into()));
    }
    let length = text.chars().count();
    if length > TEXT {
        return Err(invalid(format!(
            "sendMessage.text: a message has at most {TEXT} characters, this one has {length}"
        )));
    }
    Ok(())
}

/// A tag is at most 64 characters.
pub(crate) fn tag(tag: Option<&str>) -> Result<()> {
    let length = tag.unwrap_or_default().chars().count();
    if length > TAG {
        return Err(invalid(format!(
            "sendMessage.tag: a tag has at most {TAG} characters, this one has {length}"
        )));
    }
    Ok(())
}

/// The name of who sent the action.
pub(crate) fn signed_in(cx: &Context<Chat>) -> Result<&str> {
    match cx.principal() {
        "" => Err(Error::new(Error::UNAUTHORIZED, "sign in to chat")),
        name => Ok(name),
    }
}

fn invalid(message: String) -> Error {
    Error::new(Error::INVALID, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_something_to_say_and_an_end() {
        assert!(text(&"é".repeat(4000)).is_ok());
        let error = text(&"é".repeat(4001)).unwrap_err();
        assert_eq!(
            error.message(),
            "sendMessage.text: a message has at most 4000 characters, this one has 4001"
        );
        let error = text(" \n ").unwrap_err();
        assert_eq!(error.message(), "sendMessage.text: the message is empty");
    }

    #[test]
    fn a_room_has_a_name_one_can_read() {
        assert!(room("join", &"x".repeat(64)).is_ok());
        for name in ["", "a\nb", &"x".repeat(65)] {
            let error = room("join", name).unwrap_err();
            assert_eq!(error.code(), Error::INVALID);
            assert!(error.message().starts_with("join.room: "), "{error}");
        }
    }

    #[test]
    fn a_tag_is_short() {
        assert!(tag(None).is_ok());
        assert!(tag(Some(&"x".repeat(65))).is_err());
    }
}
